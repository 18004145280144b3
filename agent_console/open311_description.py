"""How is the open door described to programs?  OpenAPI 3.1, made from the bounds that the handlers themselves use."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from agent_console.open311_form import ASKED, KEY_PATTERN, SENT, STATUS, Field
from routing.catalogue import shipped

CHANGED = "2026-11-25T00:00:00+08:00"  # when this interface changed last
Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
KEYED: list[dict[str, list[str]]] = [{"bearer": []}, {"api_key": []}]
REFUSALS = {
    "400": "不合要求", "403": "没有 api_key, 或它无此权限", "404": "没有找到",
    "409": "同一 Idempotency-Key 已用于另一诉求",
    "413": "内容过大", "415": "不是表单", "429": "过于频繁; Retry-After 是应等待的秒数",
}  # fmt: skip


def whole(**properties: Schema) -> Schema:
    """An object with all of these and nothing else."""
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def many(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def or_null(of: Schema) -> Schema:
    return {**of, "type": [of["type"], "null"]}


NUMBER: Schema = {"type": "string", "pattern": "^[0-9]{14}$"}  # of a case
BEARER = {"bearer": {"type": "http", "scheme": "bearer"}}
SERVICE = whole(
    service_code=TEXT, service_name=TEXT, description=TEXT, metadata={"type": "boolean"}, type={"const": "realtime"},
    keywords=TEXT, group=TEXT,
)  # fmt: skip
ATTRIBUTE = whole(
    variable={"type": "boolean"}, code=TEXT, datatype={"const": "singlevaluelist"}, required={"type": "boolean"},
    datatype_description=TEXT, order={"type": "integer"}, description=TEXT, values=many(whole(key=TEXT, name=TEXT)),
)  # fmt: skip
REQUEST = whole(
    service_request_id=NUMBER, status={"enum": list(STATUS)}, status_notes=TEXT,
    service_name=TEXT, service_code=TEXT, description=TEXT, agency_responsible=TEXT, service_notice=TEXT,
    requested_datetime=MOMENT, updated_datetime=MOMENT, expected_datetime=or_null(MOMENT), address=TEXT,
    lat=or_null({"type": "number"}), long=or_null({"type": "number"}),
)  # fmt: skip
MADE = whole(service_request_id=NUMBER, service_notice=TEXT, account_id={"type": "null"})
ENDPOINT = whole(
    specification=TEXT, url=TEXT, changeset=MOMENT, type={"enum": ["test", "production"]}, formats=many(TEXT)
)  # fmt: skip
DISCOVERY = whole(changeset=MOMENT, contact=TEXT, key_service=TEXT, endpoints=many(ENDPOINT))
ERRORS = many(whole(code={"type": "string", "pattern": "^[0-9]{3}$"}, description=TEXT))


def schema(field: Field) -> Schema:
    """The bounds of an argument as its handler has them; an empty text is as good as none, as forms send it."""
    return bounds(field) if field.required or field.number else or_empty(bounds(field))


def or_empty(of: Schema) -> Schema:
    return {"anyOf": [of, {"const": ""}]}


def bounds(field: Field) -> Schema:
    if field.number is not None:
        least, most = field.number
        if field.name.startswith("page"):
            return {"type": "integer", "minimum": int(least), "maximum": int(most)}
        return {"type": "number", "minimum": least, "maximum": most}
    if field.name.endswith(("_date", "_at")):
        return MOMENT
    if field.values:
        return {"type": "string", "enum": list(field.values)}
    return {"type": "string", "minLength": 1, "maxLength": field.longest, "pattern": field.pattern}


def answers(status: str, says: str, of: Schema, *refused: str, why: Mapping[str, str] = REFUSALS) -> Schema:
    """One good answer and the refusals, each as JSON and as XML."""
    found = {status: {"description": says, "content": content(of)}}
    return found | {code: {"description": why[code], "content": content(ERRORS)} for code in refused}


def content(of: Schema) -> Schema:
    return {"application/json": {"schema": of}}


def operation(name: str, says: str, responses: Schema, **more: Any) -> Schema:
    return {"operationId": name, "summary": says, "responses": responses, **more}


def query(field: Field) -> Schema:
    return {"name": field.name, "in": "query", "required": False, "description": field.says, "schema": schema(field)}


def in_path(name: str, of: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": of}


def report() -> Schema:
    fields = {name: {**schema(field), "description": field.says} for name, field in SENT.items()}
    fields["service_code"] = {
        "type": "string",
        "enum": list(shipped().leaves),
        "description": SENT["service_code"].says,
    }
    fields["attribute[kind]"] = {
        "type": "string",
        "enum": ["", *shipped().kinds],
        "description": SENT["attribute[kind]"].says,
    }
    return {
        "type": "object",
        "properties": fields,
        "required": [name for name, field in SENT.items() if field.required],
        "dependentRequired": {"lat": ["long"], "long": ["lat"]},
    }


@lru_cache(maxsize=1)
def description() -> Schema:
    """The JSON side; each address answers the same as XML under .xml."""
    code = {"type": "string", "enum": list(shipped().leaves)}
    again = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": KEY_PATTERN},
        "description": "重发同一诉求时用同一个值: 不会产生第二个工单",
    }
    body = {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": report()}}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "12345 Open311 GeoReport v2", "version": CHANGED[:10],
            "description": "市民诉求的读与写。地址以 .xml 结尾时以 XML 作答。读不到联系方式、姓名和要求保密的诉求。",
        },
        "paths": {
            "/open311/discovery.json": {"get": operation(
                "discovery", "有哪些接口", answers("200", "接口", DISCOVERY, "429"))},
            "/open311/v2/services.json": {"get": operation(
                "services", "全部事项", answers("200", "事项", many(SERVICE), "429"))},
            "/open311/v2/services/{code}.json": {"get": operation(
                "service", "一个事项的属性",
                answers("200", "属性", whole(service_code=TEXT, attributes=many(ATTRIBUTE)), "404", "429"),
                parameters=[in_path("code", code)])},
            "/open311/v2/requests.json": {
                "get": operation(
                    "requests", "诉求列表", answers("200", "诉求", many(REQUEST), "400", "403", "429"),
                    parameters=[query(field) for field in ASKED.values()], security=KEYED),
                "post": operation(
                    "report", "提交诉求",
                    answers("201", "已受理", many(MADE), "400", "403", "404", "409", "413", "415", "429"),
                    parameters=[again], security=KEYED, requestBody=body),
            },
            "/open311/v2/requests/{number}.json": {"get": operation(
                "request", "一个诉求", answers("200", "诉求", many(REQUEST), "403", "404", "429"),
                parameters=[in_path("number", NUMBER)], security=KEYED)},
        },
        "components": {"securitySchemes": {
            **BEARER, "api_key": {"type": "apiKey", "in": "query", "name": "api_key"},
        }},
    }  # fmt: skip
