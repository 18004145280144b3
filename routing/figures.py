"""Which figures does the hotline report, and how is each made of what happened?  Pure.

A day's counts are made from the events of that day and nothing else, so every number can be made again (DOMAIN 2.8).
What a rate leaves out is counted beside it: who was not reached is neither satisfied nor dissatisfied.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing.cases import Action

ANSWER_WITHIN = 15  # s in the queue; GB/T 33358-2016 asks for 95 % of calls


class Figure(StrEnum):
    """What is counted, per local day."""

    CALLS = "calls"
    BY_ROBOT = "by_robot"  # calls that the robot answered
    TO_PERSON = "to_person"
    EMERGENCY = "emergency"
    HUNG_UP = "hung_up"  # before anything came of the call
    QUEUED = "queued"
    TAKEN = "taken"  # by an operator
    TAKEN_SOON = "taken_soon"  # within ANSWER_WITHIN
    OPENED = "opened"
    DIRECT = "direct"  # answered by the operator at once
    REFUSED = "refused"
    RETURNED = "returned"  # a unit asked to return it
    REWORKED = "reworked"  # sent back: by the hotline, the citizen or a verifier
    DUE = "due"  # its limit was on this day
    IN_TIME = "in_time"  # of those: answered by the unit before the limit
    CLOSED = "closed"
    NOT_REACHED = "not_reached"  # attempts to ask a citizen
    ASKED = "asked"  # citizens who answered
    SOLVED = "solved"
    PARTLY = "partly"
    SATISFIED = "satisfied"  # very or yes


@dataclass(frozen=True, slots=True)
class Key:
    """What is counted, for whom: unit, matter and district are "" for calls."""

    figure: Figure
    unit: str = ""
    matter: str = ""
    district: str = ""


@dataclass(frozen=True, slots=True)
class CallFact:
    """One ended or running call from a citizen."""

    outcome: str | None
    queued: bool
    held: int | None  # s in the queue until an operator took it


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One event of a case, with where the case stood then."""

    action: str
    version: int
    data: Mapping[str, object]
    unit: str
    matter: str
    district: str


@dataclass(frozen=True, slots=True)
class DueFact:
    """A case whose limit was on the day; `replied`: when the unit first answered."""

    due: datetime
    replied: datetime | None
    unit: str
    matter: str
    district: str


OUTCOMES = {
    "answer": Figure.BY_ROBOT,
    "operator": Figure.TO_PERSON,
    "emergency": Figure.EMERGENCY,
    "hangup": Figure.HUNG_UP,
    "failed": Figure.HUNG_UP,
}
SIMPLE = {
    Action.ANSWER: Figure.DIRECT,
    Action.REFUSE: Figure.REFUSED,
    Action.ASK_RETURN: Figure.RETURNED,
    Action.NOT_REACHED: Figure.NOT_REACHED,
    Action.CLOSE: Figure.CLOSED,
    Action.VERIFY: Figure.CLOSED,
    Action.REJECT: Figure.REWORKED,
    Action.REOPEN: Figure.REWORKED,
    Action.FAIL: Figure.REWORKED,
}
ANSWERED = {Action.CLOSE, Action.REOPEN, Action.TO_SUPERVISOR}  # the citizen said something


def count(calls: Iterable[CallFact], cases: Iterable[CaseFact], due: Iterable[DueFact]) -> Counter[Key]:
    """The counts of one day."""
    found: Counter[Key] = Counter()
    for call in calls:
        found.update(Key(figure) for figure in _of_call(call))
    for case in cases:
        found.update(Key(figure, case.unit, case.matter, case.district) for figure in _of_case(case))
    for one in due:
        found[Key(Figure.DUE, one.unit, one.matter, one.district)] += 1
        found[Key(Figure.IN_TIME, one.unit, one.matter, one.district)] += (
            one.replied is not None and one.replied <= one.due
        )
    return +found


def _of_call(call: CallFact) -> list[Figure]:
    found = [Figure.CALLS]
    if call.outcome in OUTCOMES:
        found.append(OUTCOMES[call.outcome])
    if call.queued:
        found.append(Figure.QUEUED)
    if call.held is not None:
        found.append(Figure.TAKEN)
        if call.held <= ANSWER_WITHIN:
            found.append(Figure.TAKEN_SOON)
    return found


def _of_case(case: CaseFact) -> list[Figure]:
    found = [Figure.OPENED] if case.version == 1 else []
    if case.action in SIMPLE:
        found.append(SIMPLE[Action(case.action)])
    if case.action in ANSWERED:
        found.append(Figure.ASKED)
        found += {"yes": [Figure.SOLVED], "partly": [Figure.PARTLY]}.get(str(case.data.get("solved")), [])
        if case.data.get("satisfied") in {"very", "yes"}:
            found.append(Figure.SATISFIED)
    return found


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of a whole, with its definition in the hotline's words."""

    name: str
    zh: str
    part: int
    whole: int
    how: str

    @property
    def value(self) -> float | None:
        """0..1; None where there was nothing to measure."""
        return self.part / self.whole if self.whole else None


F = Figure
# Name: in the hotline's words, what is summed for the part and for the whole, the definition.
RATES: dict[str, tuple[str, tuple[Figure, ...], tuple[Figure, ...], str]] = {
    "direct": ("直接答复率", (F.BY_ROBOT, F.DIRECT), (F.CALLS,), "机器人解答与话务员当场答复 / 全部来电"),
    "taken": ("人工接通率", (F.TAKEN,), (F.QUEUED,), "话务员接起 / 进入排队"),
    "taken_soon": ("15秒接通率", (F.TAKEN_SOON,), (F.QUEUED,), "15秒内话务员接起 / 进入排队（GB/T 33358）"),
    "closure": ("办结率", (F.CLOSED, F.DIRECT, F.REFUSED), (F.OPENED,), "本期办结 / 本期登记"),
    "in_time": ("按时反馈率", (F.IN_TIME,), (F.DUE,), "时限前反馈 / 时限在本期的工单"),
    "solved": ("解决率", (F.SOLVED,), (F.ASKED,), "回访说已解决 / 回访到的工单；未联系上的另列"),
    "satisfied": ("满意率", (F.SATISFIED,), (F.ASKED,), "回访说满意或非常满意 / 回访到的工单；未联系上的另列"),
    "returned": ("退单率", (F.RETURNED,), (F.OPENED,), "承办单位申请退单次数 / 本期登记"),
}


def rate(name: str, sums: Mapping[Figure, int]) -> Rate:
    """One of RATES, from the sums of a period."""
    zh, parts, whole, how = RATES[name]
    part, of = (sum(sums.get(figure, 0) for figure in figures) for figures in (parts, whole))
    return Rate(name, zh, part, of, how)


def rates(sums: Mapping[Figure, int]) -> list[Rate]:
    """The rates a city reports."""
    return [rate(name, sums) for name in RATES]
