"""The supervisor's desk: who waits, who talks, what must be acknowledged, and listening in."""

from datetime import date

from aiohttp import web

from agent_console.board import MODES
from agent_console.house import House, house, page, who
from agent_console.live import GLANCES
from agent_console.permissions import May
from agent_console.sign_in import noted
from routing.alarms import acknowledge
from routing.manager import SwitchAway, SwitchRefused
from routing.switch_board import State
from routing.switchboard import Cause
from routing.working_time import warning


async def show(request: web.Request) -> web.StreamResponse:
    who(request, May.SUPERVISE)
    return page(request, "supervisor_desk/page.html", calendar=warning(date.today()))


async def listen_in(request: web.Request) -> web.StreamResponse:
    """Ring the supervisor's own telephone; `token` comes back as the calling number, so that only this is picked up.

    Another way of listening takes the place of the one before.
    """
    found, rooms, form = who(request, May.SUPERVISE), house(request), await request.post()
    mode, token, operator = (str(form.get(name, "")) for name in ("mode", "token", "operator"))
    seat = rooms.switchboard.board.seats.get(operator)
    if mode not in MODES or not (token.isascii() and token.isdigit() and 4 <= len(token) <= 12):
        return web.json_response({"problem": "没有这种方式"}, status=400)
    if seat is None or seat.state is not State.TALKING or not seat.channel or found.endpoint is None:
        return web.json_response({"problem": "这位话务员现在不在通话"}, status=409)
    await noted(rooms, found.name, mode, operator, seat.call)
    try:
        await _let_go(rooms, found.endpoint)
        await rooms.switchboard.originate_spy(found.endpoint, mode, seat.channel, token)
    except (SwitchAway, SwitchRefused, ValueError):
        return web.json_response({"problem": "电话系统没有接受, 请重试"}, status=502)
    return web.json_response({"mode": mode, "zh": MODES[mode]})


async def stop(request: web.Request) -> web.StreamResponse:
    """The supervisor leaves the call; operator and caller talk on.  That it ended is kept when it did (desks.py)."""
    found, rooms = who(request, May.SUPERVISE), house(request)
    try:
        await _let_go(rooms, found.endpoint or "")
    except (SwitchAway, SwitchRefused):
        return web.json_response({"problem": "电话系统没有接受, 请重试"}, status=502)
    return web.json_response({})


async def _let_go(rooms: House, supervisor: str) -> None:
    listener = rooms.switchboard.board.listeners.get(supervisor)
    if listener is not None:
        await rooms.switchboard.hangup(listener.channel, Cause.NORMAL)


async def seen(request: web.Request) -> web.StreamResponse:
    """Acknowledge one alarm."""
    found, rooms = who(request, May.SUPERVISE), house(request)
    number = int(request.match_info["alarm"])
    alarm = await rooms.downstairs.write(acknowledge, number, found.name, feed=rooms.feed)
    request.app[GLANCES].stale()
    if alarm is None:
        return web.json_response({"problem": "没有这条告警"}, status=404)
    await noted(rooms, found.name, "acknowledge", str(number))
    return web.json_response({"id": alarm.id, "by": alarm.acknowledged_by})
