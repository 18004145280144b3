"""Who else is told what happens to a case?  The events of the cases are the outbox; each subscription has a cursor.

A subscription's cursor moves only when the other side has taken an event in, or when the event is not wanted, so
nothing is lost and nothing overtakes within a case; a worker that dies in between tells the same event again.
Cases of citizens who asked for confidence are not told of, as they are not shown.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, delete, func, or_, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from routing.alarms import tell, with_the_rest
from routing.cases import Action
from routing.feed import Feed
from routing.tables import CaseEventRow, CaseRow, WebhookDeliveryRow, WebhookRow

FIRST_PAUSE = timedelta(seconds=10)  # after the first failure; doubles with each further one
LONGEST_PAUSE = timedelta(hours=1)
GIVES_UP_AFTER = timedelta(days=3)  # of nothing but failures, unless the city says otherwise
BUSY = timedelta(seconds=60)  # a worker holds a subscription without a sign of life; longer than one delivery takes
LOG_KEPT = timedelta(days=30)
LOCK_WITHIN = 2000  # ms


class NoWebhook(ValueError):
    """The subscription cannot be made or found; the message says why."""


@dataclass(frozen=True, slots=True)
class Webhook:
    id: int
    url: str
    secret_env: str
    events: tuple[str, ...]
    cursor: int
    failures: int
    failing_since: datetime | None
    next_try: datetime | None
    gave_up: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """One event on its way: what is sent, and signed with what."""

    webhook: int
    url: str
    event: int
    case: str
    body: bytes
    secret: str
    attempt: int


def subscribe(
    session: Session, url: str, now: datetime, *, events: Sequence[str] = (), secret_env: str = ""
) -> tuple[int, str]:
    """Its id and the secret, generated and shown once unless it stands in the environment as `secret_env`.

    It is told of what happens from now on.  Committed when this returns; NoWebhook says what is wrong.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > 500:
        raise NoWebhook(f"{url} is no address that could be told: http:// or https://, at most 500 characters")
    unknown = [name for name in events if name not in set(Action)]
    if unknown:
        raise NoWebhook(f"there is no event {', '.join(unknown)}; there are: {', '.join(Action)}")
    secret = "" if secret_env else secrets.token_hex(32)
    row = WebhookRow(
        url=url, secret=secret, secret_env=secret_env, events=list(events), cursor=settled_up_to(session),
        made=now.astimezone(UTC), failures=0,
    )  # fmt: skip
    session.add(row)
    session.flush()
    made = row.id
    session.commit()
    return made, secret


def remove(session: Session, webhook: int) -> None:
    """With its log.  Committed when this returns."""
    session.delete(_row(session, webhook))
    session.execute(delete(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook == webhook))
    session.commit()


def resume(session: Session, webhook: int) -> None:
    """Try again where it was given up: nothing is lost in between.  Committed when this returns."""
    row = _row(session, webhook)
    row.failures, row.failing_since, row.next_try, row.gave_up = 0, None, None, None
    session.commit()


def webhooks(session: Session) -> list[Webhook]:
    return [
        Webhook(
            r.id, r.url, r.secret_env, tuple(r.events), r.cursor, r.failures, r.failing_since, r.next_try, r.gave_up
        )
        for r in session.scalars(select(WebhookRow).order_by(WebhookRow.id))
    ]


def deliveries(session: Session, webhook: int, limit: int = 100) -> list[WebhookDeliveryRow]:
    """The last attempts, newest first."""
    mine = select(WebhookDeliveryRow).where(WebhookDeliveryRow.webhook == webhook)
    return list(session.scalars(mine.order_by(WebhookDeliveryRow.id.desc()).limit(limit)))


def _row(session: Session, webhook: int) -> WebhookRow:
    row = session.get(WebhookRow, webhook)
    if row is None:
        raise NoWebhook(f"there is no subscription {webhook}")
    return row


