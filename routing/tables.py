"""What does the dispatch office remember?  Calls and their facts, alarms, cases and their history."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy import Table as PlainTable
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from routing.figures import Figure

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite, which knows no zones, gets it without one and gives it back with one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be kept")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Table(DeclarativeBase):
    """Every table of this room."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant, dict[str, Any]: JSON, list[str]: JSON}


def _where(condition: str) -> dict[str, Any]:
    """A partial index, on both databases."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


class CallRow(Table):
    """One call; what its facts add up to."""

    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_kept", "ended", **_where("erased IS NULL AND ended IS NOT NULL")),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    caller: Mapped[str] = mapped_column(String(64), default="", index=True)
    arrived: Mapped[datetime] = mapped_column(index=True)
    ended: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[str | None] = mapped_column(String(16))
    article: Mapped[str | None] = mapped_column(String(64))
    operator: Mapped[str | None] = mapped_column(String(64))
    erased: Mapped[datetime | None]  # when the caller's number and words were taken out


class CallEventRow(Table):
    """One fact of a call.  No foreign key: facts may come before their call."""

    __tablename__ = "call_events"
    __table_args__ = (UniqueConstraint("call", "seq", "kind", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    call: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    data: Mapped[dict[str, Any]]


class AlarmRow(Table):
    """Something a person must look at; open until somebody says that they did."""

    __tablename__ = "alarms"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(32))
    call: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    raised: Mapped[datetime] = mapped_column(index=True)
    acknowledged: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None] = mapped_column(String(64))


class CaseRow(Table):
    """One case as it stands; how it came to stand so is in case_events."""

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_lead_state", "lead", "state", "due"),
        Index("ix_cases_matter_place", "matter", "community", "opened"),
        Index("ix_cases_state", "state", "number"),
        Index("ix_cases_grid", "grid", "state", "number"),
        Index("ix_cases_community", "community", "state", "number"),
        Index("ix_cases_clock", "number", **_where("state <> 'archived'")),
        Index("ix_cases_kept", "closed", **_where("erased IS NULL AND state = 'archived'")),
    )

    number: Mapped[str] = mapped_column(String(14), primary_key=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    call: Mapped[str | None] = mapped_column(String(64), index=True)
    source: Mapped[str] = mapped_column(String(16), default="telephone")
    kind: Mapped[str] = mapped_column(String(16))
    matter: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(String(400), default="")
    district: Mapped[str | None] = mapped_column(String(32))
    town: Mapped[str | None] = mapped_column(String(64))
    community: Mapped[str | None] = mapped_column(String(64))
    grid: Mapped[str | None] = mapped_column(String(32))
    contact: Mapped[str] = mapped_column(String(64), default="", index=True)
    contact_name: Mapped[str] = mapped_column(String(64), default="")
    privacy: Mapped[str] = mapped_column(String(16), default="public")
    urgency: Mapped[str] = mapped_column(String(2))
    sla: Mapped[str] = mapped_column(String(8))
    lead: Mapped[str | None] = mapped_column(String(64))
    assist: Mapped[list[str]]
    because: Mapped[str] = mapped_column(Text, default="")
    opened: Mapped[datetime] = mapped_column(index=True)
    dispatched: Mapped[datetime | None]
    sign_by: Mapped[datetime | None]
    due: Mapped[datetime | None] = mapped_column(index=True)
    closed: Mapped[datetime | None]
    reply: Mapped[str] = mapped_column(Text, default="")
    solved: Mapped[str | None] = mapped_column(String(16))
    satisfied: Mapped[str | None] = mapped_column(String(16))
    returns: Mapped[int] = mapped_column(default=0)
    extensions: Mapped[int] = mapped_column(default=0)
    reworks: Mapped[int] = mapped_column(default=0)
    reminded: Mapped[int] = mapped_column(default=0)
    escalated: Mapped[int] = mapped_column(default=0)
    parent: Mapped[str | None] = mapped_column(String(14), index=True)
    bound: Mapped[bool] = mapped_column(default=False)
    attention: Mapped[bool] = mapped_column(default=False)
    opened_by: Mapped[str] = mapped_column(String(64))
    lat: Mapped[float | None] = mapped_column(Float)  # WGS-84 degrees, when the report came with them
    lng: Mapped[float | None] = mapped_column(Float)
    other_contact: Mapped[str] = mapped_column(String(128), default="", server_default="")  # never rung: an e-mail
    erased: Mapped[datetime | None]  # when what the citizen said was taken out
    seen: Mapped[datetime | None]  # when it was seen on patrol, which may be long before it could be sent


class CaseEventRow(Table):
    """One change of one case; timeline, audit, outbox and statistics at once.  Never deleted.

    Never changed but once: when the case's words are erased, `data` and `salt` go.  The chain of hashes holds on,
    because what it covers is `sealed`, not `data` (routing.audit).
    """

    __tablename__ = "case_events"
    __table_args__ = (UniqueConstraint("case", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case: Mapped[str] = mapped_column(String(14))
    version: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(24))
    before: Mapped[str] = mapped_column(String(20))
    after: Mapped[str] = mapped_column(String(20))
    data: Mapped[dict[str, Any]]
    salt: Mapped[str] = mapped_column(String(32), default="")
    sealed: Mapped[str] = mapped_column(String(64), default="")  # "": an event from before there were seals
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class CaseUnitRow(Table):
    """Which units have a case in their lists: the lead and those who assist."""

    __tablename__ = "case_units"
    __table_args__ = (Index("ix_case_units_running", "unit", "running", "case"),)

    unit: Mapped[str] = mapped_column(String(64), primary_key=True)
    case: Mapped[str] = mapped_column(String(14), primary_key=True, index=True)
    part: Mapped[str] = mapped_column(String(8))  # lead or assist
    running: Mapped[bool] = mapped_column(default=True)  # whether the case is open; spares lists the whole archive


class AttachmentRow(Table):
    """A photograph or document kept with a case; its bytes lie in the file store under `sha256`."""

    __tablename__ = "attachments"
    __table_args__ = (UniqueConstraint("case", "sha256", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case: Mapped[str] = mapped_column(String(14))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media: Mapped[str] = mapped_column(String(32))  # media type, by the content
    size: Mapped[int]  # bytes, as kept
    purpose: Mapped[str] = mapped_column(String(8))  # report, reply, before or after
    actor: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(24))
    at: Mapped[datetime]
    erased: Mapped[datetime | None]  # when the bytes were taken away


class OriginRow(Table):
    """Whence another system's case came: its number there, who there sent it, and what shows it."""

    __tablename__ = "case_origins"
    __table_args__ = (UniqueConstraint("system", "number"),)

    case: Mapped[str] = mapped_column(String(14), primary_key=True)
    system: Mapped[str] = mapped_column(String(40))  # name of its key
    number: Mapped[str] = mapped_column(String(64))  # there
    person: Mapped[str] = mapped_column(String(64), default="")  # the 110 operator, the reviewer of a video
    device: Mapped[str] = mapped_column(String(64), default="")  # id of a camera
    reason: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[str] = mapped_column(String(64))  # hash of what was sent
    at: Mapped[datetime]


