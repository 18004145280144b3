"""Since when does a case wait for a verifier, and how often was somebody pushed?  Read from its events alone."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from routing.cases import Action, State
from routing.escalation import Waiting
from routing.tables import CaseEventRow


def waiting(session: Session, numbers: Sequence[str]) -> dict[str, Waiting]:
    """Of cases that wait for a verifier now: those who waited before and went back to the unit begin anew."""
    if not numbers:
        return {}
    events = select(CaseEventRow.case, CaseEventRow.action, CaseEventRow.before, CaseEventRow.at)
    mine = events.where(CaseEventRow.case.in_(numbers), CaseEventRow.after == State.VERIFICATION)
    found: dict[str, Waiting] = {}
    for case, action, before, at in session.execute(mine.order_by(CaseEventRow.case, CaseEventRow.version)):
        known = found.get(case)
        if before != State.VERIFICATION or known is None:
            found[case] = Waiting(at)
        elif action in (Action.REMIND, Action.ESCALATE):
            reminded, escalated = action == Action.REMIND, action == Action.ESCALATE
            found[case] = Waiting(known.since, known.reminded + reminded, known.escalated + escalated)
    return found