def settled_up_to(session: Session) -> int:
    """The last event of which none before it can still appear.

    PostgreSQL gives ids at the insert, not at the commit: event 7 may be seen before event 6.  Whoever holds the
    table in SHARE mode has waited for every writer.  SQLite has one writer at a time.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SET LOCAL lock_timeout = {LOCK_WITHIN}"))
        session.execute(text("LOCK TABLE case_events IN SHARE MODE"))
    return int(session.scalar(select(func.max(CaseEventRow.id))) or 0)


def due(session: Session, now: datetime) -> list[int]:
    """Subscriptions that may be served now."""
    ready = select(WebhookRow.id).where(WebhookRow.gave_up.is_(None), _past(WebhookRow.next_try, now))
    return list(session.scalars(ready.order_by(WebhookRow.id)))


def _past(column: InstrumentedAttribute[datetime | None], now: datetime) -> ColumnElement[bool]:
    return or_(column.is_(None), column <= now)


def take(session: Session, webhook: int, now: datetime) -> bool:
    """Whether this worker serves it now; another one may be at it.  Committed when this returns."""
    mine = update(WebhookRow).where(WebhookRow.id == webhook, _past(WebhookRow.busy_until, now))
    taken = session.execute(mine.values(busy_until=now + BUSY).returning(WebhookRow.id)).first()
    session.commit()
    return taken is not None


def release(session: Session, webhook: int) -> None:
    """Committed when this returns."""
    session.execute(update(WebhookRow).where(WebhookRow.id == webhook).values(busy_until=None))
    session.commit()


def next_letter(session: Session, webhook: int, up_to: int) -> Letter | None:
    """What is to be told next, up to event `up_to`; None when all was.  Committed when this returns."""
    row = session.get(WebhookRow, webhook)
    if row is None or row.gave_up is not None:
        return None
    wanted = (
        select(CaseEventRow)
        .join(CaseRow, CaseRow.number == CaseEventRow.case)
        .where(CaseEventRow.id > row.cursor, CaseEventRow.id <= up_to, CaseRow.privacy == "public")
        .order_by(CaseEventRow.id)
        .limit(1)
    )
    if row.events:
        wanted = wanted.where(CaseEventRow.action.in_(row.events))
    event = session.scalars(wanted).first()
    if event is None:
        row.cursor = max(row.cursor, up_to)
        session.commit()
        return None
    secret = os.environ.get(row.secret_env, "") if row.secret_env else row.secret
    letter = Letter(row.id, row.url, event.id, event.case, body(event), secret, row.failures + 1)
    session.rollback()
    return letter


def body(event: CaseEventRow) -> bytes:
    """Ids, states and times; who did it, and what was said with it, stays in the house."""
    content = {
        "event": event.id,
        "service_request_id": event.case,
        "version": event.version,
        "action": event.action,
        "before": event.before,
        "after": event.after,
        "at": event.at.astimezone(UTC).isoformat(),
    }
    return json.dumps(content, separators=(",", ":")).encode()


def signature(secret: str, at: datetime, content: bytes) -> str:
    """`t=<unix seconds>,v1=<HMAC-SHA256 of "t.body" in hex>`: an old letter sent again is known by its time."""
    seconds = str(int(at.timestamp()))
    made = hmac.new(secret.encode(), seconds.encode() + b"." + content, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={made}"


def note(
    session: Session,
    letter: Letter,
    outcome: str,
    now: datetime,
    *,
    gives_up_after: timedelta = GIVES_UP_AFTER,
    feed: Feed | None = None,
) -> bool:
    """Write down how it went, and move the cursor when it was taken in; whether it was.  Committed when this returns.

    `outcome` is the answer's status, or what kept it from coming.
    """
    row = session.get(WebhookRow, letter.webhook)
    if row is None:  # removed meanwhile
        return False
    told = len(outcome) == 3 and outcome.startswith("2")
    session.add(
        WebhookDeliveryRow(
            webhook=letter.webhook, event=letter.event, case=letter.case, at=now.astimezone(UTC),
            attempt=letter.attempt, outcome=outcome[:32],
        )
    )  # fmt: skip
    if told:
        row.cursor = max(row.cursor, letter.event)
        row.failures, row.failing_since, row.next_try, row.busy_until = 0, None, None, now + BUSY
        session.commit()
        return True
    row.failures += 1
    row.failing_since = row.failing_since or now
    row.next_try = now + pause(row.failures)
    alarm = None
    if now - row.failing_since >= gives_up_after:
        row.gave_up = now
        words = f"订阅 {letter.webhook} 的对方系统多日不应答, 已停止通知"
        alarm = with_the_rest(session, "webhook", words, now)
    session.commit()
    tell(feed, alarm)
    return False


def pause(failures: int) -> timedelta:
    """Before the next try, after so many failures in a row."""
    return min(FIRST_PAUSE * (1 << min(failures - 1, 20)), LONGEST_PAUSE)


def forget_old(session: Session, now: datetime) -> None:
    """Attempts older than LOG_KEPT.  Committed when this returns."""
    session.execute(delete(WebhookDeliveryRow).where(WebhookDeliveryRow.at < now - LOG_KEPT))
    session.commit()
