"""How well are callers served today?  How many asked for a person, how soon each was answered, who gave up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import select
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


def add_up(facts: Iterable[tuple[str, str, datetime]], goal: float) -> Service:
    """`facts`: call, kind (queued, answered, ended) and moment, oldest first; `goal` in seconds."""
    queued: dict[str, datetime] = {}
    waited: dict[str, float] = {}
    ended: set[str] = set()
    for call, kind, at in facts:
        if kind == "queued":
            queued.setdefault(call, at)
        elif kind == "answered" and call in queued:
            waited.setdefault(call, (at - queued[call]).total_seconds())
        elif kind == "ended" and call in queued:
            ended.add(call)
    in_time = sum(1 for seconds in waited.values() if seconds <= goal)
    return Service(len(queued), len(waited), in_time, len(ended - set(waited)))


def service_since(session: Session, since: datetime, goal: float) -> Service:
    """Of the calls that arrived since then; reads only these, however long the archive is."""
    rows = session.execute(
        select(CallEventRow.call, CallEventRow.kind, CallEventRow.at)
        .join(CallRow, CallRow.id == CallEventRow.call)
        .where(CallRow.arrived >= since, CallEventRow.kind.in_(("queued", "answered", "ended")))
        .order_by(CallEventRow.at, CallEventRow.id)
    )
    return add_up(((row.call, row.kind, row.at) for row in rows), goal)
