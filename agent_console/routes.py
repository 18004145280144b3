"""Which address leads where?"""

from pathlib import Path

from aiohttp import web

from agent_console import (
    case_acts,
    case_entry,
    case_pages,
    figures,
    grid_pages,
    health,
    incidents,
    knowledge_routes,
    live,
    open311,
    operator_desk,
    sign_in,
    sip_proxy,
    supervisor_desk,
    web_phone,
)

STATIC = Path(__file__).parent / "static"

ROUTES: list[web.AbstractRouteDef] = [
    web.get("/", sign_in.first),
    web.get("/sign-in", sign_in.show),
    web.post("/sign-in", sign_in.enter),
    web.post("/sign-out", sign_in.leave),
    web.get("/password", sign_in.password_page),
    web.post("/password", sign_in.change_password),
    web.get("/live", live.live),
    web.get("/sip", sip_proxy.sip),
    web.post("/phone", operator_desk.phone),
    web.get("/desk", operator_desk.show),
    web.post("/desk/state", operator_desk.set_state),
    web.get("/desk/matters", case_entry.matters),
    web.get("/desk/case", case_entry.show),
    web.post("/desk/proposal", case_entry.propose),
    web.get("/supervisor", supervisor_desk.show),
    web.post("/supervisor/listen", supervisor_desk.listen_in),
    web.post("/supervisor/stop", supervisor_desk.stop),
    web.post(r"/alarms/{alarm:\d{1,9}}/acknowledge", supervisor_desk.seen),
    web.get("/figures", figures.show),
    web.get(r"/figures.{form:csv|xlsx|json}", figures.as_file),
    web.get("/incidents", incidents.show),
    web.post(r"/incidents/{incident:\d{1,9}}/confirm", incidents.confirm),
    web.post(r"/incidents/{incident:\d{1,9}}/link", incidents.link),
    web.post(r"/incidents/{incident:\d{1,9}}/end", incidents.end),
    web.get("/cases", case_pages.listed),
    web.post("/cases", case_entry.save),
    web.get(r"/cases/{number:\d{14}}", case_pages.show),
    web.post(r"/cases/{number:\d{14}}", case_acts.act),
    web.get(r"/cases/{number:\d{14}}/files/{file:\d{1,9}}", case_pages.file),
    web.get(r"/calls/{call:[\w-]{1,64}}", case_pages.call),
    *grid_pages.ROUTES,
    *knowledge_routes.ROUTES,
    *open311.ROUTES,
    web.get("/call", web_phone.show),
    web.post("/call/phone", web_phone.borrow),
    web.post("/call/done", web_phone.give_back),
    web.get("/healthz", health.alive),
    web.get("/readyz", health.ready),
    web.get("/metrics", health.metrics),
    web.static("/static", STATIC),
]