class PlatformRow(Table):
    """A platform outside that takes cases over; it answers under the key of the same name."""

    __tablename__ = "platforms"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    zh: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(64), default="")  # when generated; else it is in the environment
    secret_env: Mapped[str] = mapped_column(String(64), default="")
    with_contact: Mapped[bool] = mapped_column(default=False)  # under an agreement
    made: Mapped[datetime]
    removed: Mapped[datetime | None]


class HandoverRow(Table):
    """One case on its way to a platform, and what came of it."""

    __tablename__ = "handovers"
    __table_args__ = (Index("ix_handovers_state", "state", "next_try"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case: Mapped[str] = mapped_column(String(14), index=True)
    platform: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))  # waiting, taken, answered, refused, gave_up or back
    number: Mapped[str] = mapped_column(String(64), default="")  # there
    made: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(32), default="")  # of the last attempt: the status, or what kept it
    next_try: Mapped[datetime | None]
    busy_until: Mapped[datetime | None]  # a worker is at it


class SightingRow(Table):
    """A report of a grid officer and the case it became, under the id its telephone gave it; sent twice, it is one."""

    __tablename__ = "sightings"

    actor: Mapped[str] = mapped_column(String(64), primary_key=True)
    client: Mapped[str] = mapped_column(String(64), primary_key=True)
    case: Mapped[str] = mapped_column(String(14))
    at: Mapped[datetime]


