"""Cases: lists, one case with its history and its buttons; and the page of a call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from agent_console import case_forms, inspection, office
from agent_console.case_entry import PRIVACY
from agent_console.house import House, house, page, who
from agent_console.live import call_shown
from agent_console.permissions import May, Role, masked, may
from agent_console.sessions import SignedIn
from agent_console.sign_in import noted
from routing import attachments, case_lists, case_views, cases, handovers, intake
from routing.attaching import PURPOSES_ZH
from routing.attachments import Attachment
from routing.case_desk import NoSuchCase
from routing.case_search import TooShort
from routing.case_views import CasePage, NotYours, Viewer
from routing.cases import ACTIONS_ZH, State
from routing.catalogue import shipped
from routing.grids import Territory
from routing.handovers import Handover
from routing.intake import Origin
from routing.office import Office
from routing.pictures import PDF, Limits

UNIT_FILTERS: dict[str, tuple[str, tuple[State, ...]]] = {
    "": ("全部", ()),
    "new": ("待签收", (State.DISPATCHED,)),
    "working": ("办理中", (State.SIGNED, State.EXTENDED, State.LONG_TERM, State.REWORKED)),
    "asked": ("退单审核中", (State.RETURN_REQUESTED, State.ARBITRATION)),
    "answered": ("已反馈", (State.REPLIED, State.CALLBACK, State.VERIFICATION)),
    "done": ("已办结", (State.CLOSED, State.ARCHIVED)),
}
HOTLINE_FILTERS: dict[str, tuple[str, tuple[State, ...]]] = {
    "": ("全部", ()),
    "undirected": ("待派单", (State.UNDIRECTED, State.REROUTED)),
    "units": ("承办中", (State.DISPATCHED, State.SIGNED, State.EXTENDED, State.LONG_TERM, State.REWORKED)),
    "returns": ("退单与会商", (State.RETURN_REQUESTED, State.ARBITRATION)),
    "replied": ("待审核", (State.REPLIED,)),
    "callback": ("待回访", (State.CALLBACK,)),
    "verification": ("待核查", (State.VERIFICATION,)),
    "outside": ("外部平台", (State.HANDED_OVER,)),
    "done": ("已结束", (*cases.FINISHED, State.ARCHIVED)),
}
TIMETABLE = "timetable"  # who acts when a clock does (routing.jobs)
LONGEST_SEARCH = 60  # characters
NOTHING: Mapping[str, str] = MappingProxyType({})
ROLES = {
    Role.OPERATOR: cases.Role.OPERATOR,
    Role.SUPERVISOR: cases.Role.SUPERVISOR,
    Role.DISPATCHER: cases.Role.DISPATCHER,
    Role.UNIT: cases.Role.DEPARTMENT,
    Role.GRID: cases.Role.GRID,
}
SOURCES_ZH = {
    "telephone": "电话", "web": "网络", "grid": "网格巡查", "video": "视频巡查", "110": "110 转来",
    "outside": "其他平台",
}  # fmt: skip
LOOKERS = (May.SEE_CASES, May.OWN_CASES, May.PATROL)


async def listed(request: web.Request) -> web.StreamResponse:
    """A unit's own cases; everybody's for the hotline."""
    found, rooms = who(request, May.SEE_CASES, May.OWN_CASES), house(request)
    own = not may(found.role, May.SEE_CASES)
    filters = UNIT_FILTERS if own else HOTLINE_FILTERS
    chosen = request.query.get("show", "")
    states = filters[chosen][1] if chosen in filters else ()
    after = request.query.get("after", "")[:14] or None
    words, problem = request.query.get("q", "").strip()[:LONGEST_SEARCH], ""
    assert found.unit is not None or not own
    try:
        briefs = await rooms.downstairs.read(_asked, found.unit if own else None, words, states, after)
    except TooShort:
        briefs, problem = [], "请输入两个以上相连的字, 工单编号或联系电话"
    looks = {} if own else await rooms.downstairs.read(office.looks, briefs, rooms.desk)
    return page(
        request, "cases/list.html", cases=[office.case_line(b, rooms.desk.territory) for b in briefs],
        chosen=chosen, own=own, looks=looks,
        filters={name: zh for name, (zh, _) in filters.items()}, unit=rooms.desk.territory.unit_name(found.unit),
        more=briefs[-1].number if len(briefs) == case_lists.PAGE else None, words=words, problem=problem,
    )  # fmt: skip


def _asked(
    session: Session, unit: str | None, words: str, states: tuple[State, ...], after: str | None
) -> list[case_lists.CaseBrief]:
    """A page of a list, or of what was searched for in all states."""
    if words:
        return case_lists.search(session, words, unit=unit, after=after)
    if unit is not None:
        return case_lists.unit_list(session, unit, states=states, after=after)
    return case_lists.hotline_list(session, states=states, after=after)


def viewer(found: SignedIn) -> Viewer:
    """As whom somebody looks at cases."""
    if may(found.role, May.SEE_CASES):
        return Viewer(found.name)
    if may(found.role, May.PATROL):
        return Viewer(found.name, area=found.area or "")
    return Viewer(found.name, found.unit or "")


@dataclass(frozen=True, slots=True)
class Beside:
    """What a page shows of a case beside the case."""

    files: list[Attachment]
    origin: Origin | None
    handovers: list[Handover]
    platforms: tuple[tuple[str, str], ...]  # whom it could be sent over to
    names: dict[str, str]  # of every platform there ever was, by its code
    seen_by: list[tuple[str, int]]  # offices that looked, and how often: what a citizen may hear


def beside(session: Session, number: str, territory: Territory, *, hotline: bool) -> Beside:
    known = handovers.platforms(session)
    return Beside(
        attachments.of_case(session, number),
        intake.origin(session, number, hide=not hotline),
        handovers.of_case(session, number) if hotline else [],
        tuple((one.name, one.zh) for one in known if one.removed is None) if hotline else (),
        {one.name: one.zh for one in known},
        inspection.citizens_answer(session, number, territory) if hotline else [],
    )


async def _read(rooms: House, found: SignedIn, number: str) -> tuple[CasePage, Beside]:
    now = datetime.now(UTC)
    if may(found.role, May.SEE_CASES):
        seen = await rooms.downstairs.read(
            case_views.page_for_hotline, number, actor=found.name, purpose="查看工单", now=now,
            role=ROLES.get(found.role, cases.Role.SYSTEM),
        )  # fmt: skip
    elif may(found.role, May.PATROL):
        seen = await rooms.downstairs.read(
            case_views.page_for_officer, number, area=found.area or "", actor=found.name, purpose="网格查看", now=now
        )
    else:
        seen = await rooms.downstairs.read(
            case_views.page_for_unit, number, unit=found.unit or "", actor=found.name, purpose="办理工单", now=now
        )
    return seen, await rooms.downstairs.read(
        beside, number, rooms.desk.territory, hotline=may(found.role, May.SEE_CASES)
    )


async def show(request: web.Request) -> web.StreamResponse:
    return await answer(request, who(request, *LOOKERS))


async def answer(
    request: web.Request, found: SignedIn, *, problem: str = "", status: int = 200, action: str = "",
    typed: Mapping[str, str] = NOTHING,
) -> web.Response:  # fmt: skip
    """The page of a case; after a refusal with what was typed for the `action`."""
    rooms = house(request)
    try:
        seen, more = await _read(rooms, found, request.match_info["number"])
    except (NoSuchCase, NotYours):
        raise web.HTTPNotFound(text="没有这张工单, 或不由您办理") from None
    limits = rooms.desk.limits
    return page(
        request, "cases/page.html", status=status, problem=problem, chosen=action, typed=typed, limits=limits,
        kinds=accepted(limits), files=_files(more.files), origin=more.origin, handovers=more.handovers,
        seen_by=more.seen_by,
        **_shown(seen, found, rooms.desk, more),
    )  # fmt: skip


def _files(files: list[Attachment]) -> list[tuple[str, list[Attachment]]]:
    """By what they show, in words."""
    return [(zh, mine) for purpose, zh in PURPOSES_ZH.items() if (mine := [f for f in files if f.purpose is purpose])]


def accepted(limits: Limits, *, pictures: bool = False) -> str:
    """What a page lets its reader choose."""
    return ",".join(sorted(kind for kind in limits.kinds if not pictures or kind != PDF))


async def file(request: web.Request) -> web.StreamResponse:
    """One photograph or document, for who sees the case; the look is kept before a byte goes out."""
    found, rooms = who(request, *LOOKERS), house(request)
    number, wanted = request.match_info["number"], int(request.match_info["file"])
    try:
        seen = await rooms.downstairs.write(attachments.looked_at, number, wanted, viewer(found), datetime.now(UTC))
    except (NoSuchCase, NotYours):
        raise web.HTTPNotFound(text="没有这个附件, 或不由本单位办理") from None
    assert rooms.desk.files is not None
    path = rooms.desk.files.path(seen.sha256)
    if not await rooms.downstairs.plainly(path.exists):
        raise web.HTTPNotFound(text="这个附件的文件不在了")
    how, ending = ("inline", seen.media.partition("/")[2]) if seen.picture else ("attachment", "pdf")
    return web.FileResponse(path, headers={
        "Content-Type": seen.media,
        "Content-Disposition": f'{how}; filename="{number}-{seen.id}.{ending}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    })  # fmt: skip


def _shown(seen: case_views.CasePage, found: SignedIn, desk: Office, more: Beside) -> dict[str, Any]:
    territory = desk.territory
    patrol = seen.source in cases.PATROLS
    forms = case_forms.forms(seen.choices, patrol=patrol, platforms=more.platforms) if found.role in ROLES else []
    history = [
        {"at": h.at, "zh": ACTIONS_ZH.get(cases.Action(h.action), h.action),
         "actor": "系统" if h.actor == TIMETABLE else h.actor,
         "after": cases.STATES_ZH[State(h.after)], "said": case_forms.said_with(h.data, territory, more.names)}
        for h in seen.history
    ]  # fmt: skip
    return {
        "case": seen,
        "line": office.case_line(seen.brief, territory),
        "look": office.look_shown(seen.waiting, seen.brief.urgency, desk),
        "assist": [territory.unit_name(code) for code in seen.assist],
        "forms": forms,
        "units": case_forms.units(territory) if any(f.kind == "unit" for form in forms for f in form.fields) else [],
        "history": history,
        "reasons": office.reasons(seen.because),
        "patrol": patrol,
        "source": SOURCES_ZH.get(seen.source, seen.source),
        "sla": shipped().slas[seen.sla].zh,
        "privacy": PRIVACY.get(seen.privacy, ""),
        "solved": dict(case_forms.SOLVED).get(seen.solved or "", ""),
        "satisfied": dict(case_forms.SATISFIED).get(seen.satisfied or "", ""),
        "hotline": may(found.role, May.SEE_CASES),
        "contact": seen.contact if may(found.role, May.SEE_NUMBERS) else masked(seen.contact),
    }


async def call(request: web.Request) -> web.StreamResponse:
    """One call: what was said, what the robot did, what became of it; live while it runs."""
    found, rooms = who(request, May.SEE_CALLS), house(request)
    number = request.match_info["call"]
    shown = await call_shown(rooms, number, numbers=may(found.role, May.SEE_NUMBERS))
    if not shown["id"]:
        raise web.HTTPNotFound(text="没有这个通话")
    await noted(rooms, found.name, "view call", number)
    related = await rooms.downstairs.read(case_lists.hotline_list, call=number)
    return page(
        request, "call.html", call=shown, cases=[office.case_line(b, rooms.desk.territory) for b in related],
        writes=may(found.role, May.ANSWER),
    )  # fmt: skip
