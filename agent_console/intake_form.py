"""What may a video patrol, 110 or another platform send, and how much of it?  JSON objects, read by one table."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agent_console.open311_form import (
    CODE,
    LATITUDE,
    LINE,
    LONGITUDE,
    NUMBER,
    PRIVACY,
    SAID,
    TEXT,
    Field,
    Wrong,
    moment,
)
from routing.catalogue import Catalogue
from routing.dispatch import Report
from routing.intake import Arrival
from routing.pictures import BadFile, Clean, Limits, clean

TEXTS = 64 * 1024  # bytes of a message without its files
SURROGATE = re.compile("[\ud800-\udfff]")  # half a character, which no database and no answer can hold
OLDEST = timedelta(days=365)  # what was seen earlier is no patrol
COMMON = (
    Field("number", "对方编号, 同一编号只立一张工单", SAID, 64, required=True),
    Field("text", "情况", TEXT, 4000, required=True),
    Field("place", "地点", LINE, 400),
    Field("matter", "事项编码, 不填时由系统识别", CODE, 4),
    Field("lat", "纬度 (WGS-84)", number=(-LATITUDE, LATITUDE)),
    Field("lng", "经度 (WGS-84)", number=(-LONGITUDE, LONGITUDE)),
    Field("seen_at", "发现时间 (ISO 8601, 带时区); 不在将来, 也不早于一年前", longest=40),
)
VIDEO = (
    *COMMON,
    Field("camera", "摄像机编号", SAID, 64, required=True),
    Field("reviewer", "审核人", SAID, 64, required=True),
    Field("reason", "上报理由", TEXT, 400, required=True),
)
POLICE = (
    *COMMON,
    Field("operator", "110 接警员", SAID, 64, required=True),
    Field("phone", "来电人电话; 只有热线可见", r"^\+?[0-9]([ -]?[0-9]){4,19}$", 40),
    Field("name", "来电人称呼; 只有热线可见", LINE, 64),
    Field("privacy", "隐私要求", LINE, 16, values=tuple(PRIVACY)),
)
REPLY = (
    Field("case", "工单编号", NUMBER, 14, required=True),
    Field("reply", "办理结果", TEXT, 4000, required=True),
    Field("by", "经办人或单位", SAID, 64, required=True),
)

FILES = (Field("case", "工单编号", NUMBER, 14, required=True),)


@dataclass(frozen=True, slots=True)
class Message:
    """Every field of the table as a text, and the files as they may be kept."""

    text: Mapping[str, str]
    files: Sequence[Clean]
    content: str  # hash of all of it


def most(limits: Limits) -> int:
    """Bytes of one message: base64 makes three bytes four."""
    return TEXTS + limits.number * (limits.size // 3 + 1) * 4


def read(body: bytes, fields: Sequence[Field], limits: Limits) -> Message:
    """Wrong says what is the matter with it.  Blocks while pictures are written anew."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError):
        raise Wrong("the body is not JSON") from None
    if not isinstance(given, dict):
        raise Wrong("the body is not a JSON object")
    plain = {field.name: _plain(field, given[field.name]) for field in fields if field.name in given}
    text = {field.name: field.read(plain).strip() for field in fields}
    files = _files(given.get("files"), limits)
    whole = json.dumps([text, [file.sha256 for file in files]], ensure_ascii=True, sort_keys=True)
    return Message(text, files, hashlib.sha256(whole.encode()).hexdigest())


def _plain(field: Field, value: Any) -> str:
    """As the table reads it: numbers are numbers, texts are texts; null says nothing."""
    if field.number is not None:
        least, most = field.number
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            raise Wrong(f"{field.name} is a number between {least:.0f} and {most:.0f}")  # NaN is between no two
        return str(float(value))
    if value is None:
        return ""
    if not isinstance(value, str) or SURROGATE.search(value):
        raise Wrong(f"{field.name} is a text")
    return value


def _files(given: Any, limits: Limits) -> list[Clean]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise Wrong("files is a list of base64 texts")
    if len(given) > limits.number:
        raise Wrong(f"files are at most {limits.number}")
    try:
        return [clean(base64.b64decode(one, validate=True), limits) for one in given]
    except BadFile as problem:
        raise Wrong(f"a file cannot be kept: {problem}", 422) from None
    except ValueError:  # binascii's own, or what is not even ASCII
        raise Wrong("files is a list of base64 texts") from None


def video(message: Message, catalogue: Catalogue, now: datetime) -> Arrival:
    """Without a still image nobody can judge it."""
    if not any(file.picture for file in message.files):
        raise Wrong("files is missing or empty: a still image shows what was seen")
    text = message.text
    return Arrival(
        _report(text, catalogue, now), text["number"], text["reviewer"], message.content, text["camera"],
        text["reason"], files=message.files,
    )  # fmt: skip


def police(message: Message, catalogue: Catalogue, now: datetime) -> Arrival:
    text = message.text
    phone = re.sub(r"[ -]", "", text["phone"])
    phone = re.sub(r"^(\+|00)86(?=1\d{10}$)", "", phone)  # as a call from it shows it
    return Arrival(
        _report(text, catalogue, now, phone), text["number"], text["operator"], message.content,
        contact_name=text["name"], privacy=text["privacy"] or "public", files=message.files,
    )  # fmt: skip


def _report(text: Mapping[str, str], catalogue: Catalogue, now: datetime, phone: str = "") -> Report:
    if text["matter"] and text["matter"] not in catalogue.leaves:
        raise Wrong("matter was not found", 404)
    return Report(
        text["text"], text["place"], matter=text["matter"] or None, contact=phone, point=_point(text),
        seen=_moment(text["seen_at"], now),
    )  # fmt: skip


def _point(text: Mapping[str, str]) -> tuple[float, float] | None:
    if not text["lat"] and not text["lng"]:
        return None
    if not text["lat"] or not text["lng"]:
        raise Wrong("lat and lng are given together")
    return float(text["lat"]), float(text["lng"])


def _moment(text: str, now: datetime) -> datetime | None:
    at = moment("seen_at", text)
    if at is None:
        return None
    if not now - OLDEST <= at <= now + timedelta(hours=1):
        raise Wrong("seen_at lies in the future or too far back")
    return min(at, now)
