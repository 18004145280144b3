"""Who speaks to Asterisk?  One supervised connection to its manager: events in, a handful of actions out."""

import asyncio
import contextlib
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

from panoramisk import Manager

from routing.manager import Access, SwitchAway, SwitchRefused, checked, close, send, sign_in
from routing.switch_board import Board, Membership, State, membership, snapshot
from routing.switch_events import QUEUE, Connected, SwitchEvent, operator, translate

log = logging.getLogger(__name__)

PING_EVERY = 2.0  # s; a half-open link gives no other sign
RECONNECT = (0.2, 5.0)  # s until the next try: first, longest
EVENTS_KEPT = 20_000  # of a storm, while the reader is busy; beyond that everything is read anew
ENDPOINT = re.compile(r"[a-z]{2,8}\d{1,8}")
CHANNEL = re.compile(r"[\w/.@;-]{3,120}")
REASON = re.compile(r"[\w-]{0,40}")
MODES = frozenset({"listen", "whisper", "barge"})


class Cause(IntEnum):
    """Why a channel is hung up (Q.850); the dialplan reads it when an operator's side ended."""

    NORMAL = 16  # the talk is over
    OUT_OF_ORDER = 38  # the desk was lost: its caller goes to the front of the queue


Told = Callable[[SwitchEvent], None]
Settled = Callable[[Board], Awaitable[None]]


