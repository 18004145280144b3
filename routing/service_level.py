"""How well are callers served today?  How many asked for a person, how soon each was answered, who gave up."""

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from routing.tables import CallEventRow, CallRow
from routing.working_time import HERE

DAY = 86_400.0  # s
ROUNDED = 0.001  # s by which a database may count a wait too long


@dataclass(frozen=True, slots=True)
class Service:
    """Of the calls that were put into the operators' queue since a moment."""

    asked: int
    answered: int
    in_time: int  # answered within the goal
    given_up: int  # ended without an answer

    @property
    def level(self) -> float | None:
        """Share answered in time of those whose waiting is over, 0..1; None while there are none."""
        over = self.answered + self.given_up
        return self.in_time / over if over else None


def beginning(now: datetime) -> datetime:
    """The city's midnight before `now`."""
    return datetime.combine(now.astimezone(HERE).date(), time(), HERE)


def seconds(session: Session, later: ColumnElement[datetime], earlier: ColumnElement[datetime]) -> ColumnElement[float]:
    """From one moment to another, as the database counts."""
    if session.get_bind().dialect.name == "sqlite":  # its moments are text; days, of which it keeps microseconds
        return (func.julianday(later) - func.julianday(earlier)) * DAY
    return func.date_part("epoch", later - earlier)


def service_since(session: Session, since: datetime, goal: float) -> Service:
    """Of the calls that arrived since then; `goal` in seconds.  Reads only these, however long the archive is.

    A call counts from when it was first put into the queue until a person first spoke.
    """
    fact = CallEventRow

    def first(kind: str) -> ColumnElement[datetime]:
        return func.min(case((fact.kind == kind, fact.at)))

    calls = (
        select(
            first("queued").label("queued"),
            first("answered").label("answered"),
            func.max(case((fact.kind == "ended", 1), else_=0)).label("over"),
        )
        .join(CallRow, CallRow.id == fact.call)
        .where(CallRow.arrived >= since, fact.kind.in_(("queued", "answered", "ended")))
        .group_by(func.coalesce(fact.call, ""))  # by the bare column, SQLite would walk the whole archive in its order
        .having(first("queued").is_not(None))
        .subquery()
        .c
    )
    wait = seconds(session, calls.answered, calls.queued)
    asked, answered, in_time, given_up = session.execute(
        select(
            func.count(),
            func.count(calls.answered),
            func.count(case((wait <= goal + ROUNDED, 1))),
            func.count(case((calls.answered.is_(None) & (calls.over == 1), 1))),
        )
    ).one()
    return Service(asked, answered, in_time, given_up)
