"""Of what may nothing be erased?  Legal holds on cases and calls: set with a reason, lifted by a person, kept for ever.

A hold on a case holds the call it began with, and a hold on a call the cases that came from it.
"""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from routing.tables import CallRow, CaseRow, HoldRow


class NothingToHold(LookupError):
    """There is no such case and no such call; or no hold on it to lift."""


def add(session: Session, target: str, reason: str, by: str, now: datetime) -> None:
    """Hold a case (by number) or a call (by id).  The caller commits."""
    # Writing takes the row's lock: an erasure that has begun is waited for, one that has not sees the hold.
    for row, key in ((CaseRow, CaseRow.number), (CallRow, CallRow.id)):
        session.execute(update(row).where(key == target).values({key: key}))
    if session.get(CaseRow, target) is None and session.get(CallRow, target) is None:
        raise NothingToHold(f"there is no case and no call {target}")
    session.add(HoldRow(target=target, reason=reason, by=by, since=now))
    session.flush()


def lift(session: Session, target: str, by: str, now: datetime) -> None:
    """Every hold on it.  The caller commits."""
    standing = select(HoldRow).where(HoldRow.target == target, HoldRow.lifted.is_(None))
    rows = session.scalars(standing).all()
    if not rows:
        raise NothingToHold(f"nothing holds {target}")
    for row in rows:
        row.lifted, row.lifted_by = now, by
    session.flush()


def standing(session: Session) -> list[HoldRow]:
    """All that are not lifted, oldest first."""
    return list(session.scalars(select(HoldRow).where(HoldRow.lifted.is_(None)).order_by(HoldRow.id)))


def case_held(session: Session, number: str) -> bool:
    call = select(CaseRow.call).where(CaseRow.number == number).scalar_subquery()
    held = select(HoldRow.id).where(HoldRow.lifted.is_(None), or_(HoldRow.target == number, HoldRow.target == call))
    return session.scalars(held.limit(1)).first() is not None


def call_held(session: Session, call: str) -> bool:
    cases = select(CaseRow.number).where(CaseRow.call == call)
    held = select(HoldRow.id).where(HoldRow.lifted.is_(None), or_(HoldRow.target == call, HoldRow.target.in_(cases)))
    return session.scalars(held.limit(1)).first() is not None
