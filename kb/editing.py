"""What may be done with an article, by whom, and what must be there?  The life of an article as one table."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kb.article import LONGEST, Article, State, seconds
from kb.text import plain


class Role(StrEnum):
    """Who acts.  UNIT counts only for the unit that owns the article."""

    EDITOR = "editor"
    UNIT = "unit"
    OPERATOR = "operator"
    TIMETABLE = "timetable"


class Action(StrEnum):
    SAVE = "save"
    SUBMIT = "submit"
    APPROVE = "approve"
    APPROVE_FOR_UNIT = "approve_for_unit"
    RETURN = "return"
    RECALL = "recall"
    PUBLISH = "publish"
    CONFIRM = "confirm"
    ADD_WORDING = "add_wording"
    WITHDRAW = "withdraw"
    DISCARD = "discard"
    FALL_DUE = "fall_due"
    EXPIRE = "expire"


ACTIONS_ZH = {
    Action.SAVE: "保存",
    Action.SUBMIT: "提交单位审核",
    Action.APPROVE: "单位审核通过",
    Action.APPROVE_FOR_UNIT: "登记单位书面意见",
    Action.RETURN: "退回修改",
    Action.RECALL: "撤回修改",
    Action.PUBLISH: "发布",
    Action.CONFIRM: "复审确认",
    Action.ADD_WORDING: "补充问法",
    Action.WITHDRAW: "下架",
    Action.DISCARD: "放弃修改",
    Action.FALL_DUE: "到期复审",
    Action.EXPIRE: "失效",
}
STATES_ZH = {
    State.DRAFT: "草稿",
    State.UNIT_CHECK: "单位审核",
    State.EDITOR_CHECK: "编辑审核",
    State.PUBLISHED: "已发布",
    State.REVIEW_DUE: "待复审",
    State.EXPIRED: "已失效",
    State.WITHDRAWN: "已下架",
}
NEEDS_ZH = {"reason": "理由", "basis": "书面意见文号", "review": "下次复审日期", "wording": "来电人的说法"}


@dataclass(frozen=True, slots=True)
class Step:
    """Where an action leads.  `needs`: what must be given.  `four_eyes`: nobody who wrote on it may do this."""

    to: State
    by: frozenset[Role]
    needs: tuple[str, ...] = ()
    four_eyes: bool = False
    complete: bool = False  # the article must be fit to be heard
    own: bool = False  # only one who wrote on it
    live: bool = False  # only while callers hear an earlier revision


_EDITOR, _UNIT = frozenset({Role.EDITOR}), frozenset({Role.UNIT})
_BOTH, _SYSTEM = _EDITOR | _UNIT, frozenset({Role.TIMETABLE})
_ANYBODY = _BOTH | {Role.OPERATOR}

# What callers hear stays what was last published until a step to PUBLISHED, EXPIRED or WITHDRAWN.
LIFE: dict[tuple[State, Action], Step] = {
    (State.DRAFT, Action.SAVE): Step(State.DRAFT, _BOTH),
    (State.DRAFT, Action.SUBMIT): Step(State.UNIT_CHECK, _BOTH, complete=True),
    (State.DRAFT, Action.DISCARD): Step(State.PUBLISHED, _BOTH, live=True),  # callers never heard of it
    (State.DRAFT, Action.ADD_WORDING): Step(State.DRAFT, _ANYBODY, ("wording",)),
    (State.UNIT_CHECK, Action.APPROVE): Step(State.EDITOR_CHECK, _UNIT, four_eyes=True),
    (State.UNIT_CHECK, Action.APPROVE_FOR_UNIT): Step(State.EDITOR_CHECK, _EDITOR, ("basis",), four_eyes=True),
    (State.UNIT_CHECK, Action.RETURN): Step(State.DRAFT, _BOTH, ("reason",)),
    (State.UNIT_CHECK, Action.RECALL): Step(State.DRAFT, _BOTH, own=True),
    (State.UNIT_CHECK, Action.ADD_WORDING): Step(State.UNIT_CHECK, _ANYBODY, ("wording",)),
    (State.EDITOR_CHECK, Action.PUBLISH): Step(State.PUBLISHED, _EDITOR, four_eyes=True, complete=True),
    (State.EDITOR_CHECK, Action.RETURN): Step(State.DRAFT, _EDITOR, ("reason",)),
    (State.EDITOR_CHECK, Action.RECALL): Step(State.DRAFT, _BOTH, own=True),
    (State.EDITOR_CHECK, Action.ADD_WORDING): Step(State.EDITOR_CHECK, _ANYBODY, ("wording",)),
    # a wording changes nothing the unit answers for: an editor's check is enough
    (State.PUBLISHED, Action.ADD_WORDING): Step(State.EDITOR_CHECK, _ANYBODY, ("wording",)),
    (State.REVIEW_DUE, Action.ADD_WORDING): Step(State.EDITOR_CHECK, _ANYBODY, ("wording",)),
    (State.PUBLISHED, Action.SAVE): Step(State.DRAFT, _BOTH),
    (State.REVIEW_DUE, Action.SAVE): Step(State.DRAFT, _BOTH),
    (State.EXPIRED, Action.SAVE): Step(State.DRAFT, _BOTH),
    (State.WITHDRAWN, Action.SAVE): Step(State.DRAFT, _BOTH),
    (State.PUBLISHED, Action.FALL_DUE): Step(State.REVIEW_DUE, _SYSTEM),
    (State.REVIEW_DUE, Action.CONFIRM): Step(State.PUBLISHED, _BOTH, ("review",)),
    (State.PUBLISHED, Action.EXPIRE): Step(State.EXPIRED, _SYSTEM),
    (State.REVIEW_DUE, Action.EXPIRE): Step(State.EXPIRED, _SYSTEM),
    # what is being worked on may still be heard in its last published form, until that lapses
    (State.DRAFT, Action.EXPIRE): Step(State.DRAFT, _SYSTEM, live=True),
    (State.UNIT_CHECK, Action.EXPIRE): Step(State.UNIT_CHECK, _SYSTEM, live=True),
    (State.EDITOR_CHECK, Action.EXPIRE): Step(State.EDITOR_CHECK, _SYSTEM, live=True),
    **{
        (state, Action.WITHDRAW): Step(State.WITHDRAWN, _BOTH, ("reason",))
        for state in State
        if state is not State.WITHDRAWN
    },
}


class NotAllowed(ValueError):
    """The message says in Chinese what stands in the way."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What decides about a step besides the table."""

    owns: bool = False  # the actor's unit owns the article
    actor: str = ""
    writers: Collection[str] = ()  # who wrote on it since it was last published
    live: bool = False  # callers hear some revision of it


