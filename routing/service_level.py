"""How well are callers served today?  How many asked for a person, how soon each was answered, who gave up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from routing.tables import CallEventRow, CallRow
from routing.working_time import HERE


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


@dataclass(frozen=True, slots=True)
class Wait:
    """Of one call: when it was first put into the queue, when a person first spoke, whether it is over."""

    queued: datetime
    answered: datetime | None
    over: bool


def add_up(waits: Iterable[Wait], goal: float) -> Service:
    """`goal` in seconds."""
    asked = answered = in_time = given_up = 0
    for wait in waits:
        asked += 1
        if wait.answered is not None:
            answered += 1
            in_time += (wait.answered - wait.queued).total_seconds() <= goal
        else:
            given_up += wait.over
    return Service(asked, answered, in_time, given_up)


def service_since(session: Session, since: datetime, goal: float) -> Service:
    """Of the calls that arrived since then; reads only these, one line each, however long the archive is."""
    fact = CallEventRow

    def first(kind: str) -> ColumnElement[datetime | None]:
        return func.min(case((fact.kind == kind, fact.at)))

    rows = session.execute(
        select(first("queued"), first("answered"), func.max(case((fact.kind == "ended", 1), else_=0)))
        .join(CallRow, CallRow.id == fact.call)
        .where(CallRow.arrived >= since, fact.kind.in_(("queued", "answered", "ended")))
        .group_by(func.coalesce(fact.call, ""))  # by the bare column, SQLite would walk the whole archive in its order
        .having(first("queued").is_not(None))
    )
    return add_up((Wait(queued, spoke, over == 1) for queued, spoke, over in rows if queued), goal)
