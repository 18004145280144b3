"""Who waits since when, who rings, who talks to whom?  The state of the house, pure: time is an argument."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from routing.switch_events import (
    AUTO_PAUSE,
    UNREACHABLE,
    Abandoned,
    Arrived,
    Completed,
    Connected,
    DeskEnded,
    Emergency,
    EmergencyLost,
    EmergencyTried,
    Ended,
    Headers,
    Joined,
    Left,
    ListeningBegan,
    ListeningEnded,
    MemberPaused,
    MemberReachable,
    NotAnswered,
    Rang,
    SwitchEvent,
    call_id,
    number,
    operator,
)


class Phase(StrEnum):
    """Where a call is."""

    ROBOT = "robot"
    WAITING = "waiting"
    TALKING = "talking"
    EMERGENCY = "emergency"


class State(StrEnum):
    """What an operator is doing."""

    SIGNED_OUT = "signed_out"
    READY = "ready"
    BREAK = "break"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap_up"


@dataclass(frozen=True, slots=True)
class Running:
    """A call that is in the house."""

    call: str
    channel: str
    phase: Phase
    since: datetime  # in this phase
    arrived: datetime
    caller: str = ""
    position: int = 0  # 1 is the front; 0 outside the queue
    waiting_since: datetime | None = None  # first put into the queue; kept when the queue is entered again
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """One operator."""

    operator: str
    state: State
    since: datetime
    reason: str = ""  # of a break
    call: str = ""  # ringing, talking, or being wrapped up
    channel: str = ""
    reachable: bool = True  # whether the softphone is registered


@dataclass(frozen=True, slots=True)
class Listener:
    """One supervisor on one operator's call."""

    supervisor: str
    operator: str
    mode: str  # listen, whisper or barge
    channel: str  # the supervisor's
    since: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """What the queue must know of an operator; None of it when signed out."""

    member: bool
    paused: bool = False
    reason: str = ""


def membership(state: State, reason: str = "") -> Membership:
    """The console's truth, as the queue must have it.

    Who talks is paused already, so that no second call can ring between the end of the talk and the wrap-up.
    """
    match state:
        case State.SIGNED_OUT:
            return Membership(False)
        case State.READY | State.RINGING:
            return Membership(True)
        case State.TALKING | State.WRAP_UP:
            return Membership(True, True, "wrap_up")
        case State.BREAK:
            return Membership(True, True, reason or "break")


@dataclass(slots=True)
class Board:
    """Who waits since when, who rings, who talks to whom.  Changed only by `apply` and by what operators press."""

    calls: dict[str, Running] = field(default_factory=dict)
    seats: dict[str, Seat] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)  # by supervisor

    def seat(self, operator: str, now: datetime) -> Seat:
        return self.seats.get(operator) or Seat(operator, State.SIGNED_OUT, now)

    def set_state(self, operator: str, state: State, now: datetime, *, reason: str = "", call: str = "") -> Seat:
        seat = self.seat(operator, now)
        since = seat.since if (seat.state, seat.reason) == (state, reason) else now
        channel = seat.channel if state is State.TALKING else ""
        made = replace(seat, state=state, since=since, reason=reason, call=call, channel=channel)
        self.seats[operator] = made
        return made

    def apply(self, event: SwitchEvent, now: datetime) -> None:
        """Bring the board up to date; an event twice does no harm."""
        match event:
            case Arrived(call, channel, caller):
                self.calls[call] = Running(call, channel, Phase.ROBOT, now, now, caller)
            case Joined(call, channel, _, position):
                self._join(call, channel, position, now)
            case Left(call) | Abandoned(call):
                self._leave(call)
            case Rang(call, who, channel):
                if self.seat(who, now).state is not State.TALKING:
                    self.set_state(who, State.RINGING, now, call=call)
                    self.seats[who] = replace(self.seats[who], channel=channel)
            case NotAnswered(_, who):
                if self.seat(who, now).state is State.RINGING:
                    self.set_state(who, State.READY, now)
            case Connected(call, who, channel):
                self._connect(call, who, channel, now)
            case Completed(call, who):
                self._wrap_up(call, who, now)
            case DeskEnded(who, channel) if who in self.seats and self.seats[who].channel == channel:
                self._wrap_up(self.seats[who].call, who, now)
            case Ended(call):
                self._end(call, now)
            case Emergency(call) | EmergencyTried(call):
                self._phase(call, Phase.EMERGENCY, now)
            case EmergencyLost(call):
                self._phase(call, Phase.WAITING, now)
            case MemberPaused(who, reason) if reason == AUTO_PAUSE and who in self.seats:
                self.set_state(who, State.BREAK, now, reason="no_answer")
            case MemberReachable(who, reachable) if who in self.seats:
                self.seats[who] = replace(self.seats[who], reachable=reachable)
            case ListeningBegan(supervisor, who, mode, channel):
                self.listeners[supervisor] = Listener(supervisor, who, mode, channel, now)
            case ListeningEnded(supervisor, _, channel):
                listener = self.listeners.get(supervisor)
                if listener is not None and listener.channel == channel:
                    del self.listeners[supervisor]

    def _known(self, call: str, now: datetime, channel: str = "") -> Running:
        return self.calls.get(call) or Running(call, channel, Phase.ROBOT, now, now)

    def _phase(self, call: str, phase: Phase, now: datetime) -> None:
        known = self._known(call, now)
        if known.phase is not phase:
            known = replace(known, phase=phase, since=now)
        self.calls[call] = known

    def _join(self, call: str, channel: str, position: int, now: datetime) -> None:
        known = self._known(call, now, channel)
        if known.position == 0:
            for other in list(self.calls.values()):
                if other.position >= position > 0:
                    self.calls[other.call] = replace(other, position=other.position + 1)
        since = known.waiting_since or now
        self.calls[call] = replace(
            known,
            channel=channel,
            phase=Phase.WAITING,
            since=since,
            waiting_since=since,
            position=position,
            operator="",
        )

    def _leave(self, call: str) -> None:
        known = self.calls.get(call)
        if known is None or known.position == 0:
            return
        for other in list(self.calls.values()):
            if other.position > known.position:
                self.calls[other.call] = replace(other, position=other.position - 1)
        self.calls[call] = replace(known, position=0)

    def _connect(self, call: str, who: str, channel: str, now: datetime) -> None:
        self._leave(call)
        self.calls[call] = replace(self._known(call, now), phase=Phase.TALKING, since=now, operator=who)
        self.set_state(who, State.TALKING, now, call=call)
        self.seats[who] = replace(self.seats[who], channel=channel)

    def _wrap_up(self, call: str, who: str, now: datetime) -> None:
        seat = self.seats.get(who)
        if seat is not None and seat.state is State.TALKING and seat.call == call:
            self.set_state(who, State.WRAP_UP, now, call=call)

    def _end(self, call: str, now: datetime) -> None:
        self._leave(call)
        self.calls.pop(call, None)
        for seat in list(self.seats.values()):
            if seat.call == call and seat.state is State.RINGING:
                self.set_state(seat.operator, State.READY, now)
            elif seat.call == call:
                self._wrap_up(call, seat.operator, now)

    def waiting(self) -> list[Running]:
        """In the order in which they will be served; between two queue runs (no position) last."""
        found = [c for c in self.calls.values() if c.phase is Phase.WAITING]
        return sorted(found, key=lambda c: (c.position or 1 << 30, c.waiting_since or c.since))


