"""What does a message of Asterisk mean?  AMI events become values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Headers = Mapping[str, Any]
QUEUE = "citizens"


@dataclass(frozen=True, slots=True)
class Arrived:
    call: str
    channel: str
    caller: str  # digits, as the trunk gave them; empty when withheld


@dataclass(frozen=True, slots=True)
class Joined:
    call: str
    channel: str
    queue: str
    position: int  # 1 is the front


@dataclass(frozen=True, slots=True)
class Left:
    """Out of the queue: answered, hung up, or about to enter again."""

    call: str


@dataclass(frozen=True, slots=True)
class Abandoned:
    call: str
    held: int  # s


@dataclass(frozen=True, slots=True)
class Rang:
    call: str
    operator: str
    channel: str  # the operator's


@dataclass(frozen=True, slots=True)
class NotAnswered:
    call: str
    operator: str


@dataclass(frozen=True, slots=True)
class Connected:
    call: str
    operator: str
    channel: str  # the operator's exact channel, which ChanSpy needs
    held: int  # s


@dataclass(frozen=True, slots=True)
class Completed:
    call: str
    operator: str
    talked: int  # s


@dataclass(frozen=True, slots=True)
class DeskEnded:
    """A channel is gone; if it was an operator's, so is their part in the talk, long before AgentComplete says so."""

    operator: str
    channel: str


@dataclass(frozen=True, slots=True)
class Ended:
    call: str
    cause: str


@dataclass(frozen=True, slots=True)
class Emergency:
    call: str
    service: str


@dataclass(frozen=True, slots=True)
class EmergencyTried:
    call: str
    route: str
    status: str  # DIALSTATUS


@dataclass(frozen=True, slots=True)
class EmergencyLost:
    call: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """The dialplan had to help itself; the caller is on the way to a person."""

    call: str
    what: str  # timeout, media or desk


@dataclass(frozen=True, slots=True)
class MemberPaused:
    operator: str
    reason: str


@dataclass(frozen=True, slots=True)
class MemberReachable:
    operator: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class ListeningBegan:
    """A supervisor is on an operator's call; `mode` is listen, whisper or barge."""

    supervisor: str
    operator: str
    mode: str
    channel: str  # the supervisor's


@dataclass(frozen=True, slots=True)
class ListeningEnded:
    supervisor: str
    operator: str
    channel: str


SwitchEvent = (
    Arrived | Joined | Left | Abandoned | Rang | NotAnswered | Connected | Completed | DeskEnded | Ended | Emergency
    | EmergencyTried | EmergencyLost | Trouble | MemberPaused | MemberReachable | ListeningBegan | ListeningEnded
)  # fmt: skip

AUTO_PAUSE = "Auto-Pause"  # the reason Asterisk gives when an operator let it ring
UNREACHABLE = {"4", "5"}  # device states: invalid, unavailable


def variable(headers: Headers, name: str, prefix: str = "") -> str:
    """A channel variable of an event: `ChanVariable: CALL_ID=…` (or `ChanVariable(CALL_ID): …`), one or many."""
    direct = headers.get(f"{prefix}ChanVariable({name})")
    if direct:
        return str(direct)
    given = headers.get(f"{prefix}ChanVariable") or []
    for item in given if isinstance(given, list) else [given]:
        key, _, value = str(item).partition("=")
        if key.strip() == name:
            return value.strip()
    return ""


def call_id(headers: Headers) -> str:
    return str(headers.get("CallId") or "") or variable(headers, "CALL_ID") or variable(headers, "CALL_ID", "Dest")


def operator(interface: str) -> str:
    """`PJSIP/op1001-0000002a` and `PJSIP/op1001` → `op1001`."""
    return interface.partition("/")[2].rpartition("-")[0] if "-" in interface else interface.partition("/")[2]


def number(headers: Headers, key: str) -> int:
    value = str(headers.get(key) or "")
    return int(value) if value.isdigit() else 0


def translate(headers: Headers) -> SwitchEvent | None:
    """None for what nobody here needs to know, and for channels that belong to no call."""
    kind = str(headers.get("Event") or "")
    who = operator(str(headers.get("Interface") or ""))
    if kind == "QueueMemberPause":
        return MemberPaused(who, _reason(headers)) if str(headers.get("Paused")) == "1" else None
    if kind in {"QueueMemberStatus", "QueueMemberAdded"}:
        return MemberReachable(who, str(headers.get("Status")) not in UNREACHABLE)
    if kind in {"ChanSpyStart", "ChanSpyStop"}:
        return _listening(kind, headers)
    if kind == "Hangup":
        channel = str(headers.get("Channel") or "")
        return DeskEnded(operator(channel), channel)
    call = call_id(headers)
    if not call:
        return None
    text = {key: str(headers.get(key) or "") for key in ("Channel", "DestChannel", "Queue", "CallerIDNum")}
    match kind:
        case "QueueCallerJoin":
            return Joined(call, text["Channel"], text["Queue"], number(headers, "Position"))
        case "QueueCallerLeave":
            return Left(call)
        case "QueueCallerAbandon":
            return Abandoned(call, number(headers, "HoldTime"))
        case "AgentCalled":
            return Rang(call, who, text["DestChannel"])
        case "AgentRingNoAnswer":
            return NotAnswered(call, who)
        case "AgentConnect":
            return Connected(call, who, text["DestChannel"], number(headers, "HoldTime"))
        case "AgentComplete":
            return Completed(call, who, number(headers, "TalkTime"))
        case "UserEvent":
            return _user_event(str(headers.get("UserEvent") or ""), call, headers, text)
    return None


def _listening(kind: str, headers: Headers) -> ListeningBegan | ListeningEnded:
    channel, other = str(headers.get("SpyerChannel") or ""), str(headers.get("SpyeeChannel") or "")
    if kind == "ChanSpyStop":
        return ListeningEnded(operator(channel), operator(other), channel)
    return ListeningBegan(operator(channel), operator(other), str(headers.get("SpyerExten") or ""), channel)


def _reason(headers: Headers) -> str:
    return str(headers.get("PausedReason") or headers.get("Reason") or "")


def _user_event(name: str, call: str, headers: Headers, text: Mapping[str, str]) -> SwitchEvent | None:
    match name:
        case "CallArrived":
            caller = "".join(c for c in text["CallerIDNum"] if c in "+0123456789")
            return Arrived(call, text["Channel"], caller)
        case "CallEnded":
            return Ended(call, str(headers.get("Cause") or ""))
        case "Emergency":
            return Emergency(call, str(headers.get("Service") or "110"))
        case "EmergencyResult":
            return EmergencyTried(call, str(headers.get("Route") or ""), str(headers.get("Status") or ""))
        case "EmergencyFailed":
            return EmergencyLost(call)
        case "IvrTimeout":
            return Trouble(call, "timeout")
        case "MediaLost":
            return Trouble(call, "media")
        case "OperatorLost":
            return Trouble(call, "desk")
    return None
