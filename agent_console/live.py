"""How does a page stay true while it is open?  A WebSocket that sends the page's whole picture whenever it changes."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from agent_console import board as shown
from agent_console import office
from agent_console.house import House, house, who
from agent_console.permissions import May, Role, may
from agent_console.sessions import SignedIn
from routing.alarms import Alarm, open_alarms
from routing.service_level import Service, beginning, service_since

log = logging.getLogger(__name__)

TICK = 0.4  # s between looks at the transcript; the board itself is pushed at once
GONE_AFTER = 20.0  # s without an answer to a ping
MESSAGE = 4096  # bytes a page may send
ALARMS_EVERY = 1.0  # s alarms are kept for all pages
SERVICE_EVERY = 5.0  # s today's figures are kept for all pages
Picture = Callable[[], Awaitable[dict[str, Any]]]


class Glances:
    """What many supervisors' pages look at is read once, and stays as it was while the database is away."""

    def __init__(self, rooms: House) -> None:
        self._rooms = rooms
        self._alarms: list[Alarm] = []
        self._service = Service(0, 0, 0, 0)
        self._read, self._added = -ALARMS_EVERY, -SERVICE_EVERY
        self._lock = asyncio.Lock()

    def stale(self) -> None:
        self._read = -ALARMS_EVERY

    async def look(self) -> tuple[list[Alarm], Service]:
        async with self._lock:
            try:
                await self._renew(asyncio.get_running_loop().time())
            except Exception:
                log.warning("alarms and figures could not be read; the last ones stay")
            return self._alarms, self._service

    async def _renew(self, now: float) -> None:
        rooms = self._rooms
        if now - self._read >= ALARMS_EVERY:
            self._read = now
            self._alarms = await rooms.downstairs.read(open_alarms)
        if now - self._added >= SERVICE_EVERY:
            self._added = now
            today, goal = beginning(datetime.now(UTC)), rooms.settings.console_answer_within
            self._service = await rooms.downstairs.read(service_since, today, goal)


GLANCES = web.AppKey("glances", Glances)
NAMES: web.AppKey[dict[str, str]] = web.AppKey("names", dict)


async def call_shown(rooms: House, call_id: str, *, numbers: bool) -> dict[str, Any]:
    """A call as it stands: the record when the database has it, else what the board knows."""
    running = rooms.switchboard.board.calls.get(call_id)
    try:
        record, questions = await rooms.downstairs.read(office.call, call_id)
    except Exception:
        log.warning("the record of a call could not be read", extra={"call": call_id})
        record, questions = None, {}
    return shown.call(record, running, questions, numbers=numbers)


def picture_for(request: web.Request, found: SignedIn) -> Picture:
    """What this page needs, by who looks and what the page asked to follow."""
    rooms, wanted = house(request), request.query.get("call", "")[:64]
    switchboard = rooms.switchboard
    numbers = may(found.role, May.SEE_NUMBERS)

    async def operator() -> dict[str, Any]:
        assert found.endpoint is not None
        now = datetime.now(UTC)
        seat = switchboard.board.seat(found.endpoint, now)
        picture = shown.desk(switchboard.board, found.endpoint, now, rooms.rules)
        picture["call"] = await call_shown(rooms, seat.call, numbers=True) if seat.call else None
        return picture

    async def supervisor() -> dict[str, Any]:
        alarms, service = await request.app[GLANCES].look()
        names: dict[str, str] = request.app[NAMES]
        picture = shown.floor(switchboard.board, names, alarms)
        picture["service"] = shown.service(service, rooms.settings.console_answer_within)
        picture["listening"] = shown.listening(switchboard.board.listeners.get(found.endpoint or ""), names)
        return picture

    async def one_call() -> dict[str, Any]:
        return {"call": await call_shown(rooms, wanted, numbers=numbers)}

    async def citizen() -> dict[str, Any]:
        mine = [c for c in switchboard.board.calls.values() if c.channel.startswith(f"PJSIP/{found.endpoint}-")]
        latest = max(mine, key=lambda c: c.arrived, default=None)
        if latest is None:
            return {"call": None}
        picture = await call_shown(rooms, latest.call, numbers=False)
        return {"call": {k: picture[k] for k in ("id", "phase", "turns")} | {"position": latest.position}}

    if wanted and may(found.role, May.SEE_CALLS):
        return one_call
    match found.role:
        case Role.OPERATOR if found.endpoint:
            return operator
        case Role.SUPERVISOR:
            return supervisor
        case Role.CITIZEN:
            return citizen
    raise web.HTTPForbidden(text="没有权限")


async def live(request: web.Request) -> web.StreamResponse:
    found, rooms = who(request), house(request)
    picture = picture_for(request, found)
    socket = web.WebSocketResponse(heartbeat=GONE_AFTER / 2, max_msg_size=MESSAGE)
    await socket.prepare(request)
    rooms.counters.live.inc()
    desk = found.endpoint if found.role is Role.OPERATOR else None
    page = request.query.get("page", "")[:32] or "unnamed"
    if desk is not None:
        rooms.presence.came(desk, page)
    reader = asyncio.create_task(_drain(socket))
    try:
        with rooms.pages.holding(found.id, socket):
            await _follow(rooms, socket, picture, reader)
    except (ConnectionError, asyncio.CancelledError):
        pass
    finally:
        rooms.counters.live.dec()
        if desk is not None:
            rooms.presence.went(desk, page, datetime.now(UTC))
        reader.cancel()
        await socket.close()
    return socket


async def _drain(socket: web.WebSocketResponse) -> None:
    async for _message in socket:
        pass


async def _follow(rooms: House, socket: web.WebSocketResponse, picture: Picture, reader: "asyncio.Task[None]") -> None:
    switchboard, last = rooms.switchboard, ""
    while not reader.done():
        version = switchboard.version
        content = {"connected": switchboard.connected} | await picture()
        text = json.dumps(content, ensure_ascii=False)
        if text != last:
            last = text
            await socket.send_str(json.dumps(content | {"now": datetime.now(UTC).isoformat()}, ensure_ascii=False))
        await switchboard.wait_for_change(version, TICK)