def allowed(state: State, action: Action, role: Role, facts: Facts) -> Step:
    """The step, or NotAllowed."""
    step = LIFE.get((state, action))
    if step is None or (step.live and not facts.live):
        raise NotAllowed(f"{STATES_ZH[state]}的条目不能{ACTIONS_ZH[action]}")
    if role not in step.by or (role is Role.UNIT and not facts.owns):
        raise NotAllowed(f"您不能{ACTIONS_ZH[action]}")
    if step.four_eyes and facts.actor in facts.writers:
        raise NotAllowed(f"四眼原则: 撰写人不能{ACTIONS_ZH[action]}")
    if step.own and facts.actor not in facts.writers:
        raise NotAllowed(f"只有撰写人可以{ACTIONS_ZH[action]}")
    return step


def choices(state: State, role: Role, facts: Facts) -> list[Action]:
    """What somebody's page offers."""
    offered = []
    for action in Action:
        try:
            allowed(state, action, role, facts)
            offered.append(action)
        except NotAllowed:
            continue
    return offered


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with an article; `field` names the box on the form."""

    field: str
    zh: str


def flaws(article: Article, today: date) -> list[Flaw]:
    """What keeps it from being heard.  Nothing is published without an owner and a date."""
    found = [
        Flaw(field, f"请填写{zh}")
        for field, zh in (("question", "问题"), ("spoken", "口播答案"), ("source", "答复单位"), ("owner", "责任单位"))
        if not str(getattr(article, field)).strip()
    ]
    found += [
        Flaw(field, f"请填写{zh}")
        for field, zh in (("valid_from", "生效日期"), ("review", "复审日期"))
        if getattr(article, field) is None
    ]
    return found + said_wrongly(article) + _dates(article, today) + _authority(article, today)


def said_wrongly(article: Article) -> list[Flaw]:
    """What a voice cannot say rightly or a caller cannot keep in the ear."""
    found = []
    length = seconds(article.spoken)
    if length > LONGEST:
        found.append(Flaw("spoken", f"口播约{length:.0f}秒, 最多{LONGEST:.0f}秒"))
    for pattern, zh in UNSAYABLE:
        match = pattern.search(article.spoken)
        if match:
            found.append(Flaw("spoken", f"「{match[0]}」{zh}"))
    if article.question and len(plain(article.question)) < 2:
        found.append(Flaw("question", "问题太短"))
    words = article.wordings()
    if len(set(words)) < len(words):
        doubled = {word for word in words if words.count(word) > 1}
        found += [Flaw("phrasings", f"问法重复: {word}") for word in sorted(doubled) if word]
    return found


# A form that is read wrongly -> what to write instead.  Tried on the line's voice (ivr/speech/spelling.py).
UNSAYABLE = (
    (re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}"), "请写成「二〇二六年一月五日」或「2026年1月5日」"),
    (re.compile(r"https?://\S+|www\.\S+|[\w.]+@[\w.]+"), "网址和邮箱听不清, 请只写在书面答案里"),
    (re.compile(r"(?<![\d-])\d{1,4}(?:[:：]\d\d)?\s*[-~～—]+\s*\d{1,4}(?!\d)"), "范围请写成「几到几」, 电话号码请连写"),
    (re.compile(r"[/／]"), "斜线读不出来, 请写成「每」或「分之」"),
    (re.compile(r"[<>≤≥=+*#&^_|\\{}\[\]]"), "符号读不出来, 请写成文字"),
    (re.compile(r"(?:㎡|m²|m2|km|kWh|kg|℃)", re.IGNORECASE), "单位请写成汉字"),
    (re.compile(r"\d{3,4}(?:室|路)"), "请逐字写成「五零一室」「三零一路」"),
    (re.compile(r"\n"), "换行读不出来, 请写成一段"),
)


def _dates(article: Article, today: date) -> list[Flaw]:
    found = []
    if article.valid_until is not None:
        if article.valid_from is not None and article.valid_until < article.valid_from:
            found.append(Flaw("valid_until", "失效日期早于生效日期"))
        elif article.valid_until < today:
            found.append(Flaw("valid_until", "失效日期已过"))
    if article.review is not None and article.review < today:
        found.append(Flaw("review", "复审日期已过"))
    return found


def _authority(article: Article, today: date) -> list[Flaw]:
    if not article.needs_authority:
        return []
    found = [
        Flaw(field, f"授权事项请填写{zh}")
        for field, zh in (
            ("authorised_by", "授权人"),
            ("authorised_scope", "授权范围"),
            ("authorised_wording", "授权的准确用语"),
            ("authorised_until", "授权截止日期"),
        )
        if not getattr(article, field)
    ]
    if article.authorised_until is not None and article.authorised_until < today:
        found.append(Flaw("authorised_until", "授权已过期"))
    if article.authorised_wording and article.authorised_wording != article.spoken:
        found.append(Flaw("spoken", "口播答案与授权用语不一致"))
    return found
