"""Cases: saving one from the desk, lists, one case with its history and its buttons; and the page of a call."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from yarl import URL

from agent_console import office, operator_desk
from agent_console.house import House, house, page, wants_json, who
from agent_console.live import call_shown
from agent_console.permissions import May, Role, may
from agent_console.sessions import SignedIn
from routing import case_desk, case_views, cases, dispatch
from routing.case_desk import Conflict, NoSuchCase
from routing.case_views import NotYours
from routing.cases import ACTIONS_ZH, NotAllowed, State
from routing.catalogue import shipped

ROLES = {Role.OPERATOR: cases.Role.OPERATOR, Role.SUPERVISOR: cases.Role.SUPERVISOR, Role.UNIT: cases.Role.DEPARTMENT}


def desk(rooms: House) -> case_desk.Office:
    return case_desk.Office(feed=rooms.feed)


async def save(request: web.Request) -> web.StreamResponse:
    """A case out of the operator's form; it is dispatched, or waits for a dispatcher when no unit can be named."""
    found, rooms, form = who(request, May.ANSWER), house(request), await request.post()
    report = operator_desk.report_in(form)
    missing = [zh for value, zh in ((report.matter, "事项"), (report.text, "诉求内容")) if not value]
    if missing:
        return web.json_response({"problem": f"请填写{'、'.join(missing)}"}, status=400)
    call = str(form.get("call") or "")[:64] or None
    try:
        opened = await rooms.downstairs.write(
            office.save_case, report, desk(rooms), actor=found.name, call=call,
            contact_name=str(form.get("contact_name") or "").strip()[:64],
            lead=str(form.get("lead") or "")[:64] or None,
        )  # fmt: skip
    except (NotAllowed, dispatch.NothingSaid) as problem:
        return web.json_response({"problem": f"没有保存: {problem}"}, status=409)
    answer = {
        "number": opened.number,
        "state": opened.state.value,
        "state_zh": cases.STATES_ZH[opened.state],
        "lead": opened.lead,
        "lead_zh": office.unit_name(opened.lead),
        "due": opened.due.isoformat() if opened.due else None,
    }
    if wants_json(request):
        return web.json_response(answer)
    raise web.HTTPSeeOther(f"/cases/{opened.number}")


async def listed(request: web.Request) -> web.StreamResponse:
    """A unit's own cases; everybody's for the hotline."""
    found, rooms = who(request, May.SEE_CASES, May.OWN_CASES), house(request)
    chosen = request.query.get("state", "")
    states = [State(chosen)] if chosen in set(State) else []
    after = request.query.get("after", "")[:14] or None
    if may(found.role, May.SEE_CASES):
        briefs = await rooms.downstairs.read(case_views.hotline_list, states=states, after=after)
    else:
        assert found.unit is not None
        briefs = await rooms.downstairs.read(case_views.unit_list, found.unit, states=states, after=after)
    return page(
        request, "cases/list.html", cases=[office.case_line(b) for b in briefs], states=cases.STATES_ZH, chosen=chosen,
        own=not may(found.role, May.SEE_CASES), unit=office.unit_name(found.unit),
        more=briefs[-1].number if len(briefs) == case_views.PAGE else None,
    )  # fmt: skip


async def _read(rooms: House, found: SignedIn, number: str) -> case_views.CasePage:
    now = datetime.now(UTC)
    if may(found.role, May.SEE_CASES):
        return await rooms.downstairs.read(
            case_views.page_for_hotline, number, actor=found.name, purpose="查看工单", now=now,
            role=ROLES.get(found.role, cases.Role.SYSTEM),
        )  # fmt: skip
    assert found.unit is not None
    return await rooms.downstairs.read(
        case_views.page_for_unit, number, unit=found.unit, actor=found.name, purpose="办理工单", now=now
    )


async def show(request: web.Request) -> web.StreamResponse:
    found, rooms = who(request, May.SEE_CASES, May.OWN_CASES), house(request)
    try:
        seen = await _read(rooms, found, request.match_info["number"])
    except (NoSuchCase, NotYours):
        raise web.HTTPNotFound(text="没有这张工单, 或不由本单位办理") from None
    return page(request, "cases/page.html", **_shown(seen, found), problem=request.query.get("problem", "")[:200])


def _shown(seen: case_views.CasePage, found: SignedIn) -> dict[str, Any]:
    actions = [
        {"id": action.value, "zh": ACTIONS_ZH[action], "needs": [(n, office.NEEDS_ZH.get(n, n)) for n in needs]}
        for action, needs in (seen.choices if found.role in ROLES else ())
    ]
    history = [{"at": h.at, "zh": ACTIONS_ZH.get(cases.Action(h.action), h.action), "actor": h.actor,
                "after": cases.STATES_ZH[State(h.after)]} for h in seen.history]  # fmt: skip
    return {
        "case": seen,
        "line": office.case_line(seen.brief),
        "assist": [office.unit_name(code) for code in seen.assist],
        "actions": actions,
        "history": history,
        "reasons": seen.because.split("；") if seen.because else [],
        "sla": shipped().slas[seen.sla].zh,
        "return_reasons": {r.id: r.zh for r in shipped().return_reasons.values()},
        "refusals": {r.id: r.zh for r in shipped().not_accepted.values()},
    }


async def act(request: web.Request) -> web.StreamResponse:
    """One step of a case's life, as the table of routing.cases allows it."""
    found, rooms, form = who(request, May.SEE_CASES, May.OWN_CASES), house(request), await request.post()
    number, role = request.match_info["number"], ROLES.get(found.role)
    if role is None:
        raise web.HTTPForbidden(text="没有权限")
    given = {name: str(form[name])[:4000] for name in office.NEEDS_ZH if name in form}
    version = str(form.get("version", ""))
    problem = ""
    try:
        await rooms.downstairs.write(
            office.perform, number, str(form.get("action", "")), desk(rooms), actor=found.name, role=role,
            unit=found.unit, version=int(version) if version.isdigit() else -1, given=given,
        )  # fmt: skip
    except NoSuchCase:
        raise web.HTTPNotFound(text="没有这张工单") from None
    except Conflict:
        problem = "工单已被他人更新, 请核对后重试"
    except (NotAllowed, ValueError):
        problem = "现在不能这样办理, 或所需内容没有填写"
    target = URL(f"/cases/{number}")
    raise web.HTTPSeeOther(target.with_query(problem=problem) if problem else target)


async def call(request: web.Request) -> web.StreamResponse:
    """One call: what was said, what the robot did, what became of it; live while it runs."""
    found, rooms = who(request, May.SEE_CALLS), house(request)
    number = request.match_info["call"]
    shown = await call_shown(rooms, number, numbers=may(found.role, May.SEE_NUMBERS))
    if not shown["id"]:
        raise web.HTTPNotFound(text="没有这个通话")
    related = await rooms.downstairs.read(case_views.hotline_list, call=number)
    return page(request, "call.html", call=shown, cases=[office.case_line(b) for b in related])
