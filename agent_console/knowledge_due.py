"""What waits for editors and owners?  Notices, wrong-answer reports with their deadlines, reviews due and expired."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session
from yarl import URL

from agent_console.house import house, wants_json, who
from agent_console.knowledge_actor import actor, editor, knowledge_page, reader, today
from agent_console.permissions import May, Role
from kb import remarks, shelf
from kb.article import State
from kb.desk import NoSuchArticle
from kb.editing import NotAllowed
from kb.shelf import Wanted
from routing.working_time import Calendar

ANSWERED_WITHIN = 2  # working days an owner has for a wrong-answer report


async def show(request: web.Request) -> web.StreamResponse:
    found, who_acts = editor(request)
    owner = found.unit or "" if found.role is Role.UNIT else ""

    def read(session: Session) -> dict[str, Any]:
        return {
            "notices": remarks.notices(session, owner),
            "open": remarks.listed(session, owner=owner),
            "due": shelf.find(session, Wanted(only="due", owner=owner), today())[0],
            "lapsed": shelf.find(session, Wanted(only="lapsed", owner=owner), today())[0],
            "expired": shelf.find(session, Wanted(state=State.EXPIRED, owner=owner), today())[0],
            "unit_check": shelf.find(session, Wanted(state=State.UNIT_CHECK, owner=owner), today())[0],
            "editor_check": shelf.find(session, Wanted(state=State.EDITOR_CHECK, owner=owner), today())[0],
        }

    lists = await house(request).downstairs.read(read)
    return knowledge_page(
        request, "due.html", kinds=remarks.KINDS_ZH, now=datetime.now(UTC),
        problem=request.query.get("problem", "")[:300],
        own=bool(owner), who_acts=who_acts, **lists,
    )  # fmt: skip


async def seen(request: web.Request) -> web.StreamResponse:
    _, who_acts = editor(request)
    await house(request).downstairs.write(remarks.seen, int(request.match_info["notice"]), who_acts, datetime.now(UTC))
    raise web.HTTPSeeOther("/knowledge/due")


async def report(request: web.Request) -> web.StreamResponse:
    """An operator says that an answer is wrong; its owner has two working days."""
    who_reports = reader(who(request, May.READ_KNOWLEDGE))
    rooms, form, now = house(request), await request.post(), datetime.now(UTC)
    article, call = request.match_info["article"], str(form.get("call", ""))[:64] or None
    due = Calendar().working_days_after(now, ANSWERED_WITHIN)
    try:
        number = await rooms.downstairs.write(
            remarks.report, article, str(form.get("text", "")), who_reports, now, due, call
        )
    except NoSuchArticle:
        raise web.HTTPNotFound(text="没有这个条目") from None
    except NotAllowed as problem:
        raise web.HTTPBadRequest(text=str(problem)) from None
    if wants_json(request):
        return web.json_response({"report": number, "due": due.isoformat()})
    back = str(form.get("back", ""))
    raise web.HTTPSeeOther(back if back.startswith("/knowledge/") else f"/knowledge/{article}?reported={number}")


async def answer(request: web.Request) -> web.StreamResponse:
    """The owner, or an editor, says what was done about it."""
    found = who(request, May.EDIT_KNOWLEDGE)
    form, number = await request.post(), int(request.match_info["remark"])
    problem = ""
    try:
        await house(request).downstairs.write(
            remarks.answer, number, str(form.get("answer", "")), actor(found), datetime.now(UTC)
        )
    except NoSuchArticle:
        raise web.HTTPNotFound(text="没有这个报告") from None
    except NotAllowed as refused:
        problem = str(refused)
    target = URL("/knowledge/due")
    raise web.HTTPSeeOther(target.with_query(problem=problem) if problem else target)