class CaseViewRow(Table):
    """Who looked at a case, when and what for."""

    __tablename__ = "case_views"
    __table_args__ = (Index("ix_case_views_actor", "actor", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case: Mapped[str] = mapped_column(String(14), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(64))


class FollowUpRow(Table):
    """One call of the robot to a citizen about a case; `settled` when its outcome was drawn."""

    __tablename__ = "follow_ups"

    call: Mapped[str] = mapped_column(String(64), primary_key=True)
    case: Mapped[str] = mapped_column(String(14), index=True)
    rung: Mapped[datetime]
    settled: Mapped[datetime | None] = mapped_column(index=True)
    outcome: Mapped[str] = mapped_column(String(24))


class IncidentRow(Table):
    """Many cases that are one thing: proposed, confirmed or ended; the notice is what callers are told."""

    __tablename__ = "incidents"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    matter: Mapped[str] = mapped_column(String(8))
    level: Mapped[str] = mapped_column(String(12))  # community, town or district
    area: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]
    master: Mapped[str] = mapped_column(String(14))
    notice: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None]
    by: Mapped[str] = mapped_column(String(64))


class DayFigureRow(Table):
    """One number of one local day (routing.figures.Key); made anew from the events at any time."""

    __tablename__ = "day_figures"
    __table_args__ = (Index("ix_day_figures_unit", "unit", "day", "figure", "matter", "n"),)

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    figure: Mapped[str] = mapped_column(String(16), primary_key=True)
    unit: Mapped[str] = mapped_column(String(64), primary_key=True)
    matter: Mapped[str] = mapped_column(String(8), primary_key=True)
    district: Mapped[str] = mapped_column(String(32), primary_key=True)
    n: Mapped[int]


# Sums of day_figures, one column for each figure, so that a report of years reads few rows (routing.figure_sums).
FIGURE_SUMS = PlainTable(
    "figure_sums",
    Table.metadata,
    Column("by", String(12), primary_key=True),
    Column("span", String(10), primary_key=True),  # a local day, "2026-03-04", or a whole month, "2026-03"
    Column("code", String(64), primary_key=True),
    Column("matter", String(8), primary_key=True),
    *(Column(str(figure), Integer, nullable=False) for figure in Figure),
    sqlite_with_rowid=False,
)


class HoldRow(Table):
    """A case or a call of which nothing may be erased (legal hold), until it is lifted."""

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    target: Mapped[str] = mapped_column(String(64), index=True)  # a case's number or a call's id
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(64))
    lifted: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(64))


class DayCountRow(Table):
    """The last case number given on a day."""

    __tablename__ = "case_days"

    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int]


class ApiKeyRow(Table):
    """A key of another system; only its hash is kept."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(40), unique=True, index=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True, index=True)
    may: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(16))
    per_minute: Mapped[int]
    made: Mapped[datetime]
    used: Mapped[datetime | None]
    revoked: Mapped[datetime | None]


class ApiReceiptRow(Table):
    """What a key sent under an Idempotency-Key, and the case it became."""

    __tablename__ = "api_receipts"

    api_key: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    idempotency: Mapped[str] = mapped_column(String(128), primary_key=True)
    content: Mapped[str] = mapped_column(String(64))  # hash of what was sent
    case: Mapped[str] = mapped_column(String(14))
    at: Mapped[datetime]


class WebhookRow(Table):
    """Who is told about cases: everything up to event `cursor` was taken in there or is not wanted."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(64), default="")  # when generated; else it is in the environment
    secret_env: Mapped[str] = mapped_column(String(64), default="")
    events: Mapped[list[str]]  # actions; empty: all
    cursor: Mapped[int]
    made: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    next_try: Mapped[datetime | None]
    busy_until: Mapped[datetime | None]  # a worker is at it
    gave_up: Mapped[datetime | None]


class WebhookDeliveryRow(Table):
    """One attempt to tell."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (Index("ix_webhook_deliveries_webhook", "webhook", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    webhook: Mapped[int]
    event: Mapped[int]
    case: Mapped[str] = mapped_column(String(14))
    at: Mapped[datetime] = mapped_column(index=True)
    attempt: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(32))  # the status, or what kept it from coming
