"""How is an article written down, in a form or in a table?  Names, and text that becomes values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from kb.article import Article
from kb.editing import Flaw


@dataclass(frozen=True, slots=True)
class Field:
    """One box of the form, one column of a table."""

    name: str
    zh: str
    kind: str = "line"  # line, text, list, day, yes
    longest: int = 64  # characters
    hint: str = ""


FORM = (
    Field("question", "问题", longest=120, hint="来电人最常用的一句话"),
    Field("phrasings", "其他问法", "list", 8000, "每行一个"),
    Field("spoken", "口播答案", "text", 400, "最多三十秒, 数字、日期、电话照常写"),
    Field("source", "答复单位（口播）", hint="如: 人社局"),
    Field("owner", "责任单位"),
    Field("leaf", "事项分类", longest=128),
    Field("written", "书面答案", "text", 8000),
    Field("materials", "所需材料", "text", 4000),
    Field("place", "办理地点", "text", 1000),
    Field("hours", "办理时间", longest=400),
    Field("fee", "收费", longest=400),
    Field("law", "政策依据", "text", 2000),
    Field("tags", "标签", "list", 1000, "每行一个"),
    Field("audience", "适用对象", longest=400),
    Field("valid_from", "生效日期", "day"),
    Field("valid_until", "失效日期", "day", hint="最后可播报的一天"),
    Field("review", "复审日期", "day"),
    Field("origin", "来源与许可", longest=400),
    Field("related", "相关条目", "list", 1000, "每行一个编号"),
    Field("needs_authority", "部门授权事项", "yes", hint="授权有效期内才可播报"),
    Field("authorised_by", "授权人"),
    Field("authorised_document", "授权文号", longest=128),
    Field("authorised_scope", "授权范围", "text", 1000),
    Field("authorised_wording", "授权的准确用语", "text", 400),
    Field("authorised_until", "授权截止日期", "day"),
)
BY_NAME = {field.name: field for field in FORM}
# what other systems and this project's earlier files call a column
ALSO = {
    "id": "id", "编号": "id", "alternatives": "phrasings", "相似问法": "phrasings", "问法": "phrasings",
    "answer": "spoken", "答案": "spoken", "department": "source", "答复单位": "source", "matter_class": "leaf",
    "effective": "valid_from", "expires": "valid_until", "licence": "origin", "来源": "origin",
}  # fmt: skip
COLUMNS = {**{f.name: f.name for f in FORM}, **{f.zh: f.name for f in FORM}, **ALSO}

_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_BETWEEN = re.compile(r"[\n|｜;；]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
YES = {"1", "是", "有", "y", "yes", "true", "on"}
NO = {"", "0", "否", "无", "n", "no", "false"}


def read(before: Article, given: Mapping[str, Any], **known: Any) -> tuple[Article, list[Flaw]]:
    """The article with what was given laid over it, and what could not be read (that stays as it was).

    known: what need not be read.
    """
    values: dict[str, Any] = dict(known)
    found: list[Flaw] = []
    for name in BY_NAME.keys() & given.keys():
        field = BY_NAME[name]
        try:
            values[name] = _value(field, given[name])
        except ValueError as problem:
            found.append(Flaw(name, f"{field.zh}: {problem}"))
    return replace(before, **values), found


def _value(field: Field, given: Any) -> Any:
    if field.kind == "list":
        parts = given if isinstance(given, list | tuple) else _BETWEEN.split(_text(field, given))
        return tuple(dict.fromkeys(p for part in parts if (p := _text(field, part))))
    if field.kind == "day":
        return _day(given)
    if field.kind == "yes":
        return _yes(given)
    text = _text(field, given)
    return text if field.kind == "text" else " ".join(text.split())


def _text(field: Field, given: Any) -> str:
    text = _CONTROLS.sub("", "" if given is None else str(given)).replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > field.longest:
        raise ValueError(f"最多{field.longest}个字, 现有{len(text)}个")
    return text


def _day(given: Any) -> date | None:
    if isinstance(given, datetime):
        return given.date()
    if isinstance(given, date):
        return given
    text = "" if given is None else str(given).strip()
    if not text:
        return None
    match = _DAY.fullmatch(text.removesuffix(" 00:00:00"))
    if match is None:
        raise ValueError("日期请写成 2026-01-31")
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise ValueError("没有这一天") from None


def _yes(given: Any) -> bool:
    text = str(given).strip().lower() if given is not None else ""
    if text in YES:
        return True
    if text in NO:
        return False
    raise ValueError("请写「是」或「否」")


def shown(article: Article, name: str) -> str:
    """A value as the form or a table shows it."""
    value = getattr(article, name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else ""
    if isinstance(value, tuple):
        return "\n".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)
