"""How does one unit do?  Its own numbers only: in time, late, returned, reworked, by month and matter; what is open.

Nothing of what citizens answered is among them: in a small unit a rate of satisfaction is one citizen's word.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from routing import figure_sums
from routing.cases import UNIT_CLOCK, State
from routing.figure_desk import bounds
from routing.figures import Figure
from routing.tables import CaseRow, DayFigureRow
from routing.working_time import HERE

SHOWN = (Figure.OPENED, Figure.DUE, Figure.IN_TIME, Figure.RETURNED, Figure.REWORKED)


@dataclass(frozen=True, slots=True)
class Standing:
    """What the unit leads at this moment."""

    open: int
    to_sign: int
    due_today: int  # and not answered yet
    overdue: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Of a month or a matter, or of all."""

    counts: Mapping[Figure, int] = field(default_factory=dict)

    def of(self, figure: Figure) -> int:
        return self.counts.get(figure, 0)

    @property
    def late(self) -> int:
        """Of those whose limit has come: not answered before it."""
        return self.of(Figure.DUE) - self.of(Figure.IN_TIME)

    @property
    def in_time(self) -> float | None:
        """0..1; None where no limit has come."""
        return self.of(Figure.IN_TIME) / self.of(Figure.DUE) if self.of(Figure.DUE) else None


@dataclass(frozen=True, slots=True)
class Own:
    """`until` is the last day, included; months are "2026-03", the oldest first, none left out."""

    since: date
    until: date
    now: Standing
    all: Sums
    months: tuple[tuple[str, Sums], ...]
    matters: tuple[tuple[str, Sums], ...]  # codes, the most cases first


def months_back(today: date, number: int) -> date:
    """The first day of the month so many months (this one included) before the end of today's."""
    total = today.year * 12 + today.month - number
    return date(total // 12, total % 12 + 1, 1)


def own(session: Session, unit: str, at: datetime, months: int) -> Own:
    """The figures of one unit over the last `months`, up to today."""
    today = at.astimezone(HERE).date()
    names = [months_back(today, back).isoformat()[:7] for back in range(months, 0, -1)]
    sums = figure_sums.months_of_unit(session, unit, names, SHOWN)
    rows = [(month, figure, matter, n) for month, matter, counts in sums for figure, n in counts.items()]
    rows += [(names[-1], figure, matter, -n) for figure, matter, n in _not_over(session, unit, today)]
    by_month = _added((month, figure, n) for month, figure, _, n in rows)
    by_matter = _added((matter, figure, n) for _, figure, matter, n in rows)
    ranked = sorted(by_matter.items(), key=lambda one: (-one[1].of(Figure.OPENED), one[0]))
    whole = _added(("", figure, n) for _, figure, _, n in rows).get("", Sums())
    return Own(
        months_back(today, months), today, _standing(session, unit, at), whole,
        tuple((name, by_month.get(name, Sums())) for name in names), tuple(ranked),
    )  # fmt: skip


def _not_over(session: Session, unit: str, today: date) -> list[tuple[Figure, str, int]]:
    """What was counted of limits of today or later, which may still be met."""
    f = DayFigureRow
    rows = session.execute(
        select(f.figure, f.matter, func.sum(f.n))
        .where(f.unit == unit, f.day >= today.isoformat(), f.figure.in_((Figure.DUE, Figure.IN_TIME)))
        .group_by(f.figure, f.matter)
    )
    return [(Figure(figure), matter, int(n)) for figure, matter, n in rows]


def _added(rows: Iterable[tuple[str, Figure, int]]) -> dict[str, Sums]:
    found: dict[str, Counter[Figure]] = {}
    for key, figure, n in rows:
        found.setdefault(key, Counter())[figure] += n
    return {key: Sums(dict(counts)) for key, counts in found.items()}


def _standing(session: Session, unit: str, at: datetime) -> Standing:
    _, midnight = bounds(at.astimezone(HERE).date())
    leads = select(func.count()).select_from(CaseRow).where(CaseRow.lead == unit)

    def count(*states: State, since: datetime | None = None, until: datetime | None = None) -> int:
        asked = leads.where(CaseRow.state.in_(states))
        if since is not None:
            asked = asked.where(CaseRow.due >= since)
        if until is not None:
            asked = asked.where(CaseRow.due < until)
        return session.scalar(asked) or 0

    return Standing(
        open=count(*UNIT_CLOCK, State.LONG_TERM),
        to_sign=count(State.DISPATCHED),
        due_today=count(*UNIT_CLOCK, since=at, until=midnight),
        overdue=count(*UNIT_CLOCK, until=at),
    )
