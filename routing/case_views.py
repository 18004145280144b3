"""Who sees what of a case?  The hotline everything, a unit its own cases and never a number; each look is kept."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from routing import cases
from routing.areas import for_officers
from routing.case_change import facts_of
from routing.case_desk import NoSuchCase
from routing.case_lists import CaseBrief, brief_of
from routing.cases import Action, Role, State
from routing.escalation import Waiting
from routing.numbers import without_numbers
from routing.tables import CaseEventRow, CaseRow, CaseUnitRow, CaseViewRow
from routing.verifying import waiting

AREA = "area"  # the part of a grid officer in a case: it lies where they work
OUTSIDE_ZH: dict[str, str] = {Role.DEPARTMENT: "承办单位", Role.GRID: "网格员"}
HOTLINE_ONLY = {"solved", "satisfied", "contact", "matter", "told", "outside_person"}  # of an event: not for the unit


@dataclass(frozen=True, slots=True)
class CaseHappening:
    """One line of a case's history."""

    version: int
    at: datetime
    action: str
    actor: str
    role: str
    before: str
    after: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CasePage:
    """A case as one viewer sees it; `contact` and `contact_name` are empty where they may not be seen."""

    brief: CaseBrief
    text: str
    place: str
    town: str | None
    grid: str | None
    kind: str
    source: str
    privacy: str
    sla: str
    assist: tuple[str, ...]
    because: str
    reply: str
    contact: str
    contact_name: str
    call: str | None
    solved: str | None
    satisfied: str | None
    returns: int
    parent: str | None
    history: tuple[CaseHappening, ...]
    choices: tuple[tuple[Action, tuple[str, ...]], ...]  # what the viewer may do, and what it needs
    other_contact: str = ""
    seen: datetime | None = None
    waiting: Waiting | None = None  # for a verifier


class NotYours(PermissionError):
    """The viewer has nothing to do with the case."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: somebody of the hotline; with `unit`, of a unit; with `area`, a grid officer who works there."""

    actor: str
    unit: str | None = None
    area: str | None = None


def admitted(session: Session, number: str, viewer: Viewer) -> str:
    """The viewer's part in the case, "" for the hotline.  NotYours or NoSuchCase for who may not see it."""
    row = session.get(CaseRow, number)
    if row is None:
        raise NoSuchCase(number)
    if viewer.area is not None:
        if not for_officers(row, viewer.area, viewer.actor):
            raise NotYours(f"case {number} is not for the officers of {viewer.area}")
        return AREA
    if viewer.unit is None:
        return ""
    own = session.get(CaseUnitRow, (viewer.unit, number))
    if own is None:
        raise NotYours(f"case {number} is not with {viewer.unit}")
    return own.part


def page_for_hotline(
    session: Session, number: str, *, actor: str, role: Role, purpose: str, now: datetime | None = None
) -> CasePage:
    """Everything; the look is committed before anything is shown."""
    row = _look(session, number, actor, purpose, now)
    return _page(session, row, actor, role, "", hide=False)


def page_for_unit(
    session: Session, number: str, *, unit: str, actor: str, purpose: str, now: datetime | None = None
) -> CasePage:
    """Without number, without the citizen's answers, and without a name unless the citizen is public."""
    part = admitted(session, number, Viewer(actor, unit))
    session.rollback()  # a look is a write; it begins a transaction of its own
    row = _look(session, number, actor, purpose, now)
    return _page(session, row, actor, Role.DEPARTMENT, part, hide=True)


def page_for_officer(
    session: Session, number: str, *, area: str, actor: str, purpose: str, now: datetime | None = None
) -> CasePage:
    """As for a unit, and never a name: what has to be looked at, where, and what was done."""
    admitted(session, number, Viewer(actor, area=area))
    session.rollback()
    row = _look(session, number, actor, purpose, now)
    return _page(session, row, actor, Role.GRID, AREA, hide=True)


def _look(session: Session, number: str, actor: str, purpose: str, now: datetime | None) -> CaseRow:
    session.add(CaseViewRow(case=number, at=now or datetime.now(UTC), actor=actor, purpose=purpose))
    session.flush()
    row = session.get(CaseRow, number)
    if row is None:
        session.rollback()
        raise NoSuchCase(number)
    session.commit()
    return row


def _named(event: CaseEventRow, viewer: Role) -> bool:
    """Units see names of units, officers those of officers; nobody outside sees who of the hotline did it."""
    return event.role == viewer


def _page(session: Session, row: CaseRow, actor: str, role: Role, part: str, *, hide: bool) -> CasePage:
    events = session.scalars(select(CaseEventRow).where(CaseEventRow.case == row.number).order_by(CaseEventRow.version))
    history = []
    for e in events:
        data = {k: without_numbers(str(v)) for k, v in e.data.items() if k not in HOTLINE_ONLY} if hide else e.data
        who = OUTSIDE_ZH.get(e.role, "热线") if hide and not _named(e, role) else e.actor
        history.append(CaseHappening(e.version, e.at, e.action, who, e.role, e.before, e.after, data))
    facts = facts_of(session, row, actor)
    may = cases.choices(State(row.state), role, facts) if part != "assist" else []
    named = part != AREA and (not hide or row.privacy == "public")
    return CasePage(
        brief=brief_of(row, part, hide=hide),
        text=without_numbers(row.text) if hide else row.text,
        place=without_numbers(row.place) if hide else row.place,
        town=row.town,
        grid=row.grid,
        kind=row.kind,
        source=row.source,
        privacy=row.privacy,
        sla=row.sla,
        assist=tuple(row.assist),
        because=without_numbers(row.because) if hide else row.because,
        reply=row.reply,
        contact="" if hide else row.contact,
        contact_name=without_numbers(row.contact_name) if named else "",
        call=None if hide else row.call,
        solved=None if hide else row.solved,
        satisfied=None if hide else row.satisfied,
        returns=row.returns,
        parent=row.parent,
        history=tuple(history),
        choices=tuple((action, step.needs) for action, step in may),
        other_contact="" if hide else row.other_contact,
        seen=row.seen,
        waiting=waiting(session, [row.number]).get(row.number) if row.state == State.VERIFICATION else None,
    )
