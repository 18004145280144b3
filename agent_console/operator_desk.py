"""The operator's desk: a telephone, four buttons, what the caller said, and the form of a case."""

import json
from datetime import UTC, datetime

from aiohttp import web

from agent_console import desks, office
from agent_console.attendance import cut_off
from agent_console.house import House, house, page, who
from agent_console.permissions import May
from agent_console.sessions import SignedIn
from routing import catalogue, dispatch
from routing.switch_board import State

LONGEST = 4000  # characters of the text of a case


async def show(request: web.Request) -> web.StreamResponse:
    found = who(request, May.ANSWER)
    return page(
        request, "operator_desk/page.html", breaks={k: desks.BREAKS[k] for k in desks.CHOSEN},
        tops=catalogue.shipped().tops(), kinds=catalogue.shipped().kinds, endpoint=found.endpoint,
        processing=house(request).settings.console_audio_processing,
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
    if in_call and rooms.presence.pages(name) and form.get("take") != "yes":
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


async def matters(request: web.Request) -> web.StreamResponse:
    """Matters for a search (`q`) or for what the caller of a `call` said."""
    who(request, May.ANSWER)
    rooms, call = house(request), request.query.get("call", "")[:64]
    if call:
        record, _ = await rooms.downstairs.read(office.call, call)
        said = [t.text for t in record.turns if t.who == "caller"] if record else []
        found = await rooms.downstairs.plainly(lambda: office.suggest_matters(said))
    else:
        words = request.query.get("q", "")[:100]
        found = await rooms.downstairs.plainly(lambda: office.search_matters(words))
    return web.json_response([{"code": m.code, "zh": m.zh, "top": m.top, "because": m.because} for m in found])


async def proposal(request: web.Request) -> web.StreamResponse:
    """Who would handle what stands in the form, and why."""
    who(request, May.ANSWER)
    report = report_in(await request.post())
    try:
        found = await house(request).downstairs.plainly(lambda: office.propose(report))
    except (dispatch.NothingSaid, KeyError):
        return web.json_response({"problem": "请选择事项或填写诉求内容"}, status=400)
    return web.json_response(found, dumps=lambda value: json.dumps(value, ensure_ascii=False))


def report_in(form: object) -> dispatch.Report:
    """The form of a case as a report."""
    assert hasattr(form, "get")

    def text(name: str, longest: int) -> str:
        return str(form.get(name) or "").strip()[:longest]

    matter = text("matter", 8)
    known = matter if matter in catalogue.shipped().leaves else None
    return dispatch.Report(
        text=text("text", LONGEST), place=text("place", 400), matter=known, contact=text("contact", 64),
        kind=text("kind", 16),
    )  # fmt: skip


def own_call(rooms: House, found: SignedIn) -> str:
    """The call an operator has in hand or has just ended."""
    seat = rooms.switchboard.board.seats.get(found.endpoint or "")
    return seat.call if seat else ""
