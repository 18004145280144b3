"""The figures of days: counted from the events, kept, and added up for a report within milliseconds."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from routing import figure_sums
from routing.cases import Action
from routing.figure_sums import By
from routing.figures import CallFact, CaseFact, DueFact, Figure, Rate, count, rate, rates
from routing.tables import CallEventRow, CallRow, CaseEventRow, CaseRow, DayFigureRow, FollowUpRow
from routing.working_time import HERE

TOPICS = 10  # matters of the weekly list


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table of the report: a unit, a matter or a district."""

    code: str
    counts: dict[Figure, int]

    def rate(self, name: str) -> Rate:
        """One of figures.RATES."""
        return rate(name, self.counts)


@dataclass(frozen=True, slots=True)
class Topic:
    """How often a matter was reported, now and in the period before."""

    matter: str
    now: int
    before: int


@dataclass(frozen=True, slots=True)
class Report:
    """`until` is the last day, included."""

    since: date
    until: date
    rates: list[Rate]
    sums: dict[Figure, int]
    days: list[tuple[date, int, int]]  # calls, cases opened
    units: list[Line]
    matters: list[Line]
    districts: list[Line]
    topics: list[Topic]


def bounds(day: date) -> tuple[datetime, datetime]:
    """The local day, in UTC."""
    start = datetime.combine(day, time(), HERE)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


def recount(session: Session, *days: date) -> int:
    """Count local days anew from their events; how many numbers they have.  Harmless when it runs again.  Commits."""
    figure_sums.alone(session)
    numbers = 0
    for day in days:
        since, until = bounds(day)
        counted = count(_calls(session, since, until), _cases(session, since, until), _due(session, since, until))
        session.execute(delete(DayFigureRow).where(DayFigureRow.day == day.isoformat()))
        rows = [
            {"day": day.isoformat(), "figure": k.figure, "unit": k.unit, "matter": k.matter, "district": k.district,
             "n": n}
            for k, n in counted.items()
        ]  # fmt: skip
        if rows:
            session.execute(insert(DayFigureRow), rows)
        numbers += len(rows)
    figure_sums.add_up(session, days)
    session.commit()
    return numbers


def _calls(session: Session, since: datetime, until: datetime) -> Iterator[CallFact]:
    """Calls of citizens; those which the hotline itself placed are none."""
    ours = select(FollowUpRow.call)
    arrived = (CallRow.arrived >= since) & (CallRow.arrived < until) & CallRow.id.not_in(ours)
    facts: dict[str, list[CallEventRow]] = {}
    for event in session.scalars(
        select(CallEventRow)
        .join(CallRow, CallRow.id == CallEventRow.call)
        .where(arrived, CallEventRow.kind.in_(("queued", "answered")))
    ):
        facts.setdefault(event.call, []).append(event)
    for call, outcome in session.execute(select(CallRow.id, CallRow.outcome).where(arrived)):
        events = facts.get(call, [])
        held = [int(e.data.get("held") or 0) for e in events if e.kind == "answered"]
        yield CallFact(outcome, any(e.kind == "queued" for e in events), min(held, default=None))


def _cases(session: Session, since: datetime, until: datetime) -> Iterator[CaseFact]:
    rows = session.execute(
        select(
            CaseEventRow.action, CaseEventRow.version, CaseEventRow.data, CaseRow.lead, CaseRow.matter, CaseRow.district
        )
        .join(CaseRow, CaseRow.number == CaseEventRow.case)
        .where(CaseEventRow.at >= since, CaseEventRow.at < until)
    )
    for action, version, data, unit, matter, district in rows:
        yield CaseFact(action, version, data, unit or "", matter, district or "")


def _due(session: Session, since: datetime, until: datetime) -> Iterator[DueFact]:
    first = (
        select(func.min(CaseEventRow.at))
        .where(CaseEventRow.case == CaseRow.number, CaseEventRow.action == Action.REPLY)
        .scalar_subquery()
    )
    rows = session.execute(
        select(CaseRow.due, first, CaseRow.lead, CaseRow.matter, CaseRow.district).where(
            CaseRow.due >= since, CaseRow.due < until
        )
    )
    for due, replied, unit, matter, district in rows:
        if due is not None:
            yield DueFact(due, replied, unit or "", matter, district or "")


def report(session: Session, since: date, until: date) -> Report:
    """What happened from `since` to `until`, both included."""
    length = timedelta(days=max((until - since).days + 1, 7))
    sums = figure_sums.sums(session, (By.ALL, By.UNIT, By.MATTER, By.DISTRICT), since, until)
    whole = sums[By.ALL].get("", {})
    before = figure_sums.sums(session, [By.MATTER], since - length, until - length, [Figure.OPENED])[By.MATTER]
    opened, earlier = (Counter({code: counts.get(Figure.OPENED, 0) for code, counts in one.items()})
                       for one in (sums[By.MATTER], before))  # fmt: skip
    return Report(
        since, until, rates(whole), whole, _days(session, since, until),
        _lines(sums[By.UNIT]), _lines(sums[By.MATTER]), _lines(sums[By.DISTRICT]),
        [Topic(matter, n, earlier[matter]) for matter, n in opened.most_common(TOPICS) if n],
    )  # fmt: skip


def _lines(sums: dict[str, dict[Figure, int]]) -> list[Line]:
    """The most cases first; what belongs to nobody is no line."""
    lines = [Line(code, counts) for code, counts in sums.items() if code]
    return sorted(lines, key=lambda line: (-line.counts.get(Figure.OPENED, 0), line.code))


def _days(session: Session, since: date, until: date) -> list[tuple[date, int, int]]:
    known = figure_sums.of_days(session, since, until)
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    return [(day, *known.get(day.isoformat(), (0, 0))) for day in days]
