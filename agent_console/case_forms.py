"""What must be said with each step of a case, and how is it asked for?  Fields of forms; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from routing import catalogue
from routing.attaching import PURPOSES_ZH, Purpose
from routing.cases import ACTIONS_ZH, Action
from routing.grids import Territory

Options = tuple[tuple[str, str], ...]
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Field:
    """`kind`: text, long, date, choice (a few, all seen), list (one of many), unit, or hidden (`hint` is its value)."""

    name: str
    zh: str
    kind: str
    hint: str = ""
    options: Options = ()


SOLVED = (("yes", "已解决"), ("partly", "部分解决"), ("no", "未解决"))
SATISFIED = (("very", "非常满意"), ("yes", "满意"), ("ok", "基本满意"), ("no", "不满意"))
FIELDS = {
    field.name: field
    for field in (
        Field("lead", "主办单位", "unit", "输入名称查找"),
        Field("reason", "理由", "long"),
        Field("told", "向来电人的说明", "long", "怎样告知来电人的"),
        Field("reply", "办理结果", "long", "办了什么, 结果怎样; 回访时会告知来电人"),
        Field("contacted", "联系来电人的情况", "text", "何时联系, 来电人怎么说"),
        Field("solved", "问题是否解决", "choice", options=SOLVED),
        Field("satisfied", "来电人是否满意", "choice", options=SATISFIED),
        Field("basis", "依据", "long", "法规条款、职责清单或现场情况"),
        Field("unit", "应当办理的单位", "unit", "输入名称查找"),
        Field("until", "承诺期限", "date"),
        Field("words", "来电人的意见", "long"),
        Field("note", "备注", "long"),
        Field("parent", "主案工单编号", "text", "14 位数字"),
        Field("outside", "外部平台", "text", "如 110、国务院互联网+督查"),
        Field("place", "核查地点", "text", "如 距荷花里小区南门约30米"),
        Field("seen", "现场情况", "long", "哪里还没有办好"),
        Field("platform", "外部平台", "list"),
        Field("outside_person", "对方经办", "text"),
        Field("outside_number", "外部平台编号", "text"),
    )
}
STRONG = {  # what is done most
    Action.DISPATCH, Action.SIGN, Action.REPLY, Action.PASS, Action.CLOSE, Action.RULE, Action.VERIFY,
}  # fmt: skip
PHOTO = "photo"  # a need that only a picture meets, whatever is written
FILES = {
    Action.REPLY: "照片或文件",
    Action.ASK_RETURN: "依据的照片或文件",
    Action.ASK_EXTENSION: "照片或文件",
    Action.NOTE: "照片或文件",
    Action.OUTSIDE_REPLY: "照片或文件",
    Action.VERIFY: "现场照片",
    Action.FAIL: "现场照片",
}
HINTS = {
    Action.SEND_OVER: "自动送达, 对方受理后这里会出现对方编号。",
    Action.HAND_OVER: "已经用其他办法移交的, 登记对方编号。",
    Action.SIGN: "签收后开始办理; 时限从派单时起算。",
    Action.NOT_REACHED: "记录一次没有打通的回访。",
    Action.VERIFY: "到现场看过, 确实办好了, 才能核查通过。",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One button of a case page with what belongs to it."""

    action: Action
    zh: str
    fields: tuple[Field, ...]
    strong: bool
    hint: str = ""
    files: str = ""  # what files may come with it are called; "": none
    must_show: bool = False  # at least one file must come


def forms(
    choices: Iterable[tuple[Action, tuple[str, ...]]], *, patrol: bool = False, platforms: Options = ()
) -> list[Form]:
    """The forms of what a viewer may do, as the table of routing.cases has it.

    `patrol`: there is no citizen; `platforms`: whom a case can be sent over to, by name and in Chinese.
    """

    def asked(action: Action, name: str) -> Field:
        return field(action, name, patrol=patrol, platforms=platforms)

    return [
        Form(action, ACTIONS_ZH[action], tuple(asked(action, n) for n in needs if n != PHOTO),
             action in STRONG, HINTS.get(action, ""), FILES.get(action, ""), PHOTO in needs)
        for action, needs in choices
        if action is not Action.ATTACH  # comes with others
        and (action is not Action.SEND_OVER or platforms)
    ]  # fmt: skip


def field(action: Action, name: str, *, patrol: bool = False, platforms: Options = ()) -> Field:
    """A field of an action; some reasons are lawful only from a list."""
    found = FIELDS[name]
    if patrol and name == "contacted":
        return replace(found, kind="hidden", hint="巡查发现，没有来电人")
    if name == "platform":
        return replace(found, options=platforms)
    if name != "reason":
        return found
    shipped = catalogue.shipped()
    listed = {Action.ASK_RETURN: shipped.return_reasons, Action.REFUSE: shipped.not_accepted}.get(action)
    if listed is None:
        return found
    return replace(found, kind="list", options=tuple((r.id, f"{r.zh}（{r.text}）") for r in listed.values()))


def units(territory: Territory) -> list[tuple[str, str]]:
    """Every unit, for the list behind the fields of kind unit: code and name."""
    return [(unit.code, unit.name) for unit in territory.units.values()]


def unit_code(text: str, territory: Territory) -> str:
    """The code of what was typed or picked, a code or a name; the text itself when there is no such unit."""
    return next((code for code, name in units(territory) if text.strip() in (code, name)), text.strip())


def said_with(
    data: Mapping[str, object], territory: Territory, platforms: Mapping[str, str] = NOTHING
) -> list[tuple[str, str]]:
    """What an event of a case's history says, in words; `platforms` names those outside."""
    found = []
    for name, value in data.items():
        if name == "purpose" and value in set(Purpose):
            found.append(("说明", PURPOSES_ZH[Purpose(str(value))]))
        known = FIELDS.get(name)
        if known is None or not value:
            continue
        text = str(value)
        text = dict(known.options).get(text, text)
        if known.kind == "unit":
            text = territory.unit_name(text) or text
        if name in {"platform", "outside"}:
            text = platforms.get(text, text)
        if name == "reason":
            shipped = catalogue.shipped()
            listed = {**shipped.return_reasons, **shipped.not_accepted}
            text = listed[text].zh if text in listed else text
        found.append((known.zh, text))
    return found
