"""Who may open what?  One table, asked by every page."""

from enum import StrEnum


class Role(StrEnum):
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    EDITOR = "editor"
    UNIT = "unit"
    GRID = "grid"  # a grid officer (网格员), bound to a grid or a larger area
    DISPATCHER = "dispatcher"  # signs undirected cases, decides returns (派单员)
    AUDITOR = "auditor"  # reads everything and changes nothing (审计员)
    ADMIN = "admin"
    CITIZEN = "citizen"  # whoever opened the web telephone; not an account


ROLES_ZH = {
    Role.OPERATOR: "话务员",
    Role.SUPERVISOR: "班长",
    Role.EDITOR: "知识管理员",
    Role.UNIT: "承办单位",
    Role.GRID: "网格员",
    Role.DISPATCHER: "派单员",
    Role.AUDITOR: "审计员",
    Role.ADMIN: "系统管理员",
    Role.CITIZEN: "来电人",
}
OUTSIDE = frozenset({Role.UNIT, Role.GRID})  # not of the hotline


class May(StrEnum):
    ANSWER = "answer"  # the operators' desk and its softphone
    SUPERVISE = "supervise"  # see all desks, listen in, acknowledge alarms
    SEE_CALLS = "see calls"
    SEE_NUMBERS = "see numbers"  # a citizen's number in full
    SEE_CASES = "see cases"  # every case; a unit always sees its own
    OWN_CASES = "own cases"
    OWN_FIGURES = "own figures"  # of the unit that one belongs to, and of no other
    READ_KNOWLEDGE = "read knowledge"
    EDIT_KNOWLEDGE = "edit knowledge"  # write and check articles; a unit its own
    SEE_FIGURES = "see figures"  # of the whole hotline
    SEE_QUESTIONS = "see questions"  # what callers asked in vain, in their words
    PATROL = "patrol"  # report from one's own area, look at its cases, verify the work of others
    INSPECT = "inspect"  # see who looked at what, and who did what
    PHONE = "phone"  # a telephone of one's own in the browser


TABLE: dict[Role, frozenset[May]] = {
    Role.OPERATOR: frozenset(
        {May.ANSWER, May.SEE_CALLS, May.SEE_NUMBERS, May.SEE_CASES, May.READ_KNOWLEDGE, May.PHONE}
    ),
    Role.SUPERVISOR: frozenset(
        {May.SUPERVISE, May.SEE_CALLS, May.SEE_NUMBERS, May.SEE_CASES, May.READ_KNOWLEDGE, May.PHONE}
    ),
    Role.EDITOR: frozenset({May.READ_KNOWLEDGE, May.EDIT_KNOWLEDGE, May.SEE_QUESTIONS}),
    Role.UNIT: frozenset({May.OWN_CASES, May.OWN_FIGURES, May.READ_KNOWLEDGE, May.EDIT_KNOWLEDGE}),
    Role.GRID: frozenset({May.PATROL}),
    Role.DISPATCHER: frozenset({May.SEE_CALLS, May.SEE_CASES, May.READ_KNOWLEDGE}),
    Role.AUDITOR: frozenset({May.INSPECT, May.SEE_CALLS, May.SEE_CASES, May.SEE_FIGURES, May.READ_KNOWLEDGE}),
    Role.ADMIN: frozenset({May.SEE_CASES, May.SEE_FIGURES, May.READ_KNOWLEDGE}),
    Role.CITIZEN: frozenset({May.PHONE}),
}

FIRST_PAGE = {
    Role.OPERATOR: "/desk",
    Role.SUPERVISOR: "/supervisor",
    Role.EDITOR: "/knowledge",
    Role.UNIT: "/cases",
    Role.GRID: "/grid",
    Role.DISPATCHER: "/cases?show=undirected",
    Role.AUDITOR: "/inspect",
    Role.ADMIN: "/cases",
    Role.CITIZEN: "/call",
}

PLACES = (
    ("/desk", "话务台", {May.ANSWER}),
    ("/supervisor", "班长台", {May.SUPERVISE}),
    ("/incidents", "突发事件", {May.SUPERVISE}),
    ("/figures", "统计", {May.SUPERVISE, May.SEE_FIGURES}),
    ("/cases", "工单", {May.SEE_CASES, May.OWN_CASES}),
    ("/figures/own", "本单位统计", {May.OWN_FIGURES}),
    ("/grid", "网格", {May.PATROL}),
    ("/grid/report", "上报", {May.PATROL}),
    ("/inspect", "检查", {May.INSPECT}),
    ("/knowledge", "知识", {May.READ_KNOWLEDGE}),
)

PREFIX = {Role.OPERATOR: "op", Role.SUPERVISOR: "sup"}  # of a softphone's name in Asterisk


def may(role: Role, what: May) -> bool:
    return what in TABLE[role]


def places(role: Role) -> list[tuple[str, str]]:
    """The pages a role finds in the head of every page: address and name."""
    return [(address, name) for address, name, needs in PLACES if needs & TABLE[role]]


def endpoint(role: Role, number: str | None) -> str | None:
    """The name of an account's softphone in Asterisk; None for who has none."""
    prefix = PREFIX.get(role)
    return f"{prefix}{number}" if prefix and number else None


def masked(number: str) -> str:
    """138****8000: what is shown of a citizen's number to who need not call it."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 8 else "****" if number else ""
