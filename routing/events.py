"""What may happen in the hotline that others want to know at once?  Ids only: whoever may see more asks the records."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; `at` is aware UTC."""

    at: datetime = field(default_factory=_now)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEventful(Event):
    """Something that happened to a call."""

    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallArrived(CallEventful):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHeard(CallEventful):
    """The caller said something; the words are in the records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHandedOver(CallEventful):
    to: str = "queue"  # queue, emergency or bye


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(CallEventful):
    queue: str = "citizens"
    position: int = 0  # 1 is the front; 0 when Asterisk did not say


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRinging(CallEventful):
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAnswered(CallEventful):
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(CallEventful):
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyRaised(CallEventful):
    service: str = "110"


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyFailed(CallEventful):
    """No emergency leg answered; the caller stands at the front of the operators' queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorChanged(Event):
    operator: str
    state: str  # ready, break, talking, wrap-up, away


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(Event):
    alarm: int
    kind: str = ""
    call: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmAcknowledged(Event):
    alarm: int
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    case: str
    call: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDispatched(Event):
    case: str
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChanged(Event):
    case: str
    action: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlePublished(Event):
    article: str
    revision: int = 0


KINDS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        CallArrived, CallHeard, CallHandedOver, CallQueued, CallRinging, CallAnswered, CallEnded,
        EmergencyRaised, EmergencyFailed, OperatorChanged, AlarmRaised, AlarmAcknowledged,
        CaseOpened, CaseDispatched, CaseChanged, ArticlePublished,
    )
}  # fmt: skip


def dump(event: Event) -> dict[str, str]:
    """The event as the two fields of a stream entry."""
    content = asdict(event) | {"at": event.at.astimezone(UTC).isoformat()}
    return {"kind": type(event).__name__, "data": json.dumps(content, ensure_ascii=False)}


def load(fields: dict[str, str]) -> Event | None:
    """The event of a stream entry; None for one that this version does not know."""
    kind = KINDS.get(fields.get("kind", ""))
    if kind is None:
        return None
    try:
        content: dict[str, Any] = json.loads(fields["data"])
        content["at"] = datetime.fromisoformat(content["at"])
        return kind(**content)
    except (KeyError, TypeError, ValueError):
        return None