class Switchboard:
    """`board` is always there, `connected` says whether it is live.  Runs until `stop`."""

    def __init__(self, access: Access, told: Told, settled: Settled) -> None:
        """`told` hears every event after the board knows it; `settled` is awaited after each (re)connection."""
        self.board = Board()
        self.connected = False
        self.changed = asyncio.Condition()
        self.version = 0
        self._access, self._told, self._settled = access, told, settled
        self._manager: Manager | None = None
        self._task: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._events: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(EVENTS_KEPT)

    # ------------------------------------------------------------------ the connection
    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="switchboard")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _keep(self) -> None:
        pause = RECONNECT[0]
        while True:
            try:
                await self._live()
                pause = RECONNECT[0]
            except (SwitchAway, SwitchRefused, OSError) as problem:
                log.warning("the switchboard has no connection and tries again", extra={"why": str(problem)})
            except Exception:
                log.exception("the switchboard stumbled and connects anew")
            finally:
                self.connected = False
                await self._notify()
            await asyncio.sleep(pause)
            pause = min(pause * 2, RECONNECT[1])

    async def _live(self) -> None:
        """One connection, from the login until it is lost."""
        self._events = asyncio.Queue(EVENTS_KEPT)
        self._lost = asyncio.Event()
        manager = await sign_in(self._access, heard=self._heard, lost=self._lost.set)
        self._manager = manager
        tasks: list[asyncio.Task[Any]] = []
        try:
            await self._read_anew()
            self.connected = True
            log.info("the switchboard is connected")
            await self._settled(self.board)
            await self._notify()
            tasks = [asyncio.create_task(work) for work in (self._read(), self._ping(), self._lost.wait())]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._manager = None
            for task in tasks:
                task.cancel()
            close(manager)

    def _heard(self, _manager: Manager, event: Mapping[str, Any]) -> None:
        try:
            self._events.put_nowait(event)
        except asyncio.QueueFull:
            self._lost.set()

    async def _read(self) -> None:
        while True:
            event = translate(await self._events.get())
            if event is None:
                continue
            self.board.apply(event, datetime.now(UTC))
            if isinstance(event, Connected):
                asyncio.get_running_loop().create_task(self._assert_quietly(event.operator))
            try:
                self._told(event)
            except Exception:
                log.exception("what the switchboard said was not understood")
            await self._notify()

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(PING_EVERY)
            await self._act({"Action": "Ping"})

    async def _notify(self) -> None:
        async with self.changed:
            self.version += 1
            self.changed.notify_all()

    async def wait_for_change(self, version: int, bound: float) -> None:
        """Until the board is another than at `version`, at most `bound` seconds."""
        try:
            async with asyncio.timeout(bound), self.changed:
                await self.changed.wait_for(lambda: self.version != version)
        except TimeoutError:
            return

    async def _read_anew(self) -> None:
        """Everything between two connections was lost: ask how things stand, and give the queue the console's truth."""
        channels = await self._act({"Action": "CoreShowChannels"}, as_list=True)
        queue = await self._act({"Action": "QueueStatus", "Queue": QUEUE}, as_list=True)
        self.board = snapshot(self.board, channels, queue, datetime.now(UTC))
        members = {operator(str(m.get("Location") or m.get("Interface") or "")) for m in queue
                   if m.get("Event") == "QueueMember"}  # fmt: skip
        for name in members - set(self.board.seats):
            await self._assert(name, membership(State.SIGNED_OUT))
        for name, seat in list(self.board.seats.items()):
            await self._assert(name, membership(seat.state, seat.reason))

    async def _act(self, action: dict[str, str], as_list: bool = False) -> Any:
        if self._manager is None:
            raise SwitchAway("the switchboard is not connected")
        return await send(self._manager, action, as_list)

    # ------------------------------------------------------------------ what the console may ask
    async def set_state(self, name: str, state: State, *, reason: str = "", call: str = "") -> None:
        """An operator's new state: on the board at once, in the queue as soon as Asterisk is there."""
        self.board.set_state(name, state, datetime.now(UTC), reason=reason, call=call)
        await self._notify()
        try:
            await self._assert(name, membership(state, reason))
        except SwitchAway:
            log.warning("the queue learns of an operator's state later", extra={"operator": name})

    async def _assert_quietly(self, name: str) -> None:
        seat = self.board.seats.get(name)
        if seat is None:
            return
        try:
            await self._assert(name, membership(seat.state, seat.reason))
        except (SwitchAway, SwitchRefused):
            log.warning("the queue did not take an operator's state", extra={"operator": name})

    async def _assert(self, name: str, wanted: Membership) -> None:
        if not wanted.member:
            await self.queue_remove(name)
            return
        await self.queue_add(name, paused=wanted.paused, reason=wanted.reason)
        await self.queue_pause(name, wanted.paused, wanted.reason)

    async def queue_add(self, name: str, *, paused: bool = False, reason: str = "") -> None:
        """Adding twice is harmless."""
        action = {
            "Action": "QueueAdd", "Queue": QUEUE, "Interface": _interface(name), "MemberName": name,
            "StateInterface": _interface(name), "Paused": "true" if paused else "false",
        }  # fmt: skip
        if paused and reason:
            action["Reason"] = checked(reason, REASON)
        await self._tolerant(action, "already")

    async def queue_remove(self, name: str) -> None:
        """Removing who is not there is harmless."""
        await self._tolerant({"Action": "QueueRemove", "Queue": QUEUE, "Interface": _interface(name)}, "not there")

    async def queue_pause(self, name: str, paused: bool, reason: str = "") -> None:
        action = {"Action": "QueuePause", "Queue": QUEUE, "Interface": _interface(name)}
        action["Paused"] = "true" if paused else "false"
        action["Reason"] = checked(reason, REASON)
        await self._act(action)

    async def _tolerant(self, action: dict[str, str], words: str) -> None:
        try:
            await self._act(action)
        except SwitchRefused as problem:
            if words not in str(problem).lower():
                raise

    async def originate_spy(self, supervisor: str, mode: str, channel: str, token: str) -> None:
        """Ring the supervisor's own telephone and let it listen to, whisper into or join exactly this channel.

        `channel` comes from the board, never from a browser; `token` (digits) is the calling number shown, by which
        the page knows that it asked for this call.
        """
        if mode not in MODES:
            raise ValueError("no such way of listening")
        await self._act({
            "Action": "Originate", "Channel": _interface(supervisor), "Context": "supervise", "Exten": mode,
            "Priority": "1", "CallerID": f"<{checked(token, re.compile(r'[0-9]{4,12}'))}>", "Timeout": "8000",
            "Variable": f"SPY_CHAN={checked(channel, CHANNEL)}", "Async": "true",
        })  # fmt: skip

    async def hangup(self, channel: str, cause: Cause) -> None:
        """A channel that is gone already is no harm."""
        action = {"Action": "Hangup", "Channel": checked(channel, CHANNEL), "Cause": str(cause.value)}
        await self._tolerant(action, "no such channel")

    async def reload_accounts(self) -> None:
        """Make Asterisk read pjsip_accounts.conf again, as the admin user, over a short connection of its own."""
        try:
            manager = await sign_in(self._access, admin=True)
        except OSError as problem:
            raise SwitchAway(str(problem)) from None
        try:
            await send(manager, {"Action": "Reload", "Module": "res_pjsip.so"})
        finally:
            close(manager)


def _interface(name: str) -> str:
    return f"PJSIP/{checked(name, ENDPOINT)}"
