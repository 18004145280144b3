"""How does the open door answer?  The same content as JSON or XML, errors in GeoReport's shape."""

import json
import re
from typing import Any
from xml.etree import ElementTree

from aiohttp import web

from routing import cases, catalogue
from routing.catalogue import Leaf
from routing.grids import Territory
from routing.open_desk import OpenCase

ONE_OF = {  # how an element of a list is called
    "services": "service", "service_requests": "request", "errors": "error", "attributes": "attribute",
    "values": "value", "endpoints": "endpoint", "formats": "format",
}  # fmt: skip
NOT_XML = re.compile(
    "[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # characters XML 1.0 has no way to write
NOTICE = "诉求已受理, 请记下工单编号。如遇危险, 请立即拨打 110、119 或 120。"


def answer(
    request: web.Request, root: str, content: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """By the ending of the address: .xml, else JSON.  Nothing of it may be kept on the way."""
    kept = {"Cache-Control": "no-store", **(headers or {})}
    if request.path.endswith(".xml"):
        text = ElementTree.tostring(_element(root, content), encoding="unicode")
        body = f'<?xml version="1.0" encoding="utf-8"?>\n{text}'.encode()
        return web.Response(body=body, status=status, headers=kept, content_type="text/xml", charset="utf-8")
    body = json.dumps(content, ensure_ascii=False).encode()
    return web.Response(body=body, status=status, headers=kept, content_type="application/json", charset="utf-8")


def refusal(request: web.Request, status: int, says: str, headers: dict[str, str] | None = None) -> web.Response:
    return answer(request, "errors", [{"code": str(status), "description": says}], status=status, headers=headers)


def _element(name: str, content: Any) -> ElementTree.Element:
    made = ElementTree.Element(name)
    match content:
        case dict():
            made.extend([_element(key, value) for key, value in content.items()])
        case list():
            made.extend([_element(ONE_OF[name], value) for value in content])
        case bool():
            made.text = "true" if content else "false"
        case None:
            pass
        case _:
            made.text = NOT_XML.sub("", str(content))
    return made


def service(leaf: Leaf) -> dict[str, Any]:
    return {
        "service_code": leaf.code,
        "service_name": leaf.zh,
        "description": leaf.said[0] if leaf.said else leaf.zh,
        "metadata": True,
        "type": "realtime",
        "keywords": ",".join(leaf.cues),
        "group": leaf.top,
    }


def request_shown(case: OpenCase, territory: Territory) -> dict[str, Any]:
    leaf = catalogue.shipped().leaves.get(case.matter)
    return {
        "service_request_id": case.number,
        "status": "closed" if case.over else "open",
        "status_notes": "；".join(filter(None, (cases.STATES_ZH[case.state], case.reply))),
        "service_name": leaf.zh if leaf else case.matter,
        "service_code": case.matter,
        "description": case.text,
        "agency_responsible": territory.unit_name(case.lead),
        "service_notice": "",
        "requested_datetime": case.opened.isoformat(),
        "updated_datetime": case.updated.isoformat(),
        "expected_datetime": case.due.isoformat() if case.due else None,
        "address": case.place,
        "lat": case.lat,
        "long": case.lng,
    }
