"""Which cases does a caller ask after?  By the case's number, or by the number they call from."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from routing.cases import State, valid_number
from routing.catalogue import Catalogue
from routing.grids import Territory
from routing.standing import Standing
from routing.tables import CallRow, CaseRow

SPOKEN = 3  # cases told about in one call; more cannot be kept in the ear
SHORTEST = 7  # digits; what is shorter is a desk's own extension, or withheld


def by_number(
    session: Session, number: str, caller: str, catalogue: Catalogue, territory: Territory
) -> Standing | None:
    """The case with this number; None when there is none."""
    row = session.get(CaseRow, number) if valid_number(number) else None
    return None if row is None else _standing(session, row, caller, catalogue, territory)


def by_caller(session: Session, caller: str, catalogue: Catalogue, territory: Territory) -> Sequence[Standing]:
    """The newest cases that came from this number, or name it as contact: running ones first."""
    if len(caller) < SHORTEST:
        return ()
    calls = select(CallRow.id).where(CallRow.caller == caller)
    rows = session.scalars(
        select(CaseRow)
        .where(or_(CaseRow.contact == caller, CaseRow.call.in_(calls)), CaseRow.state != State.DRAFT)
        .order_by(CaseRow.number.desc())
        .limit(20)
    )
    found = [_standing(session, row, caller, catalogue, territory) for row in rows]
    return sorted(found, key=lambda one: not one.running)[:SPOKEN]


def _standing(session: Session, row: CaseRow, caller: str, catalogue: Catalogue, territory: Territory) -> Standing:
    call = session.get(CallRow, row.call) if row.call else None
    own = len(caller) >= SHORTEST and caller in {row.contact, call.caller if call else ""}
    leaf = catalogue.leaves.get(row.matter)
    unit = territory.units.get(row.lead or "")
    return Standing(
        number=row.number,
        matter=leaf.zh if leaf else row.title,
        state=State(row.state),
        opened=row.opened,
        unit=unit.name if unit else "",
        due=row.due,
        reply=row.reply,
        own=own,
    )
