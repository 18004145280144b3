"""How is the intake described to programs?  OpenAPI 3.1, made from the tables by which its messages are read."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from agent_console.intake_form import FILES, POLICE, REPLY, VIDEO
from agent_console.open311_description import (
    BEARER,
    MOMENT,
    NUMBER,
    REFUSALS,
    TEXT,
    Schema,
    answers,
    bounds,
    content,
    operation,
    or_empty,
    or_null,
    whole,
)
from agent_console.open311_form import Field
from routing.cases import State
from routing.catalogue import shipped
from routing.pictures import PDF, Limits

CHANGED = "2026-11-27"  # when this interface changed last
WHY = REFUSALS | {
    "401": "没有密钥, 或不是我们发的", "403": "密钥不是为此来源发的",
    "409": "同一编号已用于另一内容, 或工单已不在此环节", "415": "不是 application/json", "422": "附件无法保存, 或太多",
}  # fmt: skip
REFUSED = ("400", "401", "403", "404", "409", "413", "415", "422", "429")
RECEIPT = whole(
    number=TEXT, case=NUMBER, state={"enum": [str(state) for state in State]}, unit=TEXT, due=or_null(MOMENT),
    taken_at=MOMENT,
)  # fmt: skip


def schema(field: Field) -> Schema:
    """As a JSON message may have it: what says nothing may be left out, empty or null."""
    if field.name == "matter":
        of: Schema = {"type": "string", "enum": list(shipped().leaves)}
    else:
        of = bounds(field)
    if not field.required and field.number is None:
        of = {"anyOf": [*or_empty(of)["anyOf"], {"type": "null"}]}
    return {**of, "description": field.says}


def files(limits: Limits, least: int, says: str, *, documents: bool = True) -> Schema:
    kinds = sorted(kind for kind in limits.kinds if documents or kind != PDF)
    one = {
        "type": "string", "format": "byte", "contentEncoding": "base64", "minLength": 1,
        "maxLength": (limits.size + 2) // 3 * 4, "description": "、".join(kinds),
    }  # fmt: skip
    of: Schema = {"type": "array", "items": one, "maxItems": limits.number, "description": says}
    return {**of, "minItems": least} if least else or_null(of)


def message(fields: Sequence[Field], with_files: Schema) -> Schema:
    """One JSON object; what it does not know it passes over."""
    known = {field.name for field in fields}
    needed = [field.name for field in fields if field.required]
    both = {"dependentRequired": {"lat": ["lng"], "lng": ["lat"]}} if "lat" in known else {}
    return {
        "type": "object",
        "properties": {**{field.name: schema(field) for field in fields}, "files": with_files},
        "required": [*needed, "files"] if "minItems" in with_files else needed,
        **both,
    }


def post(name: str, says: str, body: Schema, made: Schema, *, again: bool = True) -> Schema:
    """201; with `again` 200 when the same came before."""
    good = answers("201", "已收下", made, *REFUSED, why=WHY)
    if again:
        good |= {"200": {"description": "此前已收下, 与第一次的答复相同", "content": content(made)}}
    return {"post": operation(
        name, says, good, security=[{"bearer": []}], requestBody={"required": True, "content": content(body)}
    )}  # fmt: skip


@lru_cache(maxsize=4)
def description(limits: Limits) -> dict[str, Any]:
    """limits: of attachments, in this city."""
    some = files(limits, 0, "照片或文件")
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "12345 接入", "version": CHANGED,
            "description": "视频巡查、110 和其他平台的来件与答复。密钥只用于一个来源；附件为 base64，照片的位置会去掉",
        },
        "paths": {
            "/intake/v1/video": post(
                "video", "视频巡查发现的情况", message(VIDEO, files(limits, 1, "现场图像", documents=False)), RECEIPT),
            "/intake/v1/110": post("police", "110 转来的非警情", message(POLICE, some), RECEIPT),
            "/intake/v1/replies": post("reply", "平台对移交工单的答复", message(REPLY, some), whole(case=NUMBER)),
            "/intake/v1/files": post(
                "files", "给来件补照片", message(FILES, files(limits, 1, "照片或文件")),
                whole(case=NUMBER, files={"type": "integer", "minimum": 1}), again=False),
        },
        "components": {"securitySchemes": BEARER},
    }  # fmt: skip
