"""What may be done to a case, by whom, and what must be said with it?  One table, which pages, desk and tests read.

Escalation (督办), reminders (催办) and overdue are facts beside the state.  Only the hotline closes a case, and only
with the citizen's own answer; a unit that does not sign gains nothing, because the clock starts at dispatch.  What was
found on patrol has no citizen to ask: somebody who did not do the work goes there, and closes it with a photograph.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

RETURNS_ALLOWED = 2  # returns of one case; afterwards arbitration names the unit (lifecycle rules)
EXTENSIONS_ALLOWED = 1
PATROLS = frozenset({"grid", "video"})  # sources of cases that no citizen reported
REOPENS_ALLOWED = 1  # an unsatisfied citizen reopens once by themselves; then a supervisor decides


class State(StrEnum):
    DRAFT = "draft"
    UNDIRECTED = "undirected"
    DIRECT_CLOSED = "direct_closed"
    NOT_ACCEPTED = "not_accepted"
    DISPATCHED = "dispatched"
    SIGNED = "signed"
    RETURN_REQUESTED = "return_requested"
    REROUTED = "rerouted"
    ARBITRATION = "arbitration"
    EXTENDED = "extended"
    LONG_TERM = "long_term"
    REPLIED = "replied"
    REWORKED = "reworked"
    CALLBACK = "callback"
    VERIFICATION = "verification"
    CLOSED = "closed"
    ARCHIVED = "archived"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"


STATES_ZH = {
    State.DRAFT: "登记中",
    State.UNDIRECTED: "待派单",
    State.DIRECT_CLOSED: "直接办结",
    State.NOT_ACCEPTED: "不予受理",
    State.DISPATCHED: "已派单待签收",
    State.SIGNED: "办理中",
    State.RETURN_REQUESTED: "申请退单",
    State.REROUTED: "待改派",
    State.ARBITRATION: "会商指定",
    State.EXTENDED: "延期办理",
    State.LONG_TERM: "承诺办理",
    State.REPLIED: "已反馈待审核",
    State.REWORKED: "退回重办",
    State.CALLBACK: "待回访",
    State.VERIFICATION: "待核查",
    State.CLOSED: "办结",
    State.ARCHIVED: "归档",
    State.MERGED: "并案",
    State.WITHDRAWN: "撤诉",
    State.HANDED_OVER: "移交外部平台",
}


class Action(StrEnum):
    DISPATCH = "dispatch"
    KEEP = "keep"  # leave it to a dispatcher
    ANSWER = "answer"
    HANDLE = "handle"  # a grid officer did it on the spot, and says so
    REFUSE = "refuse"
    HAND_OVER = "hand_over"
    SEND_OVER = "send_over"  # to a platform that the hotline is connected with
    RECEIPT = "receipt"  # it took the case in, under its own number
    TAKE_BACK = "take_back"
    MERGE = "merge"
    SPLIT = "split"
    SIGN = "sign"
    AUTO_SIGN = "auto_sign"
    ASK_RETURN = "ask_return"
    ACCEPT_RETURN = "accept_return"
    REFUSE_RETURN = "refuse_return"
    ARBITRATE = "arbitrate"
    RULE = "rule"
    ASK_EXTENSION = "ask_extension"
    EXTEND = "extend"
    PROMISE = "promise"
    RESUME = "resume"
    REPLY = "reply"
    OUTSIDE_REPLY = "outside_reply"
    PARENT_REPLY = "parent_reply"
    PASS = "pass"
    REJECT = "reject"
    NOT_REACHED = "not_reached"
    CLOSE = "close"
    VERIFY = "verify"
    FAIL = "fail"  # the verifier found it not done
    REOPEN = "reopen"
    TO_SUPERVISOR = "to_supervisor"
    WITHDRAW = "withdraw"
    REMIND = "remind"
    ESCALATE = "escalate"
    NOTE = "note"
    ATTACH = "attach"  # a file comes with another step; never a button of its own
    ARCHIVE = "archive"
    ERASE = "erase"


ACTIONS_ZH = {
    Action.DISPATCH: "派单",
    Action.KEEP: "交派单员",
    Action.ANSWER: "直接答复",
    Action.HANDLE: "现场处理",
    Action.REFUSE: "不予受理",
    Action.HAND_OVER: "移交外部平台",
    Action.SEND_OVER: "转外部平台",
    Action.RECEIPT: "外部平台受理",
    Action.TAKE_BACK: "收回",
    Action.MERGE: "并案",
    Action.SPLIT: "拆案",
    Action.SIGN: "签收",
    Action.AUTO_SIGN: "超时自动签收",
    Action.ASK_RETURN: "申请退单",
    Action.ACCEPT_RETURN: "同意退单",
    Action.REFUSE_RETURN: "不同意退单",
    Action.ARBITRATE: "提交会商",
    Action.RULE: "指定主办",
    Action.ASK_EXTENSION: "申请延期",
    Action.EXTEND: "同意延期",
    Action.PROMISE: "承诺办理",
    Action.RESUME: "恢复办理",
    Action.REPLY: "办理反馈",
    Action.OUTSIDE_REPLY: "登记外部答复",
    Action.PARENT_REPLY: "主案答复",
    Action.PASS: "审核通过",
    Action.REJECT: "退回重办",
    Action.NOT_REACHED: "未联系上",
    Action.CLOSE: "回访办结",
    Action.VERIFY: "核查通过",
    Action.FAIL: "核查不通过",
    Action.REOPEN: "不满意重办",
    Action.TO_SUPERVISOR: "交班长",
    Action.WITHDRAW: "撤诉",
    Action.REMIND: "催办",
    Action.ESCALATE: "督办",
    Action.NOTE: "备注",
    Action.ATTACH: "附件",
    Action.ARCHIVE: "归档",
    Action.ERASE: "到期清除",
}


class Role(StrEnum):
    OPERATOR = "operator"
    DISPATCHER = "dispatcher"
    DEPARTMENT = "unit"
    GRID = "grid"  # a grid officer, in their own area
    SUPERVISOR = "supervisor"
    SYSTEM = "system"


class Guard(StrEnum):
    """A fact of the case that must hold besides its state."""

    RETURNS_LEFT = "returns left"
    NO_RETURNS_LEFT = "no returns left"
    NOT_BOUND = "no ruling binds it"
    EXTENSION_LEFT = "extension left"
    REOPEN_LEFT = "reopening left"
    NO_REOPEN_LEFT = "no reopening left"
    CITIZEN = "a citizen who reported it"
    PATROL = "found on patrol"
    NOT_LED = "no unit leads it"
    OTHERS_WORK = "somebody else's work"


@dataclass(frozen=True, slots=True)
class Step:
    """`to` None: the state stays.  `needs`: fields that must be given and not empty.

    `turn`: where it leads instead when that fact holds.
    """

    to: State | None
    by: frozenset[Role]
    needs: tuple[str, ...] = ()
    guard: Guard | None = None
    turn: tuple[Guard, State] | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What guards look at."""

    returns: int = 0
    extensions: int = 0
    reworks: int = 0
    bound: bool = False  # a ruling named the unit
    led: bool = False  # a unit leads it
    patrol: bool = False  # found on patrol, not reported by a citizen
    own_work: bool = False  # who acts did the work on it, or said that they had


