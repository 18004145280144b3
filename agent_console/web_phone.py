"""How does a visitor try the line?  A telephone in the browser that can dial one number, for a few minutes."""

import secrets
import time

from aiohttp import web

from agent_console.attempts import Attempts
from agent_console.house import COOKIE, WHO, house, page
from agent_console.permissions import May, Role, may
from agent_console.sessions import SignedIn
from agent_console.sign_in import same_origin, set_cookie

BORROWS = Attempts(30, 300.0)  # telephones one address may borrow in five minutes


async def show(request: web.Request) -> web.StreamResponse:
    _shown(request)
    return page(request, "web_phone.html", processing=house(request).settings.console_audio_processing)


def _shown(request: web.Request) -> None:
    if not house(request).settings.hotline_demo_phone:
        raise web.HTTPNotFound(text="此页面没有开放")


async def borrow(request: web.Request) -> web.StreamResponse:
    """A telephone of the visitor's own, and a session that can do nothing else."""
    _shown(request)
    rooms, now, sender = house(request), time.monotonic(), str(request.remote)
    if not same_origin(request) or request.headers.get("Origin") is None:
        raise web.HTTPForbidden(text="请求来源不正确")
    if BORROWS.too_many(sender, now):
        return web.json_response({"problem": "请稍后再试"}, status=429)
    BORROWS.count(sender, now)
    found: SignedIn | None = request.get(WHO)
    token = ""
    if found is not None and not (found.role is Role.CITIZEN and may(found.role, May.PHONE)):
        return web.json_response({"problem": "请先退出坐席账号, 再使用网页电话"}, status=409)
    if found is None or found.phone is None or not rooms.phones.holds(found.id, found.phone):
        holder = secrets.token_hex(8)
        name = rooms.phones.lend(holder, now)
        if name is None:
            return web.json_response({"problem": "线路都在使用中, 请稍后再试"}, status=503)
        token, found = await rooms.sessions.open(
            id=holder, name=name, role=Role.CITIZEN, shown="来电人", number=None, unit=None, first_login=False,
            phone=name,
        )  # fmt: skip
    assert found.phone is not None
    secret = await rooms.phones.issue(found.phone)
    response = web.json_response(
        {"user": found.phone, "password": secret, "domain": "hotline.invalid", "path": "/sip", "dial": "12345",
         "csrf": found.csrf, "processing": rooms.settings.console_audio_processing},
        headers={"Cache-Control": "no-store"},
    )  # fmt: skip
    if token:
        set_cookie(rooms, response, token)
    return response


async def give_back(request: web.Request) -> web.StreamResponse:
    """The visitor is done; the telephone is free for the next."""
    found, rooms = request.get(WHO), house(request)
    if found is not None and found.phone is not None and rooms.phones.holds(found.id, found.phone):
        await rooms.sessions.close(request.cookies[COOKIE])
        await rooms.phones.revoke(found.phone)
    response = web.json_response({})
    response.del_cookie(COOKIE, path="/")
    return response
