"""Which cases does a caller ask after?  By the case's number, or by the number they call from."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from routing.cases import State, valid_number
from routing.catalogue import Catalogue
from routing.grids import Territory
from routing.standing import Standing
from routing.tables import CallRow, CaseRow

SPOKEN = 3  # cases told about in one call; more cannot be kept in the ear
LOOKED_AT = 20  # of them the running ones are told first
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
    rows = newest_of(session, caller, LOOKED_AT)
    found = [_standing(session, row, caller, catalogue, territory) for row in rows]
    return sorted(found, key=lambda one: not one.running)[:SPOKEN]


def newest_of(session: Session, caller: str, limit: int) -> list[CaseRow]:
    """The newest cases of a number: by contact, and by the calls that came from it; each way by its own index."""
    ways = (
        select(CaseRow.number).where(CaseRow.contact == caller),
        select(CaseRow.number).join(CallRow, CallRow.id == CaseRow.call).where(CallRow.caller == caller),
    )
    numbers = {
        number
        for way in ways
        for number in session.scalars(
            way.where(CaseRow.state != State.DRAFT).order_by(CaseRow.number.desc()).limit(limit)
        )
    }
    newest = sorted(numbers, reverse=True)[:limit]
    return list(session.scalars(select(CaseRow).where(CaseRow.number.in_(newest)).order_by(CaseRow.number.desc())))


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
