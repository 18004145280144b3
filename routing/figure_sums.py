"""Which sums of the figures are kept beside the days' own numbers, so that a report of years reads few rows?

A day of a large city has some ten thousand numbers, by unit, matter and district at once.  Kept beside them are the
day's sums by each of these alone, and the same of the whole month and year; of a unit's matters the month's only.  All
are made anew from the day's numbers whenever a day is counted, never by adding a difference, so that they cannot drift.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, delete, func, insert, literal, select, text
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


@dataclass(frozen=True, slots=True)
class Span:
    """A day, a month ("2026-03") or a year ("2026"), `until` included."""

    name: str
    since: date
    until: date

    @classmethod
    def year(cls, day: date) -> "Span":
        """The year of a day."""
        return cls(day.isoformat()[:4], day.replace(month=1, day=1), day.replace(month=12, day=31))

    @classmethod
    def month(cls, day: date) -> "Span":
        """The month of a day."""
        after = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        return cls(day.isoformat()[:7], day.replace(day=1), after - timedelta(days=1))

    def parts(self) -> Iterator["Span"]:
        """A year's months, a month's days."""
        day = self.since
        while day <= self.until:
            part = Span.month(day) if len(self.name) == len("2026") else Span(day.isoformat(), day, day)
            yield part
            day = part.until + timedelta(days=1)


def spans(since: date, until: date) -> dict[str, int]:
    """The few spans whose sums make up a period, both ends included: 1 is added, -1 taken away again."""
    found: list[tuple[str, int]] = []
    year = Span.year(since)
    while year.since <= until:
        found += _cover(year, since, until)
        year = Span.year(year.until + timedelta(days=1))
    return dict(found)


def _cover(whole: Span, since: date, until: date) -> list[tuple[str, int]]:
    if since <= whole.since and whole.until <= until:
        return [(whole.name, 1)]
    if whole.until < since or until < whole.since:
        return []
    parts = list(whole.parts())
    inside = [one for part in parts for one in _cover(part, since, until)]
    outside = [
        (name, -sign)
        for ends in ((whole.since, since - timedelta(days=1)), (until + timedelta(days=1), whole.until))
        for part in parts
        for name, sign in _cover(part, *ends)
    ]
    return min(inside, [(whole.name, 1), *outside], key=len)


def _whole(session: Session, until: date) -> date:
    """The end of the year, else of the month, where no later day of it was counted: its sums are up to `until`."""
    year, month = Span.year(until), Span.month(until)
    later = select(func.min(S.span)).where(S.by == By.ALL, S.span > until.isoformat(), S.span <= year.until.isoformat())
    following = session.scalar(later.where(func.length(S.span) == len("2026-03-02")))
    if following is None:
        return year.until
    return month.until if following > month.until.isoformat() else until


def alone(session: Session) -> None:
    """Until the end of this transaction nobody else counts; readers go on.  SQLite has one writer anyway.

    Two who count days of one month at once would each miss what the other wrote.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE figure_sums IN SHARE ROW EXCLUSIVE MODE"))


def add_up(session: Session, days: Sequence[date]) -> None:
    """Sums of these days, their months and years, from the days' numbers; `alone` came before.  The caller commits."""
    months, years = {Span.month(day).name for day in days}, {Span.year(day).name for day in days}
    names = [*(day.isoformat() for day in days), *months, *years]
    session.execute(delete(FIGURE_SUMS).where(S.by.in_(By), S.span.in_(names)))
    for day in days:
        _of_day(session, day.isoformat())
    for month in months:
        _of_month(session, month)
    for year in years:
        _of_parts(session, year, f"{year}-01", f"{year}-12", len("2026-03"))


F = DayFigureRow
PIVOTED = [func.sum(case((F.figure == figure, F.n), else_=0)) for figure in Figure]


def _of_day(session: Session, name: str) -> None:
    for by, code in CODES.items():
        listed = select(literal(by), literal(name), code, literal(""), *PIVOTED).where(F.day == name)
        _keep(session, listed.group_by(code) if by is not By.ALL else listed.having(func.count() > 0))


def _of_month(session: Session, month: str) -> None:
    first, last = f"{month}-01", f"{month}-31"
    _of_parts(session, month, first, last, len(first))
    _keep(
        session,
        select(literal(By.UNIT_MATTER), literal(month), F.unit, F.matter, *PIVOTED)
        .where(F.day >= first, F.day <= last, F.unit != "")
        .group_by(F.unit, F.matter),
    )


def _of_parts(session: Session, name: str, first: str, last: str, length: int) -> None:
    """A month from its days, a year from its months; `length`: of the parts' names, which stand among others."""
    _keep(
        session,
        select(S.by, literal(name), S.code, literal(""), *(func.sum(S[figure]) for figure in Figure))
        .where(S.by.in_(CODES), S.span >= first, S.span <= last, func.length(S.span) == length)
        .group_by(S.by, S.code),
    )


def _keep(session: Session, rows: Select[*tuple[Any, ...]]) -> None:
    session.execute(insert(FIGURE_SUMS).from_select(COLUMNS, rows))


def sums(
    session: Session, by: Sequence[By], since: date, until: date, figures: Sequence[Figure] = FIGURES
) -> dict[By, dict[str, dict[Figure, int]]]:
    """Of a period, by each of `by` and its codes: those of the figures that are not 0."""
    made = spans(since, _whole(session, until))
    asked = {"by": by, "spans": list(made), "less": [name for name, sign in made.items() if sign < 0]}
    found: dict[str, dict[str, dict[Figure, int]]] = {one: {} for one in by}
    for name, code, taken, *counts in session.execute(_sums_of(tuple(figures)), asked):
        here = {figure: -n if taken else n for figure, n in zip(figures, counts, strict=True) if n}
        if other := found[name].pop(code, {}):
            here = {f: n for f in figures if (n := here.get(f, 0) + other.get(f, 0))}
        if here:
            found[name][code] = here
    return {one: found[one] for one in by}


@cache
def _sums_of(figures: tuple[Figure, ...]) -> Select[Any]:
    """What is added and what is taken away, in one look, so that nothing is counted in between.

    Put together once: its two dozen columns would take as long as the database does.
    """
    taken = S.span.in_(bindparam("less", expanding=True)).label("taken")
    wanted = select(S.by, S.code, taken, *(func.sum(S[figure]) for figure in figures))
    asked = S.by.in_(bindparam("by", expanding=True)), S.span.in_(bindparam("spans", expanding=True))
    return wanted.where(*asked).group_by(S.by, S.code, taken)


def of_days(session: Session, since: date, until: date) -> dict[str, tuple[int, int]]:
    """Calls and cases opened on every day of a period that was counted, by its ISO date; months stand among them."""
    first, last = since.isoformat(), until.isoformat()
    rows = session.execute(
        select(S.span, S[Figure.CALLS], S[Figure.OPENED]).where(S.by == By.ALL, S.span >= first, S.span <= last)
    )
    return {span: (calls, opened) for span, calls, opened in rows}


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
