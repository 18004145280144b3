"""Which sums of the figures are kept beside the days' own numbers, so that a report of years reads few rows?

A day of a large city has some ten thousand numbers, by unit, matter and district at once.  Kept beside them are the
day's sums by each of these alone, and the same of the whole month; of a unit's matters the month's only.  All are made
anew from the day's numbers whenever a day is counted, never by adding a difference, so that they cannot drift.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, case, delete, func, insert, literal, select, text
from sqlalchemy.orm import Session

from routing.figures import Figure
from routing.tables import FIGURE_SUMS, DayFigureRow


class By(StrEnum):
    """What is added up apart; `code` of a row is the unit, the matter or the district."""

    ALL = "all"
    UNIT = "unit"
    MATTER = "matter"
    DISTRICT = "district"
    UNIT_MATTER = "unit_matter"  # months only; `matter` of the row is the matter


S = FIGURE_SUMS.c
CODES: Mapping[By, Any] = {
    By.ALL: literal(""),
    By.UNIT: DayFigureRow.unit,
    By.MATTER: DayFigureRow.matter,
    By.DISTRICT: DayFigureRow.district,
}
FIGURES = tuple(Figure)
COLUMNS = ("by", "span", "code", "matter", *FIGURES)


def spans(since: date, until: date) -> list[str]:
    """The days and whole months that make up a period, both ends included; "2026-03" is a month."""
    found, day = [], since
    while day <= until:
        after = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        if day.day == 1 and after - timedelta(days=1) <= until:
            found.append(month_of(day))
            day = after
        else:
            found.append(day.isoformat())
            day += timedelta(days=1)
    return found


def month_of(day: date) -> str:
    return day.isoformat()[:7]


def _whole(session: Session, until: date) -> date:
    """The end of the month where no day of it after `until` was counted: its sums are those up to there."""
    end = (until.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    later = select(S.span).where(S.by == By.ALL, S.span > until.isoformat(), S.span <= end.isoformat())
    return until if session.scalars(later.limit(1)).first() else end


def alone(session: Session) -> None:
    """Until the end of this transaction nobody else counts; readers go on.  SQLite has one writer anyway.

    Two who count days of one month at once would each miss what the other wrote.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE figure_sums IN SHARE ROW EXCLUSIVE MODE"))


def add_up(session: Session, days: Sequence[date]) -> None:
    """The sums of these days and of their months, from the days' numbers; `alone` came before.  The caller commits."""
    months = {month_of(day) for day in days}
    names = [*(day.isoformat() for day in days), *months]
    session.execute(delete(FIGURE_SUMS).where(S.by.in_(By), S.span.in_(names)))
    for day in days:
        _of_day(session, day.isoformat())
    for month in months:
        _of_month(session, month)


F = DayFigureRow
PIVOTED = [func.sum(case((F.figure == figure, F.n), else_=0)) for figure in Figure]


def _of_day(session: Session, name: str) -> None:
    for by, code in CODES.items():
        listed = select(literal(by), literal(name), code, literal(""), *PIVOTED).where(F.day == name)
        _keep(session, listed.group_by(code) if by is not By.ALL else listed.having(func.count() > 0))


def _of_month(session: Session, month: str) -> None:
    first, last = f"{month}-01", f"{month}-31"
    _keep(
        session,
        select(S.by, literal(month), S.code, literal(""), *(func.sum(S[figure]) for figure in Figure))
        .where(S.by.in_(CODES), S.span >= first, S.span <= last)
        .group_by(S.by, S.code),
    )
    _keep(
        session,
        select(literal(By.UNIT_MATTER), literal(month), F.unit, F.matter, *PIVOTED)
        .where(F.day >= first, F.day <= last, F.unit != "")
        .group_by(F.unit, F.matter),
    )


def _keep(session: Session, rows: Select[*tuple[Any, ...]]) -> None:
    session.execute(insert(FIGURE_SUMS).from_select(COLUMNS, rows))


def sums(session: Session, by: Sequence[By], since: date, until: date) -> dict[By, dict[str, dict[Figure, int]]]:
    """Of a period, by each of `by` and its codes: the figures that are not 0."""
    rows = session.execute(
        select(S.by, S.code, *(func.sum(S[figure]) for figure in Figure))
        .where(S.by.in_(by), S.span.in_(spans(since, _whole(session, until))))
        .group_by(S.by, S.code)
    )
    found: dict[By, dict[str, dict[Figure, int]]] = {one: {} for one in by}
    for name, code, *counts in rows:
        found[By(name)][code] = {figure: int(n) for figure, n in zip(FIGURES, counts, strict=True) if n}
    return found


def of_days(session: Session, since: date, until: date) -> dict[str, tuple[int, int]]:
    """Calls and cases opened on every day of a period that was counted, by its ISO date; months stand among them."""
    first, last = since.isoformat(), until.isoformat()
    rows = session.execute(
        select(S.span, S[Figure.CALLS], S[Figure.OPENED]).where(S.by == By.ALL, S.span >= first, S.span <= last)
    )
    return {span: (calls, opened) for span, calls, opened in rows}


def opened(session: Session, since: date, until: date) -> dict[str, int]:
    """Cases opened in a period, by matter."""
    rows = session.execute(
        select(S.code, func.sum(S[Figure.OPENED]))
        .where(S.by == By.MATTER, S.span.in_(spans(since, _whole(session, until))))
        .group_by(S.code)
    )
    return {matter: int(n) for matter, n in rows}


def months_of_unit(
    session: Session, unit: str, months: Sequence[str], figures: Sequence[Figure]
) -> list[tuple[str, str, dict[Figure, int]]]:
    """Month, matter and these figures of one unit."""
    rows = session.execute(
        select(S.span, S.matter, *(S[f] for f in figures)).where(
            S.by == By.UNIT_MATTER, S.span.in_(months), S.code == unit
        )
    )
    return [(span, matter, dict(zip(figures, counts, strict=True))) for span, matter, *counts in rows]
