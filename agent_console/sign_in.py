"""Who is this?  Signing in and out, and what every request is checked for."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from aiohttp import web

from agent_console import accounts, uploads
from agent_console.house import COOKIE, HOUSE, WHO, House, house, page, wants_json, who
from agent_console.open311_answers import refusal
from agent_console.open311_door import is_open
from agent_console.permissions import FIRST_PAGE, May, Role, may
from agent_console.sessions import SignedIn
from routing.switch_board import State

log = logging.getLogger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BODY = 64 * 1024  # bytes of a form at most
ARTICLES = 64 << 20  # bytes of an article's form, or of a file of articles, from who may write them
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; media-src 'self' blob: mediastream:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HASHING = asyncio.Semaphore(2)  # each takes a core for some 50 ms


def same_origin(request: web.Request) -> bool:
    """Browsers say where a form or a WebSocket comes from; programs without an Origin carry no cookie of a victim."""
    origin = request.headers.get("Origin")
    return origin is None or (origin != "null" and urlsplit(origin).netloc == request.host)


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Session in, headers out; a form without its token is refused; the one broad `except` of a request."""
    began = time.monotonic()
    status, keyed = 500, is_open(request)
    try:
        # The open door knows no session: who comes there shows a key in each request, and a cookie counts for nothing.
        token = None if keyed else request.cookies.get(COOKIE)
        if token and not request.path.startswith("/static/"):
            found = await request.app[HOUSE].sessions.get(token)
            if found is not None:
                request[WHO] = found
                if request.path.startswith("/knowledge") and may(found.role, May.EDIT_KNOWLEDGE):
                    request = request.clone(client_max_size=ARTICLES)
        if not keyed and (request.method not in {"GET", "HEAD"} or request.headers.get("Upgrade")):
            await _check_sender(request)
        response = await handler(request)
        status = response.status
    except web.HTTPException as problem:
        status = problem.status
        if problem.status < 400 or wants_json(request) or not request.get(WHO):
            problem.headers.update(HEADERS)
            raise
        response = page(request, "problem.html", status=problem.status, problem=problem.text or problem.reason)
    except asyncio.CancelledError:
        raise
    except Exception:
        log.exception("a page failed", extra={"page": request.match_info.route.name or request.path[:40]})
        sentence = "系统出现问题, 请重试。"
        response = refusal(request, 500, sentence) if keyed else web.Response(text=sentence, status=500)
    finally:
        request.app[HOUSE].counters.requests.labels(f"{status // 100}xx").observe(time.monotonic() - began)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)  # a handler may be stricter
        if request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "no-cache"  # asked for again, so that a new version is seen at once
    return response


async def _check_sender(request: web.Request) -> None:
    if not same_origin(request):
        raise web.HTTPForbidden(text="请求来源不正确")
    found = request.get(WHO)
    if found is None or request.headers.get("Upgrade"):
        return
    given = request.headers.get("X-CSRF")
    if given is None and request.path.startswith("/knowledge"):
        given = str((await request.post()).get("csrf", ""))
    elif given is None and request.content_type in {"application/x-www-form-urlencoded", uploads.MULTIPART}:
        given = (await uploads.sent(request)).text.get("csrf", "")
    if given != found.csrf:
        raise web.HTTPForbidden(text="页面已过期, 请刷新后重试")


async def show(request: web.Request) -> web.StreamResponse:
    return page(request, "sign_in.html", problem="", name="")


async def enter(request: web.Request) -> web.StreamResponse:
    """A new session under a new token, whatever the browser had before."""
    rooms, form, now = house(request), await request.post(), time.monotonic()
    name, password = str(form.get("name", ""))[:64].strip(), str(form.get("password", ""))[:200]
    keys = (f"from {request.remote}", f"name {name}")
    if any(rooms.attempts.too_many(key, now) for key in keys):
        rooms.counters.sign_ins.labels("limited").inc()
        return page(request, "sign_in.html", status=429, problem="尝试次数过多, 请五分钟后再试。", name=name)
    async with HASHING:
        account = await rooms.downstairs.read(accounts.verify, name, password)
    if account is None:
        for key in keys:
            rooms.attempts.count(key, now)
        rooms.counters.sign_ins.labels("refused").inc()
        return page(request, "sign_in.html", status=401, problem="账号或密码不正确。", name=name)
    rooms.attempts.forget(keys[1])
    await _close(request)
    token, _made = await rooms.sessions.open(
        name=account.name, role=account.role, shown=account.shown, number=account.number, unit=account.unit,
        first_login=account.first_login, area=account.area,
    )  # fmt: skip
    rooms.counters.sign_ins.labels("accepted").inc()
    await noted(rooms, account.name, "sign in")
    response = web.HTTPSeeOther(FIRST_PAGE[account.role])
    set_cookie(rooms, response, token)
    raise response


def set_cookie(rooms: House, response: web.StreamResponse, token: str) -> None:
    seconds = int(rooms.settings.console_session_hours * 3600)
    response.set_cookie(
        COOKIE, token, max_age=seconds, path="/", httponly=True, samesite="Strict",
        secure=rooms.settings.console_secure_cookie,
    )  # fmt: skip


async def noted(rooms: House, actor: str, action: str, target: str = "", detail: str = "") -> None:
    """Keep what was done at a desk; a database that is away does not stop the desk."""
    try:
        await rooms.downstairs.write(accounts.note, datetime.now(UTC), actor, action, target, detail)
    except Exception:
        log.exception("what was done at a desk could not be kept", extra={"action": action})


async def leave(request: web.Request) -> web.StreamResponse:
    found, rooms = request.get(WHO), house(request)
    seat = rooms.switchboard.board.seats.get(found.endpoint or "") if found else None
    if seat is not None and seat.state in {State.RINGING, State.TALKING}:
        raise web.HTTPConflict(text="振铃或通话中不能签出, 请先结束通话")
    await _close(request)
    response = web.HTTPSeeOther("/sign-in")
    response.del_cookie(COOKIE, path="/")
    raise response


async def _close(request: web.Request) -> None:
    """The session ends with every page of it, its softphone's password dies, the operator is out of the queue."""
    rooms, found = house(request), request.get(WHO)
    if found is None:
        return
    await rooms.sessions.close(request.cookies[COOKIE])
    if found.role is Role.OPERATOR and found.endpoint:
        await rooms.switchboard.set_state(found.endpoint, State.SIGNED_OUT)
    if found.endpoint:
        await rooms.phones.revoke(found.endpoint)
    await rooms.pages.close(found.id)
    await noted(rooms, found.name, "sign out")


async def password_page(request: web.Request) -> web.StreamResponse:
    who(request)
    return page(request, "password.html", problem="", done=False)


async def change_password(request: web.Request) -> web.StreamResponse:
    found, rooms, form = who(request), house(request), await request.post()
    if found.role is Role.CITIZEN:
        raise web.HTTPForbidden(text="没有权限")
    old, new = str(form.get("old", ""))[:200], str(form.get("new", ""))[:200]
    try:
        async with HASHING:
            await rooms.downstairs.write(accounts.change_password, found.name, old, new)
    except accounts.NotChanged as problem:
        return page(request, "password.html", status=400, problem=str(problem), done=False)
    kept: SignedIn = replace(found, first_login=False)
    await rooms.sessions.change(request.cookies[COOKIE], kept)
    await noted(rooms, found.name, "change password")
    return page(request, "password.html", problem="", done=True)


async def first(request: web.Request) -> web.StreamResponse:
    raise web.HTTPSeeOther(FIRST_PAGE[who(request).role])
