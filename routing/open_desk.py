"""What may another system write into the case desk, and what does it see there?

A reader sees cases of citizens who did not ask for confidence, never whom they are about; a writer sees what it wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from routing import cases
from routing.api_keys import ApiKey, Right
from routing.case_desk import NoSuchCase, open_case
from routing.cases import State
from routing.dispatch import Report, propose
from routing.emergency import Action as Act
from routing.emergency import judge
from routing.numbers import without_numbers
from routing.office import Office
from routing.tables import ApiReceiptRow, CaseEventRow, CaseRow, CaseViewRow

OVER = (*cases.FINISHED, State.ARCHIVED)  # "closed" to the outside; every other state is "open"
ANSWERED = (State.CALLBACK, State.VERIFICATION, *OVER)  # the hotline has checked the unit's reply

DANGER = (Act.A, Act.B, Act.C)  # nobody is on the line to be asked back, so a supervisor looks


class Reused(ValueError):
    """An Idempotency-Key came again with something else."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case as another system sees it: no contact, no name, and no number within any text."""

    number: str
    state: State
    matter: str
    text: str
    place: str
    lat: float | None
    lng: float | None
    lead: str | None
    opened: datetime
    updated: datetime
    due: datetime | None
    reply: str

    @property
    def over(self) -> bool:
        return self.state in OVER


@dataclass(frozen=True, slots=True)
class Wanted:
    """`numbers` alone decide when there are any; `since` and `until` are about the opening; `page` begins at 1."""

    numbers: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    over: bool | None = None
    page: int = 1
    size: int = 50


def take_in(
    session: Session,
    key: ApiKey,
    report: Report,
    now: datetime,
    office: Office,
    *,
    contact_name: str = "",
    privacy: str = "public",
    idempotency: str = "",
    content: str = "",
) -> str:
    """The number of the case; of the first one when the same `content` came under `idempotency` before.

    Reused when something else came under it.  What sounds like danger raises an alarm.  Committed when this returns.
    """
    proposal = propose(report, office.catalogue, office.territory)
    if idempotency and not _first_time(session, key, idempotency, content, now):
        before = session.get_one(ApiReceiptRow, (key.id, idempotency))
        number, same = before.case, before.content == content
        session.rollback()
        if not same:
            raise Reused(f"{idempotency} came before with something else")
        return number

    def receipt(number: str) -> None:
        mine = (ApiReceiptRow.api_key == key.id) & (ApiReceiptRow.idempotency == idempotency)
        session.execute(update(ApiReceiptRow).where(mine).values(case=number))

    opened = open_case(
        session, report, proposal, now, actor=key.actor, office=office, contact_name=contact_name, privacy=privacy,
        source=key.source, also=receipt if idempotency else None, alarm=alarm_for(report.text),
    )  # fmt: skip
    return opened.number


def alarm_for(text: str) -> str:
    """The kind of alarm for the supervisors when a report that nobody spoke sounds like danger; else none."""
    return "danger" if judge(text).action in DANGER else ""


def _first_time(session: Session, key: ApiKey, idempotency: str, content: str, now: datetime) -> bool:
    """Keep the receipt; False when it is there.  A second request waits here until the first one is through."""
    insert = postgresql_insert if session.get_bind().dialect.name == "postgresql" else sqlite_insert
    values = {"api_key": key.id, "idempotency": idempotency, "content": content, "case": "", "at": now.astimezone(UTC)}
    kept = session.execute(
        insert(ApiReceiptRow).values(values).on_conflict_do_nothing().returning(ApiReceiptRow.idempotency)
    )
    return kept.first() is not None


def seen(session: Session, key: ApiKey, numbers: Sequence[str], now: datetime) -> list[OpenCase]:
    """Cases asked for by number, as far as the key may see them; each look is kept.  Committed when this returns."""
    rows = session.scalars(select(CaseRow).where(CaseRow.number.in_(numbers), *_allowed(key)).order_by(CaseRow.number))
    found = _outside(session, rows.all())
    for case in found:
        session.add(CaseViewRow(case=case.number, at=now.astimezone(UTC), actor=key.actor, purpose=key.purpose))
    session.commit()
    return found


def one(session: Session, key: ApiKey, number: str, now: datetime) -> OpenCase:
    """NoSuchCase also for one that the key may not see."""
    found = seen(session, key, [number], now)
    if not found:
        raise NoSuchCase(number)
    return found[0]


def listed(session: Session, key: ApiKey, wanted: Wanted) -> list[OpenCase]:
    """What the key may see, newest first."""
    asked = select(CaseRow).where(*_allowed(key), *_filters(wanted))
    page = asked.order_by(CaseRow.opened.desc(), CaseRow.number.desc()).limit(wanted.size)
    return _outside(session, session.scalars(page.offset((wanted.page - 1) * wanted.size)).all())


def _allowed(key: ApiKey) -> list[ColumnElement[bool]]:
    if key.may is Right.WRITE:
        return [CaseRow.opened_by == key.actor]
    return [CaseRow.privacy == "public", CaseRow.state != State.DRAFT]


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.matters:
        found.append(CaseRow.matter.in_(wanted.matters))
    if wanted.since is not None:
        found.append(CaseRow.opened >= wanted.since)
    if wanted.until is not None:
        found.append(CaseRow.opened <= wanted.until)
    if wanted.over is not None:
        found.append(CaseRow.state.in_(OVER) if wanted.over else CaseRow.state.not_in(OVER))
    return found


def _outside(session: Session, rows: Sequence[CaseRow]) -> list[OpenCase]:
    numbers = [row.number for row in rows]
    changed = select(CaseEventRow.case, func.max(CaseEventRow.at)).where(CaseEventRow.case.in_(numbers))
    found = session.execute(changed.group_by(CaseEventRow.case)).all() if numbers else []
    updated = {number: at for number, at in found}  # noqa: C416 (rows are no pairs to mypy)
    return [_shown(row, updated.get(row.number, row.opened)) for row in rows]


def _shown(row: CaseRow, updated: datetime) -> OpenCase:
    state = State(row.state)
    return OpenCase(
        row.number, state, row.matter, without_numbers(row.text), without_numbers(row.place), row.lat, row.lng,
        row.lead, row.opened, updated, row.due, without_numbers(row.reply) if state in ANSWERED else "",
    )  # fmt: skip
