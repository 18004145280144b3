"""The operator's desk: the seat, its telephone, and the page on which calls are answered."""

from datetime import UTC, datetime

from aiohttp import web

from agent_console import board, case_entry, desks
from agent_console.attendance import cut_off
from agent_console.house import House, house, page, who
from agent_console.permissions import May
from routing.switch_board import State


async def show(request: web.Request) -> web.StreamResponse:
    found, rooms = who(request, May.ANSWER), house(request)
    return page(
        request, "operator_desk/page.html", breaks={k: desks.BREAKS[k] for k in desks.CHOSEN},
        seat=board.seat(rooms.switchboard.board.seat(found.endpoint or "", datetime.now(UTC)), {}),
        **case_entry.form_values(case_entry.Entry()), proposal=None, problem="",
    )  # fmt: skip


async def phone(request: web.Request) -> web.StreamResponse:
    """A softphone's name and a new password for it: for this page, until it signs out or another page asks.

    A page that asks in the middle of a talk was loaded anew, so the talk's sound is gone: its caller goes back to the
    front of the queue.  Another page that is still open keeps its telephone, unless `take` says otherwise.
    """
    found, rooms, form = who(request, May.PHONE), house(request), await request.post()
    name = found.endpoint
    if name is None:
        raise web.HTTPForbidden(text="此账号没有电话")
    seat = rooms.switchboard.board.seats.get(name)
    in_call = seat is not None and seat.state in {State.RINGING, State.TALKING}
    elsewhere = rooms.presence.elsewhere(name, str(form.get("page", "")))
    if in_call and elsewhere and form.get("take") != "yes":
        return web.json_response({"problem": "电话正在另一个页面通话"}, status=409)
    if seat is not None and seat.state is State.TALKING and seat.channel:
        await cut_off(rooms.switchboard, seat.channel)
    secret = await rooms.phones.issue(name)
    return web.json_response(
        {"user": name, "password": secret, "domain": "hotline.invalid", "path": "/sip",
         "processing": rooms.settings.console_audio_processing},
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip


async def set_state(request: web.Request) -> web.StreamResponse:
    """`state` is ready, break (with `reason`) or signed_out."""
    found, rooms = who(request, May.ANSWER), house(request)
    assert found.endpoint is not None
    form = await request.post()
    try:
        wanted = State(str(form.get("state", "")))
        reason = desks.choose(
            rooms.switchboard.board, found.endpoint, wanted, str(form.get("reason", "")), datetime.now(UTC)
        )
    except desks.NotNow as problem:
        return web.json_response({"problem": str(problem)}, status=409)
    except ValueError:
        return web.json_response({"problem": "没有这个状态"}, status=400)
    await rooms.switchboard.set_state(found.endpoint, wanted, reason=reason)
    await remember(rooms)
    if request.headers.get("Accept", "").startswith("application/json"):
        return web.json_response({"state": wanted.value})
    raise web.HTTPSeeOther("/desk")


async def remember(rooms: House) -> None:
    """Who is ready and who is not, for a restart of the console."""
    seats = rooms.switchboard.board.seats.values()
    kept = {s.operator: [s.state.value, s.reason, s.call] for s in seats if s.state is not State.SIGNED_OUT}
    await rooms.sessions.remember("seats", kept)