HOLDS: dict[Guard, Callable[[Facts], bool]] = {
    Guard.RETURNS_LEFT: lambda f: f.returns < RETURNS_ALLOWED,
    Guard.NO_RETURNS_LEFT: lambda f: f.returns >= RETURNS_ALLOWED,
    Guard.NOT_BOUND: lambda f: not f.bound,
    Guard.EXTENSION_LEFT: lambda f: f.extensions < EXTENSIONS_ALLOWED,
    Guard.REOPEN_LEFT: lambda f: f.reworks < REOPENS_ALLOWED and f.led,
    Guard.NO_REOPEN_LEFT: lambda f: f.reworks >= REOPENS_ALLOWED or not f.led,
    Guard.CITIZEN: lambda f: not f.patrol,
    Guard.PATROL: lambda f: f.patrol,
    Guard.NOT_LED: lambda f: not f.led,
    Guard.OTHERS_WORK: lambda f: not f.own_work,
}


class NotAllowed(ValueError):
    """The table does not know this step; the message says which case, state, role and action."""


def by(*roles: Role) -> frozenset[Role]:
    return frozenset(roles)


OPERATOR = by(Role.OPERATOR, Role.DISPATCHER, Role.SUPERVISOR)
DISPATCHER = by(Role.DISPATCHER, Role.SUPERVISOR)
SUPERVISOR = by(Role.SUPERVISOR)
DEPARTMENT = by(Role.DEPARTMENT)
SYSTEM = by(Role.SYSTEM)
GRID = by(Role.GRID)
WRITERS = by(*OPERATOR, Role.GRID)
VERIFIER = by(Role.GRID, Role.SUPERVISOR)  # never who did the work: Guard.OTHERS_WORK
ATTACHERS = by(*OPERATOR, Role.DEPARTMENT, Role.GRID, Role.SYSTEM)
SENDERS = by(*DISPATCHER, Role.SYSTEM)
NOTERS = by(*OPERATOR, Role.DEPARTMENT, Role.GRID)
ASKS = by(*OPERATOR, Role.SYSTEM)  # who asks the citizen: a person of the hotline, or its robot; never the unit