def snapshot(board: Board, channels: Iterable[Headers], queue: Iterable[Headers], now: datetime) -> Board:
    """The board after a (re)connection: the console's own seats, the calls as Asterisk shows them now.

    `channels` are CoreShowChannel events, `queue` the QueueMember and QueueEntry events of QueueStatus.
    """
    fresh = Board(seats={name: replace(seat, channel="") for name, seat in board.seats.items()})
    queue = list(queue)
    entries = {str(q.get("Channel")): q for q in queue if q.get("Event") == "QueueEntry"}
    for q in queue:
        name = operator(str(q.get("Location") or ""))
        if q.get("Event") == "QueueMember" and name in fresh.seats:
            fresh.seats[name] = replace(fresh.seats[name], reachable=str(q.get("Status")) not in UNREACHABLE)
    desks: list[tuple[str, str, str, bool]] = []
    for headers in channels:
        call, channel = call_id(headers), str(headers.get("Channel") or "")
        if headers.get("Application") == "ChanSpy":
            fresh.apply(_listening(headers, channel), now)
            continue
        if not call:
            continue
        if operator(channel) in board.seats:
            up = str(headers.get("ChannelStateDesc") or "") == "Up"
            desks.append((call, operator(channel), channel, up))
        elif channel.startswith("PJSIP/emergency-"):
            continue
        else:
            fresh.calls[call] = _seen(board, call, channel, headers, entries.get(channel), now)
    for call, who, channel, up in desks:
        fresh.apply(Connected(call, who, channel, 0) if up else Rang(call, who, channel), now)
    for seat in list(fresh.seats.values()):
        if seat.state in {State.TALKING, State.RINGING} and seat.call not in {d[0] for d in desks}:
            done = State.WRAP_UP if seat.state is State.TALKING else State.READY
            fresh.set_state(seat.operator, done, now, call=seat.call if done is State.WRAP_UP else "")
    return fresh


def _listening(headers: Headers, channel: str) -> ListeningBegan:
    """A supervisor who listened in while the connection was away; ChanSpy was told `PJSIP/op1001-0000002a,qE`."""
    other = str(headers.get("ApplicationData") or "").partition(",")[0]
    return ListeningBegan(operator(channel), operator(other), str(headers.get("Exten") or ""), channel)


def _seen(
    board: Board, call: str, channel: str, headers: Headers, entry: Headers | None, now: datetime
) -> Running:  # fmt: skip
    known = board.calls.get(call)
    if entry is not None:
        since = now - timedelta(seconds=number(entry, "Wait"))
        since = (known and known.waiting_since) or since
        arrived = known.arrived if known else since
        return Running(call, channel, Phase.WAITING, since, arrived, "", number(entry, "Position"), since)
    if known is not None:
        return replace(known, position=0)
    away = str(headers.get("Context") or "") == "emergency"
    return Running(call, channel, Phase.EMERGENCY if away else Phase.ROBOT, now, now)
