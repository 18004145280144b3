"""How does an operator write a case?  One form, for the desk and for itself: the proposal first, then the case."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from aiohttp import web

from agent_console import office
from agent_console.house import House, house, page, wants_json, who
from agent_console.matter_search import search_matters, suggest_matters
from agent_console.permissions import May
from routing import case_desk, cases, catalogue, dispatch
from routing.cases import NotAllowed

LONGEST = {"text": 4000, "place": 400, "matter": 8, "kind": 16, "lead": 64, "privacy": 16}  # characters
OTHERS = 64
PRIVACY = {"public": "公开", "confidential": "要求保密", "anonymous": "匿名"}


@dataclass(frozen=True, slots=True)
class Entry:
    """The form as it came: every field a stripped text."""

    call: str = ""
    matter: str = ""
    kind: str = ""
    place: str = ""
    contact: str = ""
    contact_name: str = ""
    privacy: str = "public"
    text: str = ""
    lead: str = ""  # code of a unit, office.KEEP, or empty: as proposed
    proposed: str = ""  # the lead that was marked when the proposal was shown

    @property
    def report(self) -> dispatch.Report:
        known = self.matter if self.matter in catalogue.shipped().leaves else None
        return dispatch.Report(text=self.text, place=self.place, matter=known, contact=self.contact, kind=self.kind)

    @property
    def picked(self) -> str:
        """The lead an operator picked against the proposal; empty: a new proposal is free to name another."""
        return "" if self.lead == self.proposed else self.lead

    @property
    def missing(self) -> list[str]:
        known = self.matter in catalogue.shipped().leaves
        return [zh for there, zh in ((known, "事项"), (self.text, "诉求内容")) if not there]


async def entry_in(request: web.Request) -> Entry:
    form = await request.post()
    given = {
        f.name: str(form.get(f.name) or "").strip()[: LONGEST.get(f.name, OTHERS)] for f in fields(Entry)
    }  # fmt: skip
    if given["privacy"] not in PRIVACY:
        given["privacy"] = "public"
    return Entry(**given)


def form_values(entry: Entry) -> dict[str, Any]:
    """What `_case_form.html` needs."""
    shipped = catalogue.shipped()
    return {"form": asdict(entry), "tops": shipped.tops(), "kinds": shipped.kinds, "privacy": PRIVACY}


async def show(request: web.Request) -> web.StreamResponse:
    """The form alone, filled with what the caller of `call` said."""
    who(request, May.ANSWER)
    call = request.query.get("call", "")[:64]
    entry = Entry(call=call, **await said(house(request), call))
    return page(request, "operator_desk/case.html", **form_values(entry), proposal=None, problem="")


async def said(rooms: House, call: str) -> dict[str, str]:
    """Contact, words and likeliest matter of a call; nothing for a call nobody knows."""
    record, _ = await rooms.downstairs.read(office.call, call)
    if record is None:
        return {}
    words = [t.text for t in record.turns if t.who == "caller"]
    likely = await rooms.downstairs.plainly(lambda: suggest_matters(words))
    return {"contact": record.caller, "text": "，".join(words), "matter": likely[0].code if likely else ""}


async def matters(request: web.Request) -> web.StreamResponse:
    """Matters for a search (`q`) or for what the caller of a `call` said."""
    who(request, May.ANSWER)
    rooms, call = house(request), request.query.get("call", "")[:64]
    if call:
        record, _ = await rooms.downstairs.read(office.call, call)
        words = [t.text for t in record.turns if t.who == "caller"] if record else []
        found = await rooms.downstairs.plainly(lambda: suggest_matters(words))
    else:
        wanted = request.query.get("q", "")[:100]
        found = await rooms.downstairs.plainly(lambda: search_matters(wanted))
    return web.json_response([{"code": m.code, "zh": m.zh, "top": m.top, "because": m.because} for m in found])


async def propose(request: web.Request) -> web.StreamResponse:
    """Who would handle what stands in the form, why, and until when; as a part of a page (`?part=1`) or as a page."""
    who(request, May.ANSWER)
    entry, rooms, part = await entry_in(request), house(request), "part" in request.query
    try:
        found = await rooms.downstairs.read(office.propose, entry.report, rooms.desk, entry.picked)
        problem = ""
    except (dispatch.NothingSaid, KeyError):
        found, problem = None, "请选择事项或填写诉求内容"
    if part:
        return page(request, "operator_desk/_proposal.html", proposal=found, problem=problem)
    return page(request, "operator_desk/case.html", **form_values(entry), proposal=found, problem=problem)


async def save(request: web.Request) -> web.StreamResponse:
    """The case is dispatched, or waits for a dispatcher when no unit can be named."""
    found, rooms, entry = who(request, May.ANSWER), house(request), await entry_in(request)
    problem = f"请填写{'、'.join(entry.missing)}" if entry.missing else ""
    opened: case_desk.Opened | None = None
    if not problem:
        try:
            opened = await rooms.downstairs.write(
                office.save_case, entry.report, rooms.desk, actor=found.name,
                call=entry.call or None, contact_name=entry.contact_name, lead=entry.lead, privacy=entry.privacy,
            )  # fmt: skip
        except (NotAllowed, dispatch.NothingSaid):
            problem = "没有保存: 所选承办单位不能受理, 请重新选择"
    if opened is None:
        if wants_json(request):
            return web.json_response({"problem": problem}, status=400)
        return page(
            request, "operator_desk/case.html", **form_values(entry), proposal=None, problem=problem, status=400
        )  # fmt: skip
    if not wants_json(request):
        raise web.HTTPSeeOther(f"/cases/{opened.number}")
    return web.json_response({
        "number": opened.number,
        "state_zh": cases.STATES_ZH[opened.state],
        "lead_zh": rooms.desk.territory.unit_name(opened.lead),
        "due_zh": office.due_in_words(opened.due),
    })  # fmt: skip
