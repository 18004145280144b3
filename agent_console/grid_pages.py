"""A grid officer's pages, on a telephone: what to look at, and what they found."""

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from agent_console import uploads
from agent_console.case_pages import accepted
from agent_console.grid_form import Entry, Incomplete, sighting
from agent_console.house import house, page, wants_json, who
from agent_console.permissions import May
from agent_console.sessions import SignedIn
from routing import patrol
from routing.attaching import TooManyFiles
from routing.cases import STATES_ZH, NotAllowed
from routing.catalogue import shipped
from routing.grids import Territory
from routing.patrol import FARTHEST, Found
from routing.pictures import BadFile

WORKER = Path(__file__).parent / "static" / "grid_worker.js"
# The one form that may ask the telephone where it is.
LOCATES = {"Permissions-Policy": "geolocation=(self), camera=(), microphone=()"}


async def show(request: web.Request) -> web.StreamResponse:
    """Their area: what waits for a look, what they reported, what is being worked on."""
    found, rooms = who(request, May.PATROL), house(request)
    territory, area = rooms.desk.territory, found.area or ""
    kind = territory.areas[area].kind if area in territory.areas else "grid"
    read, now = rooms.downstairs.read, datetime.now(UTC)
    lists = (
        (
            "verify",
            "待核查",
            "承办单位已办完, 请到现场看一看",
            await read(patrol.to_verify, kind, area, found.name, rooms.desk),
        ),
        ("own", "我上报的", "", await read(patrol.own, found.name)),
        ("running", "网格内在办", "", await read(patrol.running, kind, area)),
    )
    shown = [(name, zh, hint, [_line(one, now) for one in listed]) for name, zh, hint, listed in lists]
    return page(request, "grid/list.html", lists=shown, area=territory.area_name(area))


def _line(one: Found, now: datetime) -> dict[str, Any]:
    leaves = shipped().leaves
    return {
        "number": one.number,
        "title": one.title,
        "place": one.place,
        "matter": leaves[one.matter].zh if one.matter in leaves else one.matter,
        "state": STATES_ZH[one.state],
        "opened": one.opened,
        "due": one.due,
        "look_by": one.look_by,
        "late": one.look_by is not None and one.look_by <= now,
        "reminded": one.reminded,
    }


async def form(request: web.Request) -> web.StreamResponse:
    found, territory = who(request, May.PATROL), house(request).desk.territory
    grids = patrol.grids_of(territory, found.area or "")
    entry = Entry(client=secrets.token_hex(16), grid=grids[0].code if len(grids) == 1 else "")
    return _form(request, found, territory, entry)


def _form(
    request: web.Request, found: SignedIn, territory: Territory, entry: Entry, problem: str = "", status: int = 200
) -> web.Response:
    limits = house(request).desk.limits
    answer = page(
        request, "grid/report.html", status=status, form=entry.shown, problem=problem, tops=shipped().tops(),
        grids=patrol.grids_of(territory, found.area or ""), farthest=FARTHEST, limits=limits,
        kinds=accepted(limits, pictures=True),
    )  # fmt: skip
    answer.headers.update(LOCATES)
    return answer


async def report(request: web.Request) -> web.StreamResponse:
    """A case, once however often it is sent."""
    found, rooms = who(request, May.PATROL), house(request)
    given, now = await uploads.sent(request), datetime.now(UTC)
    entry = Entry.of(given.text)
    try:
        photos = await uploads.cleaned(rooms, given.files.get("photo", []))
        after = await uploads.cleaned(rooms, given.files.get("after", []))
        seen = sighting(entry, photos, after, rooms.desk.catalogue, now)
        number = await rooms.downstairs.write(
            patrol.report, seen, now, actor=found.name, area=found.area or "", office=rooms.desk
        )
    except (BadFile, Incomplete) as refused:
        problem = str(refused)
    except TooManyFiles:
        problem = f"附件太多, 至多 {rooms.desk.limits.per_case} 个"
    except NotAllowed:
        problem = "只能上报自己网格里的情况"
    else:
        if wants_json(request):
            return web.json_response({"number": number, "address": f"/cases/{number}"}, status=201)
        raise web.HTTPSeeOther(f"/cases/{number}")
    if wants_json(request):
        return web.json_response({"problem": problem}, status=400)
    return _form(request, found, rooms.desk.territory, entry, f"{problem}。文字还在, 照片请重新选择", 400)


async def worker(_request: web.Request) -> web.StreamResponse:
    """What opens the form where there is no net; it must lie beside the pages it serves."""
    return web.FileResponse(WORKER, headers={"Content-Type": "text/javascript", "Cache-Control": "no-cache"})


ROUTES: list[web.AbstractRouteDef] = [
    web.get("/grid", show),
    web.get("/grid/report", form),
    web.post("/grid/report", report),
    web.get("/grid/worker.js", worker),
]
