"""How is a case opened and moved on?  Every change and its event are one transaction, or neither is.

Functions commit; what the desks are told (feed) comes after the commit.  Give them a session of
routing.database.writing, or any in which nothing was read before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from routing import cases
from routing.alarms import about_case, tell
from routing.areas import for_officers
from routing.attaching import Purpose, attach, photo, purpose_of, put
from routing.case_change import change, tell_children
from routing.cases import Action, NotAllowed, Role, State
from routing.dispatch import HOTLINE, Proposal, Report
from routing.events import CaseChanged, CaseDispatched, CaseOpened
from routing.office import Office
from routing.pictures import Clean
from routing.tables import CaseEventRow, CaseRow, DayCountRow
from routing.working_time import HERE

SAME_WITHIN = timedelta(days=7)  # same matter and community: may be the same case (case form, DOMAIN 5)
HELD = (
    select(CaseRow, CaseEventRow.version, CaseEventRow.hash)
    .outerjoin(CaseEventRow, (CaseEventRow.case == CaseRow.number) & (CaseEventRow.version == CaseRow.version))
    .where(CaseRow.number == bindparam("number"))
    .with_for_update(of=CaseRow)
    .execution_options(populate_existing=True)
)
TITLE = 40  # characters of the text that become the title when none is given


class Conflict(RuntimeError):
    """Somebody changed the case meanwhile; look again and decide again."""


class NoSuchCase(LookupError):
    """There is no case with this number."""


@dataclass(frozen=True, slots=True)
class Opened:
    number: str
    state: State
    lead: str | None
    due: datetime | None


def open_case(
    session: Session,
    report: Report,
    proposal: Proposal,
    now: datetime,
    *,
    actor: str,
    role: Role = Role.OPERATOR,
    office: Office | None = None,
    call: str | None = None,
    title: str = "",
    contact_name: str = "",
    privacy: str = "public",
    source: str = "telephone",
    lead: str | None = None,
    also: Callable[[str], None] | None = None,
    files: Sequence[Clean] = (),
    handled: str = "",
    after: Sequence[Clean] = (),
    alarm: str = "",
) -> Opened:
    """Write the case down and dispatch it; `lead` is a person's choice over the proposal's.

    `also` gets the number and writes what must be kept with the case or not at all.  `files` show what is reported;
    what a grid officer `handled` on the spot, with pictures of it `after`, waits for a verifier instead of a unit.
    `alarm` is the kind of one that is raised with the case (alarms.ABOUT_A_CASE).

    What the hotline itself handles or explains, and what nobody can be named for, stays with a dispatcher.
    """
    office = office or Office()
    if privacy not in {"public", "confidential", "anonymous"}:
        raise ValueError(f"{privacy} is no level of privacy")
    named = lead or (proposal.lead if proposal.directed and proposal.lead != HOTLINE else None)
    if named is not None and named not in office.territory.units:
        raise NotAllowed(f"there is no unit {named}")
    row = CaseRow(
        number=_next_number(session, office.city, now),
        version=0,
        state=State.DRAFT,
        call=call,
        source=source,
        kind=report.kind or proposal.kind,
        matter=proposal.matter,
        title=title or _title(report.text, office.catalogue.leaves[proposal.matter].zh),
        text=report.text,
        place=report.place,
        district=proposal.place.district,
        town=proposal.place.town,
        community=proposal.place.community,
        grid=proposal.place.grid,
        contact=report.contact,
        contact_name=contact_name,
        privacy=privacy,
        urgency=proposal.urgency,
        sla=proposal.sla,
        lead=None,
        assist=list(proposal.assist),
        because=proposal.because,
        opened=now.astimezone(UTC),
        reply="",
        opened_by=actor,
        attention=proposal.attention,
        returns=0,
        extensions=0,
        reworks=0,
        reminded=0,
        escalated=0,
        bound=False,
        lat=report.point[0] if report.point else None,
        lng=report.point[1] if report.point else None,
        other_contact=report.other_contact,
        seen=report.seen.astimezone(UTC) if report.seen else None,
    )
    session.add(row)
    given: dict[str, Any] = {"matter": row.matter, "because": row.because}
    if handled:
        action, named = Action.HANDLE, None
        given |= {"reply": handled, "photo": photo(after)}
    elif named is not None:
        action = Action.DISPATCH
        given["lead"] = named
    else:
        action = Action.KEEP
    change(session, row, action, actor, role, given, now, office)
    attach(session, row, files, Purpose.BEFORE if handled else Purpose.REPORT, actor, role, now, office)
    attach(session, row, after, Purpose.AFTER, actor, role, now, office)
    opened = _opened(row)
    if also is not None:
        also(opened.number)
    raised = about_case(session, alarm, opened.number, now)
    put([*files, *after], office)
    session.commit()
    tell(office.feed, raised)
    if office.feed is not None:
        office.feed.publish(CaseOpened(case=opened.number, call=call))
        if named is not None:
            office.feed.publish(CaseDispatched(case=opened.number, unit=named))
    return opened


def perform(
    session: Session,
    number: str,
    action: Action,
    now: datetime,
    *,
    actor: str,
    role: Role,
    unit: str | None = None,
    area: str | None = None,
    version: int | None = None,
    given: dict[str, Any] | None = None,
    office: Office | None = None,
    files: Sequence[Clean] = (),
    alarm: str = "",
) -> Opened:
    """One step of the life cycle.

    `version` is the one the actor looked at (Conflict when it is another now); `unit` is the unit of a handler, who
    may act only on what it leads, `area` that of a grid officer.  A photograph that a step needs is one of `files`.
    `alarm` is the kind of one that is raised with the step (alarms.ABOUT_A_CASE).
    NotAllowed says why not; then nothing is changed.
    """
    office = office or Office()
    try:
        row, last = _held(session, number)
        if role is Role.DEPARTMENT and (unit is None or unit != row.lead):
            raise NotAllowed(f"case {number} is not led by {unit}")
        if role is Role.GRID and not for_officers(row, area or "", actor):
            raise NotAllowed(f"case {number} does not lie in {area}")
        if version is not None and version != row.version:
            raise Conflict(f"case {number} is at version {row.version}, not {version}")
        attach(session, row, files, purpose_of(action, role), actor, role, now, office)
        change(session, row, action, actor, role, {**(given or {}), "photo": photo(files)}, now, office, last)
        if action is Action.PASS:
            tell_children(session, row, actor, now, office)
        done = _opened(row)
        raised = about_case(session, alarm, number, now)
        put(files, office)
        session.commit()
    except Exception:
        session.rollback()
        raise
    tell(office.feed, raised)
    if office.feed is not None:
        office.feed.publish(CaseChanged(case=number, action=action))
        if action in {Action.DISPATCH, Action.RULE} and done.lead:
            office.feed.publish(CaseDispatched(case=number, unit=done.lead))
    return done


def bring(
    session: Session, number: str, files: Sequence[Clean], now: datetime, *, actor: str, role: Role, office: Office
) -> None:
    """Files that come to a running case without another step.  Committed when this returns."""
    try:
        row, _ = _held(session, number)
        attach(session, row, files, Purpose.REPORT, actor, role, now, office)
        put(files, office)
        session.commit()
    except Exception:
        session.rollback()
        raise
    if office.feed is not None:
        office.feed.publish(CaseChanged(case=number, action=Action.ATTACH))


def _held(session: Session, number: str) -> tuple[CaseRow, tuple[int, str] | None]:
    """The case, which nobody else changes before this transaction ends, with version and hash of its last event.

    None when that is not in this reading: somebody changed the case while it was waited for.
    """
    if session.get_bind().dialect.name == "sqlite":  # it knows no lock of a row: who writes first has the database
        session.execute(update(CaseRow).where(CaseRow.number == number).values(version=CaseRow.version))
    found = session.execute(HELD, {"number": number}).one_or_none()
    if found is None:
        raise NoSuchCase(number)
    row, version, digest = found
    return row, None if version is None else (version, digest)


def _opened(row: CaseRow) -> Opened:
    """Read before the commit: reading after it would begin a transaction that nobody ends."""
    return Opened(row.number, State(row.state), row.lead, row.due)


def _next_number(session: Session, city: str, now: datetime) -> str:
    day = now.astimezone(HERE).strftime("%y%m%d")
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    sequence = session.scalar(
        insert(DayCountRow)
        .values(day=day, last=1)
        .on_conflict_do_update(index_elements=["day"], set_={"last": DayCountRow.last + 1})
        .returning(DayCountRow.last)
    )
    return cases.case_number(city, day, int(sequence or 0))


def _title(text: str, matter: str) -> str:
    first = text.strip().splitlines()[0] if text.strip() else ""
    return first[:TITLE] or matter


def duplicates(session: Session, matter: str, community: str | None, now: datetime) -> Sequence[str]:
    """Numbers of cases of the same matter and community within the last seven days, newest first."""
    if community is None:
        return []
    return session.scalars(
        select(CaseRow.number)
        .where(CaseRow.matter == matter, CaseRow.community == community, CaseRow.opened >= now - SAME_WITHIN)
        .order_by(CaseRow.opened.desc())
        .limit(10)
    ).all()


def count_open(session: Session, unit: str) -> int:
    """Cases a unit leads and has not answered."""
    return int(
        session.scalar(
            select(func.count()).select_from(CaseRow).where(CaseRow.lead == unit, CaseRow.state.in_(cases.UNIT_CLOCK))
        )
        or 0
    )
