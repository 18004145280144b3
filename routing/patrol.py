"""What does a grid officer bring in, and what is there to look at in their area?

A report carries an id that its telephone made, so that a draft which is sent again, because the net was gone before the
answer came, becomes no second case.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from routing.areas import lying_in
from routing.case_desk import open_case
from routing.cases import OPEN, WORK, NotAllowed, Role, State
from routing.dispatch import Report, propose
from routing.grids import Area, Territory
from routing.numbers import without_numbers
from routing.office import Office
from routing.open_desk import alarm_for
from routing.pictures import Clean
from routing.tables import CaseEventRow, CaseRow, SightingRow
from routing.verifying import waiting

FARTHEST = 2000  # metres from a landmark; what is farther has a nearer one
SHOWN = 50  # cases of one list
HERE = tuple(state for state in OPEN if state is not State.VERIFICATION)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What an officer saw; `handled` says what they did about it themselves, shown by `after`."""

    client: str  # id, made on the telephone
    matter: str
    text: str
    grid: str
    landmark: str
    metres: int
    seen: datetime
    photos: Sequence[Clean]
    point: tuple[float, float] | None = None
    handled: str = ""
    after: Sequence[Clean] = ()

    def place(self, territory: Territory) -> str:
        """In the words of a patrol: the grid, a landmark and how far from it."""
        return f"{territory.area_name(self.grid)}，距{self.landmark}约{self.metres}米"


@dataclass(frozen=True, slots=True)
class Found:
    """One line of an officer's list."""

    number: str
    title: str
    place: str
    matter: str
    state: State
    opened: datetime
    due: datetime | None
    look_by: datetime | None = None  # of what waits for a verifier
    reminded: bool = False  # that it waits


def grids_of(territory: Territory, area: str) -> list[Area]:
    """The grids an officer of this area may report from, in the order of their codes."""
    found = [a for a in territory.areas.values() if a.kind == "grid" and area in territory.line(a.code)]
    return sorted(found, key=lambda a: a.code)


def report(session: Session, seen: Sighting, now: datetime, *, actor: str, area: str, office: Office) -> str:
    """The number of the case; of the first one when the same report came before.  Committed when this returns."""
    territory = office.territory
    if seen.grid not in territory.areas or area not in territory.line(seen.grid):
        raise NotAllowed(f"{actor} does not patrol {seen.grid}")
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    values = {"actor": actor, "client": seen.client, "case": "", "at": now}
    first = insert(SightingRow).values(values).on_conflict_do_nothing().returning(SightingRow.client)
    if session.execute(first).first() is None:  # a second sending waits here until the first one is through
        number = session.get_one(SightingRow, (actor, seen.client)).case
        session.rollback()
        return number
    told = Report(
        seen.text, seen.place(territory), matter=seen.matter, point=seen.point, area=seen.grid, seen=seen.seen
    )

    def receipt(number: str) -> None:
        mine = (SightingRow.actor == actor) & (SightingRow.client == seen.client)
        session.execute(update(SightingRow).where(mine).values(case=number))

    try:
        return open_case(
            session, told, propose(told, office.catalogue, territory), now, actor=actor, role=Role.GRID, office=office,
            source="grid", also=receipt, files=seen.photos, handled=seen.handled, after=seen.after,
            alarm=alarm_for(seen.text),
        ).number  # fmt: skip
    except Exception:
        session.rollback()
        raise


def to_verify(session: Session, kind: str, area: str, actor: str, office: Office | None = None) -> list[Found]:
    """What waits for a look in the area, the oldest first; nothing that the officer did themselves."""
    own = select(CaseEventRow.id).where(
        CaseEventRow.case == CaseRow.number, CaseEventRow.actor == actor, CaseEventRow.action.in_(WORK)
    )
    there = select(CaseRow).where(lying_in(kind, area), CaseRow.state == State.VERIFICATION, ~own.exists())
    rows, office = session.scalars(there.order_by(CaseRow.number).limit(SHOWN)).all(), office or Office()
    waits, found = waiting(session, [row.number for row in rows]), []
    for row in rows:
        since = waits[row.number]
        _, look_by = office.patience.limits(row.urgency, since.since, office.calendar)
        found.append(replace(_found(row), look_by=look_by, reminded=since.reminded > 0))
    return found


def running(session: Session, kind: str, area: str) -> list[Found]:
    """What is being worked on in the area, newest first."""
    open_here = select(CaseRow).where(lying_in(kind, area), CaseRow.state.in_(HERE))
    return [_found(row) for row in session.scalars(open_here.order_by(CaseRow.number.desc()).limit(SHOWN))]


def own(session: Session, actor: str) -> list[Found]:
    """What the officer reported, newest first."""
    mine = select(CaseRow).join(SightingRow, SightingRow.case == CaseRow.number).where(SightingRow.actor == actor)
    return [_found(row) for row in session.scalars(mine.order_by(CaseRow.number.desc()).limit(SHOWN))]


def _found(row: CaseRow) -> Found:
    title, place = without_numbers(row.title), without_numbers(row.place)
    return Found(row.number, title, place, row.matter, State(row.state), row.opened, row.due)
