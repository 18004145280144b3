"""What do other systems ask and send?  Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2), in JSON and XML.

Beyond the specification: `page` and `page_size`, the key as a bearer token, and `Idempotency-Key`, under which a
report that is sent again becomes no second case.  Reading requests needs a key too: they are about citizens.
"""

import re
from datetime import UTC, datetime

from aiohttp import web

from agent_console.house import house
from agent_console.open311_answers import NOTICE, answer, request_shown, service
from agent_console.open311_description import CHANGED, description
from agent_console.open311_door import caller, nameless
from agent_console.open311_form import KEY_PATTERN, PRIVACY, Wrong, asked, form, kinds, sent
from routing import open_desk
from routing.api_keys import Right
from routing.case_desk import NoSuchCase
from routing.catalogue import shipped

FORM = "application/x-www-form-urlencoded"


async def discovery(request: web.Request) -> web.StreamResponse:
    nameless(request)
    settings = house(request).settings
    return answer(request, "discovery", {
        "changeset": CHANGED,
        "contact": f"{settings.hotline_city} 12345",
        "key_service": "12345",
        "endpoints": [{
            "specification": "http://wiki.open311.org/GeoReport_v2",
            "url": f"{request.scheme}://{request.host}/open311/v2",
            "changeset": CHANGED,
            "type": "test" if settings.hotline_drill else "production",
            "formats": ["application/json", "text/xml"],
        }],
    })  # fmt: skip


async def openapi(request: web.Request) -> web.StreamResponse:
    nameless(request)
    return answer(request, "openapi", description())


async def services(request: web.Request) -> web.StreamResponse:
    nameless(request)
    return answer(request, "services", [service(leaf) for leaf in shipped().leaves.values()])


async def definition(request: web.Request) -> web.StreamResponse:
    nameless(request)
    leaf = shipped().leaves.get(request.match_info["code"])
    if leaf is None:
        raise Wrong("service_code was not found", 404)
    attributes = (
        ("kind", "诉求类型", kinds(leaf)),
        ("privacy", "隐私要求", [{"key": key, "name": zh} for key, zh in PRIVACY.items()]),
    )
    return answer(request, "service_definition", {
        "service_code": leaf.code,
        "attributes": [{
            "variable": True,
            "code": code,
            "datatype": "singlevaluelist",
            "required": False,
            "datatype_description": "",
            "order": order,
            "description": zh,
            "values": values,
        } for order, (code, zh, values) in enumerate(attributes, 1)],
    })  # fmt: skip


async def listed(request: web.Request) -> web.StreamResponse:
    key = await caller(request, request.query.get("api_key", ""), Right.READ, Right.WRITE)
    now, rooms = datetime.now(UTC), house(request)
    wanted = asked(request.query, now)
    if wanted.numbers:
        found = await rooms.downstairs.write(open_desk.seen, key, wanted.numbers, now)
    else:
        found = await rooms.downstairs.read(open_desk.listed, key, wanted)
    return answer(request, "service_requests", [request_shown(case, rooms.desk.territory) for case in found])


async def show(request: web.Request) -> web.StreamResponse:
    key = await caller(request, request.query.get("api_key", ""), Right.READ, Right.WRITE)
    number, now = request.match_info["number"], datetime.now(UTC)
    try:
        found = await house(request).downstairs.write(open_desk.one, key, number, now)
    except NoSuchCase:
        raise Wrong("service_request_id was not found", 404) from None
    return answer(request, "service_requests", [request_shown(found, house(request).desk.territory)])


async def take_in(request: web.Request) -> web.StreamResponse:
    """201 with the number; the same answer when the same report came before under the same Idempotency-Key."""
    if request.content_type != FORM:
        raise Wrong(f"a report comes as {FORM}", 415)
    given, rooms = form(await request.read()), house(request)
    key = await caller(request, given.pop("api_key", ""), Right.WRITE)
    again = request.headers.get("Idempotency-Key", "")
    if "Idempotency-Key" in request.headers and not re.fullmatch(KEY_PATTERN, again):
        raise Wrong("Idempotency-Key is 8 to 128 visible ASCII characters")
    report = sent(given, shipped())
    try:
        number = await rooms.downstairs.write(
            open_desk.take_in, key, report.report, datetime.now(UTC), rooms.desk,
            contact_name=report.contact_name, privacy=report.privacy, idempotency=again, content=report.content,
        )  # fmt: skip
    except open_desk.Reused:
        raise Wrong("this Idempotency-Key came before with another report", 409) from None
    made = [{"service_request_id": number, "service_notice": NOTICE, "account_id": None}]
    return answer(request, "service_requests", made, status=201)


async def nothing(_request: web.Request) -> web.StreamResponse:
    raise Wrong("there is nothing at this address", 404)


ROUTES: list[web.AbstractRouteDef] = [
    web.get("/open311/openapi.json", openapi),
    web.get("/open311/discovery.{form:json|xml}", discovery),
    web.get("/open311/v2/services.{form:json|xml}", services),
    web.get(r"/open311/v2/services/{code:\d{4}}.{form:json|xml}", definition),
    web.get("/open311/v2/requests.{form:json|xml}", listed),
    web.post("/open311/v2/requests.{form:json|xml}", take_in),
    web.get(r"/open311/v2/requests/{number:\d{14}}.{form:json|xml}", show),
    web.get("/open311/{rest:.*}", nothing),
]
