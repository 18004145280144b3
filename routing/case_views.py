"""Who sees what of a case?  The hotline everything, a unit its own cases and never a number; each look is kept."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from routing import case_search, cases
from routing.areas import for_officers
from routing.case_change import facts_of
from routing.case_desk import NoSuchCase
from routing.cases import Action, Role, State
from routing.numbers import without_numbers
from routing.tables import CaseEventRow, CaseRow, CaseUnitRow, CaseViewRow

PAGE = 50  # cases in one list
SHORTEST_NUMBER = 6  # digits; from here on digits are a number (of a case: its beginning), not a word
AREA = "area"  # the part of a grid officer in a case: it lies where they work
OUTSIDE_ZH: dict[str, str] = {Role.DEPARTMENT: "承办单位", Role.GRID: "网格员"}
HOTLINE_ONLY = {"solved", "satisfied", "contact", "matter", "told", "outside_person"}  # of an event: not for the unit


@dataclass(frozen=True, slots=True)
class CaseBrief:
    """One line of a list; nothing of the citizen."""

    number: str
    version: int
    state: State
    title: str
    matter: str
    district: str | None
    community: str | None
    urgency: str
    lead: str | None
    part: str  # lead, assist, or "" in the hotline's own lists
    opened: datetime
    sign_by: datetime | None
    due: datetime | None
    reminded: int
    escalated: int
    attention: bool

    def overdue(self, now: datetime) -> bool:
        return self.due is not None and self.state in cases.UNIT_CLOCK and self.due < now


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


def unit_list(
    session: Session, unit: str, *, states: Sequence[State] = (), after: str | None = None, limit: int = PAGE
) -> list[CaseBrief]:
    """What a unit leads or assists in, newest first; `after` is the last number of the page before."""
    wanted = (
        select(CaseRow, CaseUnitRow.part)
        .join(CaseUnitRow, CaseUnitRow.case == CaseRow.number)
        .where(CaseUnitRow.unit == unit)
        .order_by(CaseUnitRow.case.desc())
        .limit(limit)
    )
    if states:
        wanted = wanted.where(CaseRow.state.in_(states))
        if len(running := {state in cases.OPEN for state in states}) == 1:  # the few open cases, or the many others
            wanted = wanted.where(CaseUnitRow.running.is_(running.pop()))
    if after:
        wanted = wanted.where(CaseUnitRow.case < after)
    return [_brief(row, part, hide=True) for row, part in session.execute(wanted)]


def hotline_list(
    session: Session,
    *,
    states: Sequence[State] = (),
    call: str | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> list[CaseBrief]:
    """All cases, newest first; of one call when `call` is given.  State.UNDIRECTED is the dispatcher's queue."""
    wanted = select(CaseRow).order_by(CaseRow.number.desc()).limit(limit)
    if states:
        # A page of each state, then the newest of them: no planner has to guess how rare a state is.
        wanted = wanted.where(CaseRow.number.in_(union_all(*(_numbers(state, call, after, limit) for state in states))))
    if call is not None:
        wanted = wanted.where(CaseRow.call == call)
    if after:
        wanted = wanted.where(CaseRow.number < after)
    return [_brief(row, "") for row in session.scalars(wanted)]


def _numbers(state: State, call: str | None, after: str | None, limit: int) -> Select[tuple[str]]:
    wanted = select(CaseRow.number).where(CaseRow.state == state)
    if call is not None:
        wanted = wanted.where(CaseRow.call == call)
    if after:
        wanted = wanted.where(CaseRow.number < after)
    newest = wanted.order_by(CaseRow.number.desc()).limit(limit).subquery()
    return select(newest.c.number)


def search(
    session: Session, words: str, *, unit: str | None = None, after: str | None = None, limit: int = PAGE
) -> list[CaseBrief]:
    """Cases by number (or its beginning), by contact, or by words of title, text and place; newest first.

    A unit finds its own cases only, and none by a telephone number.  TooShort when there is nothing to look for.
    """
    digits = re.sub(r"[\s-]", "", words)
    if digits.isascii() and digits.isdigit() and len(digits) >= SHORTEST_NUMBER:
        numbers = _by_digits(session, digits, unit, after, limit)
    else:
        numbers = case_search.find(session, without_numbers(words, " "), limit, unit=unit, after=after)
    if unit is None:
        found = session.scalars(select(CaseRow).where(CaseRow.number.in_(numbers)).order_by(CaseRow.number.desc()))
        return [_brief(row, "") for row in found]
    own = (
        select(CaseRow, CaseUnitRow.part)
        .join(CaseUnitRow, CaseUnitRow.case == CaseRow.number)
        .where(CaseUnitRow.unit == unit, CaseUnitRow.case.in_(numbers))
        .order_by(CaseRow.number.desc())
    )
    return [_brief(row, part, hide=True) for row, part in session.execute(own)]


def _by_digits(session: Session, digits: str, unit: str | None, after: str | None, limit: int) -> list[str]:
    """Numbers of cases that begin so, else of the hotline's cases with this contact."""
    before = digits + "~" if after is None else min(after, digits + "~")
    if unit is None:
        begins = select(CaseRow.number).where(CaseRow.number >= digits, CaseRow.number < before)
        begins = begins.order_by(CaseRow.number.desc())
    else:
        begins = select(CaseUnitRow.case).where(CaseUnitRow.unit == unit)
        begins = begins.where(CaseUnitRow.case >= digits, CaseUnitRow.case < before).order_by(CaseUnitRow.case.desc())
    found = list(session.scalars(begins.limit(limit)))
    if found or unit is not None:
        return found
    same = select(CaseRow.number).where(CaseRow.contact == digits)
    if after:
        same = same.where(CaseRow.number < after)
    return list(session.scalars(same.order_by(CaseRow.number.desc()).limit(limit)))


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


def views(session: Session, number: str) -> list[tuple[datetime, str, str]]:
    """Who looked: when, who, what for; oldest first."""
    rows = session.scalars(select(CaseViewRow).where(CaseViewRow.case == number).order_by(CaseViewRow.id))
    return [(r.at, r.actor, r.purpose) for r in rows]


def _brief(row: CaseRow, part: str, *, hide: bool = False) -> CaseBrief:
    title = without_numbers(row.title) if hide else row.title
    return CaseBrief(
        row.number, row.version, State(row.state), title, row.matter, row.district, row.community, row.urgency,
        row.lead, part, row.opened, row.sign_by, row.due, row.reminded, row.escalated, row.attention,
    )  # fmt: skip


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
        brief=_brief(row, part, hide=hide),
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
    )
