"""What does one step change in a case, and which event says so?  Row and event, or neither; the caller commits."""

import secrets
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from routing import case_search, cases, deadlines, handovers, holds
from routing.audit import NOTHING_BEFORE, digest, seal
from routing.cases import Action, Facts, NotAllowed, Role, State
from routing.numbers import without_numbers
from routing.office import Office
from routing.tables import AttachmentRow, CaseEventRow, CaseRow, CaseUnitRow, OriginRow
from routing.working_time import HERE

EVENT = insert(CaseEventRow.__table__)  # type: ignore[arg-type]
REFILED = {Action.DISPATCH, Action.RULE, Action.ERASE}  # after these the search knows other units or words


def change(
    session: Session,
    row: CaseRow,
    action: Action,
    actor: str,
    role: Role,
    given: dict[str, Any],
    now: datetime,
    office: Office,
    last: tuple[int, str] | None = None,
) -> None:
    """Row and event, or an exception and neither.

    `last` is version and hash of the case's last event where the caller has read it with the row.
    """
    before = State(row.state)
    found = cases.step(before, action, role, facts_of(session, row, actor), given, row.number)
    now = now.astimezone(UTC)
    _effects(session, row, action, given, now, office)
    row.state = found.to or before
    row.version += 1
    with session.no_autoflush:  # one flush for all that changed
        previous = _hash_of(session, row.number, row.version - 1, last)
    after = str(row.state)
    data = {key: str(value) for key, value in given.items() if value is not None}
    salt = secrets.token_hex(16)
    sealed = seal(salt, data)
    who, way, covered = (actor, str(role)), (str(before), after), {"sealed": sealed}
    session.connection().execute(
        EVENT,
        {
            "case": row.number, "version": row.version, "at": now, "action": action, "actor": actor, "role": role,
            "before": before, "after": after, "data": data, "salt": salt, "sealed": sealed, "previous_hash": previous,
            "hash": digest(previous, row.number, row.version, now, str(action), who, way, covered),
        },
    )  # fmt: skip
    if (before in cases.OPEN) != (row.state in cases.OPEN):
        units = update(CaseUnitRow).where(CaseUnitRow.case == row.number)
        session.execute(units.values(running=row.state in cases.OPEN))
    session.flush()
    if before is State.DRAFT or action in REFILED:
        _file(session, row)


def _hash_of(session: Session, case: str, version: int, known: tuple[int, str] | None) -> str:
    if version == 0:
        return NOTHING_BEFORE
    if known is not None and known[0] == version:
        return known[1]
    event = select(CaseEventRow.hash).where(CaseEventRow.case == case, CaseEventRow.version == version)
    return session.scalar(event) or NOTHING_BEFORE


def facts_of(session: Session, row: CaseRow, actor: str) -> Facts:
    """What the guards ask about a case and who acts on it."""
    patrol = row.source in cases.PATROLS
    own_work = False
    if row.state == State.VERIFICATION:
        mine = select(CaseEventRow.id).where(
            CaseEventRow.case == row.number, CaseEventRow.actor == actor, CaseEventRow.action.in_(cases.WORK)
        )
        own_work = session.scalars(mine.limit(1)).first() is not None
    led = row.lead is not None
    return Facts(row.returns, row.extensions, row.reworks, row.bound, led, patrol, own_work)


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
        case Action.REPLY | Action.ANSWER | Action.HANDLE | Action.PARENT_REPLY:
            row.reply = str(given["reply"])
            if action is Action.ANSWER:
                row.solved, row.closed = str(given["solved"]), now
        case Action.CLOSE:
            row.solved, row.satisfied, row.closed = str(given["solved"]), str(given["satisfied"]), now
        case Action.VERIFY:
            row.closed = now
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
        case Action.SEND_OVER:
            handovers.begin(session, row.number, str(given["platform"]), now)
        case Action.RECEIPT:
            handovers.taken(session, row.number, str(given["outside_number"]))
        case Action.OUTSIDE_REPLY:
            handovers.settle(session, row.number, handovers.ANSWERED)
            row.reply = str(given["reply"])
        case Action.TAKE_BACK:
            handovers.settle(session, row.number, handovers.REFUSED if given.get("refused") else handovers.BACK)
        case Action.REMIND:
            row.reminded += row.state != State.VERIFICATION  # counted of the unit: routing.verifying has the other
        case Action.ESCALATE:
            row.escalated += row.state != State.VERIFICATION
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
    session.execute(delete(OriginRow).where(OriginRow.case == row.number))
    session.execute(update(AttachmentRow).where(AttachmentRow.case == row.number).values(erased=now))
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


def tell_children(session: Session, parent: CaseRow, actor: str, now: datetime, office: Office) -> None:
    """One reply for all who were merged into the case; each of them is asked on their own."""
    children = select(CaseRow).where(CaseRow.parent == parent.number, CaseRow.state == State.MERGED).with_for_update()
    for child in session.scalars(children).all():
        given = {"reply": parent.reply, "parent": parent.number}
        change(session, child, Action.PARENT_REPLY, actor, Role.SYSTEM, given, now, office)
