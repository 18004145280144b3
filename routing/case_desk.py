"""How is a case opened, changed and shown?  Every change and its event are one transaction, or neither is.

Functions commit; what the desks are told (feed) comes after the commit.  Give them a session of
routing.database.writing, or any in which nothing was read before.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from routing import case_search, cases, deadlines, holds
from routing.audit import NOTHING_BEFORE, digest, seal
from routing.cases import Action, Facts, NotAllowed, Role, State
from routing.catalogue import Catalogue, shipped
from routing.dispatch import HOTLINE, Proposal, Report
from routing.events import CaseChanged, CaseDispatched, CaseOpened
from routing.feed import Feed
from routing.grids import Territory, sample
from routing.numbers import without_numbers
from routing.tables import CaseEventRow, CaseRow, CaseUnitRow, DayCountRow
from routing.working_time import HERE, Calendar

SAME_WITHIN = timedelta(days=7)  # same matter and community: may be the same case (case form, DOMAIN 5)
CALLER_LEFT = 4  # digits of a number that a list may show
REFILED = {Action.DISPATCH, Action.RULE, Action.ERASE}  # after these the search knows other units or words
TITLE = 40  # characters of the text that become the title when none is given


class Conflict(RuntimeError):
    """Somebody changed the case meanwhile; look again and decide again."""


class NoSuchCase(LookupError):
    """There is no case with this number."""


@dataclass(frozen=True)
class Office:
    """What the desk works with; a city's own values in place of the shipped ones."""

    catalogue: Catalogue = field(default_factory=shipped)
    territory: Territory = field(default_factory=sample)
    calendar: Calendar = field(default_factory=Calendar)
    city: str = "03"
    feed: Feed | None = None


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
) -> Opened:
    """Write the case down and dispatch it; `lead` is a person's choice over the proposal's.

    `also` gets the number and writes what must be kept with the case or not at all.

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
    )
    session.add(row)
    given: dict[str, Any] = {"matter": row.matter, "because": row.because}
    action = Action.KEEP if named is None else Action.DISPATCH
    if named is not None:
        given["lead"] = named
    _change(session, row, action, actor, role, given, now, office)
    opened = _opened(row)
    if also is not None:
        also(opened.number)
    session.commit()
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
    version: int | None = None,
    given: dict[str, Any] | None = None,
    office: Office | None = None,
) -> Opened:
    """One step of the life cycle.

    `version` is the one the actor looked at (Conflict when it is another now); `unit` is the unit of a handler, who
    may act only on what it leads.  NotAllowed says why not; then nothing is changed.
    """
    office = office or Office()
    try:
        # A write first: it takes the case's lock on both databases, so two changes come one after the other.
        session.execute(update(CaseRow).where(CaseRow.number == number).values(version=CaseRow.version))
        row = session.get(CaseRow, number, populate_existing=True)
        if row is None:
            raise NoSuchCase(number)
        if role is Role.DEPARTMENT and (unit is None or unit != row.lead):
            raise NotAllowed(f"case {number} is not led by {unit}")
        if version is not None and version != row.version:
            raise Conflict(f"case {number} is at version {row.version}, not {version}")
        _change(session, row, action, actor, role, dict(given or {}), now, office)
        if action is Action.PASS:
            _tell_children(session, row, actor, now, office)
        done = _opened(row)
        session.commit()
    except Exception:
        session.rollback()
        raise
    if office.feed is not None:
        office.feed.publish(CaseChanged(case=number, action=action))
        if action in {Action.DISPATCH, Action.RULE} and done.lead:
            office.feed.publish(CaseDispatched(case=number, unit=done.lead))
    return done


def _opened(row: CaseRow) -> Opened:
    """Read before the commit: reading after it would begin a transaction that nobody ends."""
    return Opened(row.number, State(row.state), row.lead, row.due)


def _change(
    session: Session,
    row: CaseRow,
    action: Action,
    actor: str,
    role: Role,
    given: dict[str, Any],
    now: datetime,
    office: Office,
) -> None:
    """Row and event, or an exception and neither."""
    before = State(row.state)
    facts = Facts(row.returns, row.extensions, row.reworks, row.bound, row.lead is not None)
    found = cases.step(before, action, role, facts, given, row.number)
    now = now.astimezone(UTC)
    _effects(session, row, action, given, now, office)
    row.state = found.to or before
    row.version += 1
    session.flush()
    previous = session.scalar(
        select(CaseEventRow.hash).where(CaseEventRow.case == row.number, CaseEventRow.version == row.version - 1)
    )
    previous = previous or NOTHING_BEFORE
    after = str(row.state)
    data = {key: str(value) for key, value in given.items() if value is not None}
    salt = secrets.token_hex(16)
    sealed = seal(salt, data)
    session.add(
        CaseEventRow(
            case=row.number,
            version=row.version,
            at=now,
            action=action,
            actor=actor,
            role=role,
            before=before,
            after=after,
            data=data,
            salt=salt,
            sealed=sealed,
            previous_hash=previous,
            hash=digest(
                previous, row.number, row.version, now, str(action), (actor, str(role)), (str(before), after),
                {"sealed": sealed},
            ),
        )
    )  # fmt: skip
    if (before in cases.OPEN) != (row.state in cases.OPEN):
        units = update(CaseUnitRow).where(CaseUnitRow.case == row.number)
        session.execute(units.values(running=row.state in cases.OPEN))
    session.flush()
    if before is State.DRAFT or action in REFILED:
        _file(session, row)


def _file(session: Session, row: CaseRow) -> None:
    """So that the search finds the case; telephone numbers in its text are no words."""
    words = (without_numbers(part, " ") for part in (row.title, row.text, row.place))
    units = session.scalars(select(CaseUnitRow.unit).where(CaseUnitRow.case == row.number))
    case_search.put(session, [(row.number, case_search.filed(words, units))])


def _effects(
    session: Session, row: CaseRow, action: Action, given: dict[str, Any], now: datetime, office: Office
) -> None:
    """What an action changes besides the state."""
    match action:
        case Action.DISPATCH | Action.RULE:
            _dispatch(session, row, str(given["lead"]), now, office)
            row.bound = row.bound or action is Action.RULE
        case Action.ACCEPT_RETURN:
            row.returns += 1
        case Action.EXTEND:
            later = row.due and deadlines.extended(office.catalogue.slas[row.sla], row.due, office.calendar)
            if not later:
                raise NotAllowed(f"case {row.number}: the rules of {row.sla} know no extension")
            row.due = later.astimezone(UTC)
            row.extensions += 1
        case Action.REPLY | Action.ANSWER | Action.OUTSIDE_REPLY | Action.PARENT_REPLY:
            row.reply = str(given["reply"])
            if action is Action.ANSWER:
                row.solved, row.closed = str(given["solved"]), now
        case Action.CLOSE:
            row.solved, row.satisfied, row.closed = str(given["solved"]), str(given["satisfied"]), now
        case Action.REOPEN:
            row.reworks += 1
            row.solved = row.satisfied = row.closed = None
        case Action.REFUSE:
            if given["reason"] not in office.catalogue.not_accepted:
                raise NotAllowed(f"case {row.number}: {given['reason']} is no lawful reason to refuse")
            row.closed = now
        case Action.WITHDRAW:
            row.closed = now
        case Action.ASK_RETURN:
            if given["reason"] not in office.catalogue.return_reasons:
                raise NotAllowed(f"case {row.number}: {given['reason']} is no lawful reason to return")
            if given["unit"] not in office.territory.units:
                raise NotAllowed(f"case {row.number}: there is no unit {given['unit']}")
        case Action.PROMISE:
            row.due = _promised(row.number, str(given["until"]), now)
        case Action.MERGE:
            parent = session.get(CaseRow, str(given["parent"]))
            if parent is None or parent is row or parent.state not in cases.OPEN:
                raise NotAllowed(f"case {row.number}: there is no open case {given['parent']} to merge it into")
            row.parent = parent.number
        case Action.SPLIT:
            row.parent = None
        case Action.ERASE:
            _erase(session, row, now, office)
        case Action.REMIND:
            row.reminded += 1
        case Action.ESCALATE:
            row.escalated += 1
        case _:
            pass


def _erase(session: Session, row: CaseRow, now: datetime, office: Office) -> None:
    """What the citizen said and who they are goes; the chain of events holds on (routing.audit)."""
    if row.erased is not None:
        raise NotAllowed(f"case {row.number} was erased before")
    if holds.case_held(session, row.number):
        raise NotAllowed(f"case {row.number} is held")
    leaf = office.catalogue.leaves.get(row.matter)
    row.title, row.erased = leaf.zh if leaf else "", now
    row.text = row.place = row.contact = row.contact_name = row.other_contact = row.because = row.reply = ""
    row.lat = row.lng = None
    session.execute(update(CaseEventRow).where(CaseEventRow.case == row.number).values(data={}, salt=""))


def _dispatch(session: Session, row: CaseRow, lead: str, now: datetime, office: Office) -> None:
    """The clock starts with the first dispatch and is never set back by another."""
    if lead not in office.territory.units:
        raise NotAllowed(f"case {row.number}: there is no unit {lead}")
    limits = deadlines.deadlines(office.catalogue.slas[row.sla], now, office.calendar)
    if row.dispatched is None:
        row.dispatched, row.due = now, limits.due.astimezone(UTC)
    row.sign_by = limits.sign_by.astimezone(UTC) if limits.sign_by else None
    row.lead = lead
    row.assist = [unit for unit in row.assist if unit != lead]
    session.flush()
    wanted = {lead: "lead", **dict.fromkeys(row.assist, "assist")}
    known = {r.unit: r for r in session.scalars(select(CaseUnitRow).where(CaseUnitRow.case == row.number))}
    for unit, part in wanted.items():
        if unit in known:
            known[unit].part = part
        else:
            session.add(CaseUnitRow(unit=unit, case=row.number, part=part))
    for unit, entry in known.items():
        if unit not in wanted:
            session.delete(entry)


def _promised(number: str, until: str, now: datetime) -> datetime:
    """The end of the promised day; it must lie ahead."""
    try:
        day = datetime.combine(date.fromisoformat(until), time(23, 59, 59), HERE)
    except ValueError:
        raise NotAllowed(f"case {number}: {until} is no date") from None
    if day <= now:
        raise NotAllowed(f"case {number}: {until} is past")
    return day.astimezone(UTC)


def _tell_children(session: Session, parent: CaseRow, actor: str, now: datetime, office: Office) -> None:
    """One reply for all who were merged into the case; each of them is asked on their own."""
    children = select(CaseRow).where(CaseRow.parent == parent.number, CaseRow.state == State.MERGED).with_for_update()
    for child in session.scalars(children).all():
        given = {"reply": parent.reply, "parent": parent.number}
        _change(session, child, Action.PARENT_REPLY, actor, Role.SYSTEM, given, now, office)


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
