"""Who is really at a desk?  Ends wrap-ups that ran out, and takes a desk whose page is gone out of the queue."""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from routing.manager import SwitchAway, SwitchRefused
from routing.switch_board import Board, Seat, State
from routing.switchboard import Cause, Switchboard

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # s at most between two looks at the desks


@dataclass(frozen=True, slots=True)
class Rules:
    wrap_up: float  # s after which a wrapped-up seat is ready again; 0: only its operator ends it
    lost_after: float  # s without a page after which nobody is at the desk


@dataclass(frozen=True, slots=True)
class NewState:
    """A seat must be put into this state."""

    operator: str
    state: State
    reason: str = ""
    call: str = ""


@dataclass(frozen=True, slots=True)
class CutOff:
    """The telephone of a talk is gone with its page: the caller must not talk to nobody."""

    operator: str
    channel: str


@dataclass(slots=True)
class Presence:
    """Which desks have a page open.  A page is open for as long as its WebSocket is."""

    _open: Counter[tuple[str, str]] = field(default_factory=Counter)  # WebSockets by desk and page
    _gone: dict[str, datetime] = field(default_factory=dict)

    def expect(self, operators: Iterable[str], now: datetime) -> None:
        """Their pages were open before this process was; they have until `lost_after` to come back."""
        self._gone |= dict.fromkeys(operators, now)

    def came(self, operator: str, page: str) -> None:
        """`page` is a name that a page gives itself each time it is loaded."""
        self._open[operator, page] += 1
        self._gone.pop(operator, None)

    def went(self, operator: str, page: str, now: datetime) -> None:
        self._open[operator, page] -= 1
        if self._open[operator, page] <= 0:
            del self._open[operator, page]
        if not self.elsewhere(operator, ""):
            self._gone[operator] = now

    def elsewhere(self, operator: str, page: str) -> bool:
        """Whether the desk is open in another page than this."""
        return any(desk == operator and other != page for desk, other in self._open)

    @property
    def gone(self) -> Mapping[str, datetime]:
        """The desks without a page, and since when."""
        return self._gone


def wrap_up_ends(seat: Seat, rules: Rules) -> datetime | None:
    """When a seat becomes ready by itself; None when it does not."""
    if seat.state is not State.WRAP_UP or not rules.wrap_up:
        return None
    return seat.since + timedelta(seconds=rules.wrap_up)


def due(board: Board, gone: Mapping[str, datetime], now: datetime, rules: Rules) -> list[NewState | CutOff]:
    """What must happen to which desk now.  A call in hand stays named, so that its case can still be written."""
    found: list[NewState | CutOff] = []
    patience = timedelta(seconds=rules.lost_after)
    for seat in board.seats.values():
        lost = seat.operator in gone and now - gone[seat.operator] >= patience
        ends = wrap_up_ends(seat, rules)
        if lost and seat.state in {State.READY, State.WRAP_UP}:
            found.append(NewState(seat.operator, State.BREAK, "lost", seat.call))
        elif lost and seat.state is State.TALKING and seat.channel:
            found.append(CutOff(seat.operator, seat.channel))
        elif ends is not None and now >= ends:
            found.append(NewState(seat.operator, State.READY))
    return found


class Attendance:
    """Looks at the desks for as long as the console runs."""

    def __init__(
        self, switchboard: Switchboard, presence: Presence, rules: Rules, changed: Callable[[], Awaitable[None]]
    ) -> None:
        """`changed` is awaited after a seat was changed, to remember it for a restart."""
        self._switchboard, self._presence, self._rules, self._changed = switchboard, presence, rules, changed

    async def keep(self) -> None:
        while True:
            version = self._switchboard.version
            try:
                await self.look(datetime.now(UTC))
            except Exception:
                log.exception("the desks could not be looked at; the next look comes soon")
            await self._switchboard.wait_for_change(version, LOOK_EVERY)

    async def look(self, now: datetime) -> None:
        for change in due(self._switchboard.board, self._presence.gone, now, self._rules):
            if isinstance(change, CutOff):
                await cut_off(self._switchboard, change.channel)
                continue
            log.info("a desk changes by itself", extra={"operator": change.operator, "state": change.state.value})
            await self._switchboard.set_state(change.operator, change.state, reason=change.reason, call=change.call)
            await self._changed()


async def cut_off(switchboard: Switchboard, channel: str) -> None:
    """Hang up a desk's lost telephone; the dialplan puts its caller back to the front of the queue."""
    try:
        await switchboard.hangup(channel, Cause.OUT_OF_ORDER)
    except (SwitchAway, SwitchRefused):
        log.warning("a lost telephone could not be hung up; Asterisk does so when its sound stays away")