S, A = State, Action
WORKING = (S.SIGNED, S.EXTENDED, S.REWORKED)  # the unit is at it
ASKED = (S.CALLBACK, S.VERIFICATION)  # the citizen, or who looks at the place instead
CLOCK_RUNS = (S.DISPATCHED, *WORKING, S.RETURN_REQUESTED, S.REROUTED, S.ARBITRATION, S.REPLIED, *ASKED)
UNIT_CLOCK = (S.DISPATCHED, *WORKING, S.RETURN_REQUESTED)  # overdue is the unit's
PUSHED = (*UNIT_CLOCK, S.VERIFICATION)  # somebody is reminded: the unit, or who must look at the place
OPEN = (S.UNDIRECTED, *CLOCK_RUNS, S.LONG_TERM)
SENT_OVER = (S.UNDIRECTED, S.DISPATCHED, S.REROUTED)  # from here a case may go to another platform
WORK = (A.REPLY, A.HANDLE)  # whoever did one of these does not verify the case
TO_VERIFIER = (Guard.PATROL, S.VERIFICATION)
FINISHED = (S.DIRECT_CLOSED, S.NOT_ACCEPTED, S.CLOSED, S.WITHDRAWN)

LIFE_CYCLE: dict[tuple[State, Action], Step] = {
    (S.DRAFT, A.DISPATCH): Step(S.DISPATCHED, WRITERS, ("lead",)),
    (S.DRAFT, A.KEEP): Step(S.UNDIRECTED, WRITERS),
    (S.DRAFT, A.ANSWER): Step(S.DIRECT_CLOSED, OPERATOR, ("reply", "solved"), Guard.CITIZEN),
    (S.DRAFT, A.HANDLE): Step(S.VERIFICATION, GRID, ("reply", "photo"), Guard.PATROL),
    (S.DRAFT, A.REFUSE): Step(S.NOT_ACCEPTED, OPERATOR, ("reason", "told")),
    (S.UNDIRECTED, A.DISPATCH): Step(S.DISPATCHED, DISPATCHER, ("lead", "reason")),
    (S.UNDIRECTED, A.REFUSE): Step(S.NOT_ACCEPTED, DISPATCHER, ("reason", "told")),
    (S.UNDIRECTED, A.HAND_OVER): Step(S.HANDED_OVER, DISPATCHER, ("outside", "outside_number")),
    (S.UNDIRECTED, A.MERGE): Step(S.MERGED, DISPATCHER, ("parent",)),
    (S.DISPATCHED, A.SIGN): Step(S.SIGNED, DEPARTMENT),
    (S.DISPATCHED, A.AUTO_SIGN): Step(S.SIGNED, SYSTEM),
    (S.DISPATCHED, A.ASK_RETURN): Step(S.RETURN_REQUESTED, DEPARTMENT, ("reason", "basis", "unit"), Guard.NOT_BOUND),
    (S.DISPATCHED, A.HAND_OVER): Step(S.HANDED_OVER, DISPATCHER, ("outside", "outside_number")),
    (S.DISPATCHED, A.MERGE): Step(S.MERGED, DISPATCHER, ("parent",)),
    (S.SIGNED, A.MERGE): Step(S.MERGED, DISPATCHER, ("parent",)),
    (S.SIGNED, A.ASK_RETURN): Step(S.RETURN_REQUESTED, DEPARTMENT, ("reason", "basis", "unit"), Guard.NOT_BOUND),
    (S.SIGNED, A.ASK_EXTENSION): Step(None, DEPARTMENT, ("reason",), Guard.EXTENSION_LEFT),
    (S.SIGNED, A.EXTEND): Step(S.EXTENDED, DISPATCHER, ("reason", "told"), Guard.EXTENSION_LEFT),
    (S.SIGNED, A.PROMISE): Step(S.LONG_TERM, SUPERVISOR, ("until", "reason")),
    (S.EXTENDED, A.PROMISE): Step(S.LONG_TERM, SUPERVISOR, ("until", "reason")),
    (S.LONG_TERM, A.RESUME): Step(S.SIGNED, by(Role.SUPERVISOR, Role.SYSTEM)),
    (S.LONG_TERM, A.REPLY): Step(S.REPLIED, DEPARTMENT, ("reply", "contacted")),
    (S.SIGNED, A.REPLY): Step(S.REPLIED, DEPARTMENT, ("reply", "contacted")),
    (S.EXTENDED, A.REPLY): Step(S.REPLIED, DEPARTMENT, ("reply", "contacted")),
    (S.REWORKED, A.REPLY): Step(S.REPLIED, DEPARTMENT, ("reply", "contacted")),
    (S.RETURN_REQUESTED, A.ACCEPT_RETURN): Step(S.REROUTED, DISPATCHER, ("reason",), Guard.RETURNS_LEFT),
    (S.RETURN_REQUESTED, A.REFUSE_RETURN): Step(S.SIGNED, DISPATCHER, ("reason",)),
    (S.RETURN_REQUESTED, A.ARBITRATE): Step(S.ARBITRATION, DISPATCHER, ("reason",), Guard.NO_RETURNS_LEFT),
    (S.REROUTED, A.DISPATCH): Step(S.DISPATCHED, DISPATCHER, ("lead", "reason")),
    (S.REROUTED, A.REFUSE): Step(S.NOT_ACCEPTED, DISPATCHER, ("reason", "told")),
    (S.REROUTED, A.HAND_OVER): Step(S.HANDED_OVER, DISPATCHER, ("outside", "outside_number")),
    (S.ARBITRATION, A.RULE): Step(S.DISPATCHED, SUPERVISOR, ("lead", "reason")),
    (S.REPLIED, A.PASS): Step(S.CALLBACK, DISPATCHER, turn=TO_VERIFIER),
    (S.REPLIED, A.REJECT): Step(S.REWORKED, DISPATCHER, ("reason",)),
    (S.CALLBACK, A.NOT_REACHED): Step(None, ASKS),
    (S.CALLBACK, A.CLOSE): Step(S.CLOSED, ASKS, ("solved", "satisfied")),
    (S.CALLBACK, A.REOPEN): Step(S.REWORKED, ASKS, ("words",), Guard.REOPEN_LEFT),
    (S.CALLBACK, A.TO_SUPERVISOR): Step(S.ARBITRATION, ASKS, ("words",), Guard.NO_REOPEN_LEFT),
    (S.VERIFICATION, A.VERIFY): Step(S.CLOSED, VERIFIER, ("place", "photo"), Guard.OTHERS_WORK),
    (S.VERIFICATION, A.FAIL): Step(
        S.REWORKED, VERIFIER, ("place", "seen"), Guard.OTHERS_WORK, turn=(Guard.NOT_LED, S.UNDIRECTED)
    ),
    (S.CLOSED, A.REOPEN): Step(S.REWORKED, OPERATOR, ("words",), Guard.REOPEN_LEFT),
    (S.CLOSED, A.TO_SUPERVISOR): Step(S.ARBITRATION, OPERATOR, ("words",), Guard.NO_REOPEN_LEFT),
    **{(s, A.SEND_OVER): Step(S.HANDED_OVER, DISPATCHER, ("platform", "reason")) for s in SENT_OVER},
    (S.HANDED_OVER, A.RECEIPT): Step(None, SYSTEM, ("outside_number",)),
    (S.HANDED_OVER, A.OUTSIDE_REPLY): Step(S.CALLBACK, SENDERS, ("reply",), turn=TO_VERIFIER),
    (S.HANDED_OVER, A.TAKE_BACK): Step(S.UNDIRECTED, SENDERS, ("reason",)),
    (S.MERGED, A.PARENT_REPLY): Step(S.CALLBACK, SYSTEM, ("reply",), turn=TO_VERIFIER),
    (S.MERGED, A.SPLIT): Step(S.UNDIRECTED, DISPATCHER, ("reason",)),
    **{(s, A.WITHDRAW): Step(S.WITHDRAWN, OPERATOR, ("words",)) for s in OPEN},
    **{(s, A.REMIND): Step(None, by(*OPERATOR, Role.SYSTEM)) for s in PUSHED},
    **{(s, A.ESCALATE): Step(None, by(Role.SUPERVISOR, Role.SYSTEM), ("reason",)) for s in PUSHED},
    **{(s, A.NOTE): Step(None, NOTERS, ("note",)) for s in (*OPEN, S.MERGED, S.HANDED_OVER)},
    **{(s, A.ATTACH): Step(None, ATTACHERS, ("sha256", "purpose")) for s in (*OPEN, S.MERGED, S.HANDED_OVER)},
    **{(s, A.ARCHIVE): Step(S.ARCHIVED, SYSTEM) for s in FINISHED},
    (S.ARCHIVED, A.ERASE): Step(None, SYSTEM),
}

