"""Known incidents: what stands out, what callers are told about it, and the cases behind it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from agent_console.house import house, page, who
from agent_console.permissions import May
from agent_console.sign_in import noted
from routing import incident_desk
from routing.catalogue import shipped
from routing.grids import Territory
from routing.incident_desk import BadNotice, Incident

LASTS = {"2": "两小时", "6": "六小时", "12": "半天", "24": "一天", "72": "三天"}  # hours a notice is told


async def show(request: web.Request) -> web.StreamResponse:
    who(request, May.SUPERVISE)
    return await _listed(request)


async def _listed(request: web.Request, problem: str = "", typed: str = "", status: int = 200) -> web.Response:
    rooms = house(request)
    found = await rooms.downstairs.read(incident_desk.listed)
    return page(
        request, "incidents.html", status=status, lasts=LASTS,
        incidents=[shown(one, rooms.desk.territory) for one in found],
        problem=problem, typed=typed, longest=incident_desk.LONGEST_NOTICE,
    )  # fmt: skip


def shown(one: Incident, territory: Territory) -> dict[str, Any]:
    where, what = incident_desk.where(one, territory), incident_desk.what(one, shipped())
    return {
        "id": one.id, "where": where, "what": what, "since": one.since, "count": one.count, "master": one.master,
        "confirmed": one.state == "confirmed", "notice": one.notice, "until": one.until,
        "draft": f"{where}{what}，有关单位正在处理，恢复时间会另行通知。",
    }  # fmt: skip


async def confirm(request: web.Request) -> web.StreamResponse:
    """It is one thing: callers from there are told, from the next second on."""
    found, rooms, form = who(request, May.SUPERVISE), house(request), await request.post()
    number, now = int(request.match_info["incident"]), datetime.now(UTC)
    notice, hours = str(form.get("notice", "")), str(form.get("hours", ""))
    if hours not in LASTS:
        return await _listed(request, "请选择通知到什么时候为止", notice, 400)
    try:
        await rooms.downstairs.write(
            incident_desk.confirm, number, notice, now + timedelta(hours=int(hours)), now, by=found.name
        )
    except BadNotice as problem:
        return await _listed(request, str(problem), notice, 400)
    except LookupError:
        raise web.HTTPNotFound(text="没有这个事件") from None
    await noted(rooms, found.name, "confirm incident", str(number))
    raise web.HTTPSeeOther("/incidents")


async def link(request: web.Request) -> web.StreamResponse:
    """All cases of the incident become children of its master case: one reply answers everybody."""
    found, rooms = who(request, May.SUPERVISE), house(request)
    number = int(request.match_info["incident"])
    try:
        done = await rooms.downstairs.write(
            incident_desk.link, number, datetime.now(UTC), by=found.name, office=rooms.desk
        )
    except LookupError:
        raise web.HTTPNotFound(text="没有这个已确认的事件") from None
    await noted(rooms, found.name, "link cases", str(number), str(done))
    raise web.HTTPSeeOther("/incidents")


async def end(request: web.Request) -> web.StreamResponse:
    """It is over, or it was none."""
    found, rooms = who(request, May.SUPERVISE), house(request)
    number = int(request.match_info["incident"])
    try:
        await rooms.downstairs.write(incident_desk.end, number, by=found.name)
    except LookupError:
        raise web.HTTPNotFound(text="没有这个事件") from None
    await noted(rooms, found.name, "end incident", str(number))
    raise web.HTTPSeeOther("/incidents")
