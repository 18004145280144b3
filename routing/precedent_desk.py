"""Which rulings are known for a matter?  Read from the history of the cases they were made on."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from routing.cases import Action
from routing.precedents import Precedent
from routing.tables import CaseEventRow, CaseRow

KEPT = 50  # newest cases with a ruling that are looked at, per matter


def rulings(session: Session, matter: str) -> list[Precedent]:
    """Newest first; nothing of the citizens."""
    cases = session.scalars(
        select(CaseRow)
        .where(CaseRow.matter == matter, CaseRow.bound)
        .order_by(CaseRow.opened.desc(), CaseRow.number.desc())
        .limit(KEPT)
    ).all()
    places = {case.number: case for case in cases}
    events = session.scalars(
        select(CaseEventRow)
        .where(CaseEventRow.case.in_(places), CaseEventRow.action == Action.RULE)
        .order_by(CaseEventRow.at.desc(), CaseEventRow.id.desc())
    )
    return [
        Precedent(
            event.case,
            matter,
            places[event.case].district,
            places[event.case].community,
            str(event.data.get("lead") or ""),
            str(event.data.get("reason") or ""),
            event.at,
        )
        for event in events
    ]
