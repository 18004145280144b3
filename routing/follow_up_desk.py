"""Whom does the robot ring next about a finished case, and what did those say whom it rang?"""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from routing.case_change import facts_of
from routing.case_desk import Conflict, NoSuchCase, perform
from routing.cases import NotAllowed, Role, State
from routing.follow_up import SAME_PERSON, Answers, Attempt, Hours, follows, may_ring, over
from routing.office import Office
from routing.tables import CallEventRow, CallRow, CaseRow, FollowUpRow

LOOKED_AT = 200  # cases considered in one round
ROBOT = "robot"  # the actor in a case's history


def open_attempts(session: Session) -> list[Attempt]:
    """Attempts nobody has drawn a conclusion from, oldest first."""
    rows = session.scalars(select(FollowUpRow).where(FollowUpRow.settled.is_(None)).order_by(FollowUpRow.rung))
    return [_attempt(session, row) for row in rows]


def _attempt(session: Session, row: FollowUpRow) -> Attempt:
    call = session.get(CallRow, row.call)
    said = session.scalars(
        select(CallEventRow.data)
        .where(CallEventRow.call == row.call, CallEventRow.kind == "asked_after")
        .order_by(CallEventRow.at.desc(), CallEventRow.seq.desc())
        .limit(1)  # each answer is kept with those before it; the last fact holds all
    ).first()
    answers = said and Answers(*(str(said.get(name) or "") for name in ("solved", "satisfied", "words")))
    ended = call is not None and call.ended is not None
    return Attempt(row.call, row.case, row.rung, call is not None, ended, answers or None)


def settle(session: Session, attempt: Attempt, now: datetime, office: Office) -> str | None:
    """Do with the case what the citizen's answer asks for, and remember that it was done; None while the call lasts.

    Harmless when it runs twice: a case that has left the follow-up is left alone.
    """
    if not over(attempt, now):
        return None
    case = session.get(CaseRow, attempt.case)
    outcome = "gone"
    if case is not None and case.state == State.CALLBACK:
        action, given = follows(attempt.answers, facts_of(session, case, ROBOT))
        version, outcome = case.version, str(action)
        session.rollback()  # perform begins with its own lock
        try:
            perform(
                session, attempt.case, action, now, actor=ROBOT, role=Role.SYSTEM, version=version,
                given=given | {"call": attempt.call}, office=office,
            )  # fmt: skip
        except (NotAllowed, Conflict, NoSuchCase):
            outcome = "gone"
    row = session.get_one(FollowUpRow, attempt.call)
    row.settled, row.outcome = now, outcome
    session.commit()
    return outcome


def next_to_ring(session: Session, now: datetime, at_most: int, hours: Hours) -> list[tuple[str, str]]:
    """(case, number) of citizens who may be asked now, the oldest reply first."""
    ringing = select(FollowUpRow.case).where(FollowUpRow.settled.is_(None))
    cases = session.scalars(
        select(CaseRow)
        .where(CaseRow.state == State.CALLBACK, CaseRow.contact != "", CaseRow.number.not_in(ringing))
        .order_by(CaseRow.due, CaseRow.number)
        .limit(LOOKED_AT)
    )
    found: list[tuple[str, str]] = []
    for case in cases:
        if len(found) >= at_most:
            break
        tried = session.scalars(select(FollowUpRow.rung).where(FollowUpRow.case == case.number)).all()
        number = "".join(c for c in case.contact if c in "+0123456789")
        if len(number) >= 7 and may_ring(now, tried, hours) and not _asked_lately(session, case, now):
            found.append((case.number, number))
    return found


def _asked_lately(session: Session, case: CaseRow, now: datetime) -> bool:
    """Whether the same person was asked about the same matter within seven days, about another case."""
    return bool(
        session.scalar(
            select(func.count())
            .select_from(FollowUpRow)
            .join(CaseRow, CaseRow.number == FollowUpRow.case)
            .where(
                CaseRow.contact == case.contact,
                CaseRow.matter == case.matter,
                CaseRow.number != case.number,
                FollowUpRow.rung >= now - SAME_PERSON,
                FollowUpRow.outcome.in_(("close", "reopen", "to_supervisor")),
            )
        )
    )


def begin(session: Session, case: str, now: datetime) -> str:
    """The id of the call that is about to be placed; kept before it rings, so that no call is without its case."""
    call = str(uuid4())
    session.add(FollowUpRow(call=call, case=case, rung=now, settled=None, outcome=""))
    session.commit()
    return call


def ringing(session: Session) -> Sequence[str]:
    """Calls under way."""
    return session.scalars(select(FollowUpRow.call).where(FollowUpRow.settled.is_(None))).all()