ANSWERS_SOLVED = ("yes", "partly", "no")  # of the citizen; "not reached" is no answer
ANSWERS_SATISFIED = ("very", "yes", "ok", "no")


def step(state: State, action: Action, role: Role, facts: Facts, given: Mapping[str, Any], case: str = "") -> Step:
    """The step, or NotAllowed saying why not."""
    found = LIFE_CYCLE.get((state, action))
    if found is None or role not in found.by:
        raise NotAllowed(f"case {case} is {state}; a {role} cannot {action} it")
    if found.guard is not None and not HOLDS[found.guard](facts):
        raise NotAllowed(f"case {case} is {state}; {action} asks for: {found.guard}")
    missing = [name for name in found.needs if not str(given.get(name) or "").strip()]
    if missing:
        raise NotAllowed(f"case {case}: to {action} it, say: {', '.join(missing)}")
    if "solved" in found.needs and given["solved"] not in ANSWERS_SOLVED:
        raise NotAllowed(f"case {case}: {given['solved']} is not what a citizen can answer")
    if "satisfied" in found.needs and given["satisfied"] not in ANSWERS_SATISFIED:
        raise NotAllowed(f"case {case}: {given['satisfied']} is not what a citizen can answer")
    if action is Action.CLOSE and "no" in (given["solved"], given["satisfied"]):
        if HOLDS[Guard.REOPEN_LEFT](facts):
            raise NotAllowed(f"case {case}: the citizen is not satisfied; reopen it")
        if role is not Role.SUPERVISOR:
            raise NotAllowed(f"case {case}: the citizen is not satisfied; a supervisor decides")
    return replace(found, to=leads_to(found, facts))


def leads_to(found: Step, facts: Facts) -> State | None:
    """The state a step leads to, of this case."""
    if found.turn is not None and HOLDS[found.turn[0]](facts):
        return found.turn[1]
    return found.to


def choices(state: State, role: Role, facts: Facts) -> list[tuple[Action, Step]]:
    """The buttons of a page, in the order of the table."""
    return [
        (action, found)
        for (at, action), found in LIFE_CYCLE.items()
        if at is state and role in found.by and (found.guard is None or HOLDS[found.guard](facts))
    ]


def check_digit(digits: str) -> str:
    """Luhn: rejects every single mistyped digit and most swapped neighbours."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def case_number(city: str, day: str, sequence: int) -> str:
    """PPYYMMDDSSSSSC: city, day (YYMMDD), sequence of the day 1..99999, check digit; to be said or keyed."""
    if not 1 <= sequence <= 99_999:
        raise ValueError(f"{sequence} is no sequence of a day")
    digits = f"{city}{day}{sequence:05d}"
    return digits + check_digit(digits)


def valid_number(text: str) -> bool:
    return len(text) == 14 and text.isascii() and text.isdigit() and check_digit(text[:-1]) == text[-1]
