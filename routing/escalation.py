"""Which case must be pushed now?  Reminders (催办) before and at the limit, then escalation (督办) step by step.

Two clocks: the unit's, until it has answered; and, for what was found on patrol, the verifier's after that (核查).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.cases import UNIT_CLOCK, Action, State
from routing.deadlines import Span
from routing.working_time import Calendar

REMIND_AT = 0.8  # share of the time between dispatch and limit after which the unit is reminded; project default
LADDER = (0, 1, 3)  # working days over the limit at which a case climbs: unit leader, department, city; project default
LEVELS = ("承办单位负责人", "主管部门", "市政府督查")
LOOK_LADDER = (0, 2)  # working days over the verifier's limit at which a supervisor is told, and told again; the same
LOOK_LEVELS = ("请班长安排核查", "仍无人核查，请班长到现场核查")
ARCHIVED_AFTER = timedelta(days=30)  # from the end of a case; until then the citizen may still come back
URGENT = frozenset({"P0", "P1"})
# Until a verifier is reminded, and until a supervisor is told: no rule was found, project default.  Half a working day
# is what the hotline has for a return; whether a danger is gone is looked at by day and night.
LOOK = ("4 oh", "1 WD")
LOOK_URGENT = ("2 h", "4 h")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what a unit says to have done may wait for somebody to look at it; counted from when it came to wait."""

    remind: Span
    within: Span
    remind_urgent: Span
    within_urgent: Span

    @classmethod
    def of(cls, remind: str, within: str) -> "Patience":
        """A city's own, as routing.deadlines writes spans."""
        return cls(Span.parse(remind), Span.parse(within), *map(Span.parse, LOOK_URGENT))

    def limits(self, urgency: str, since: datetime, calendar: Calendar) -> tuple[datetime, datetime]:
        """When a verifier is reminded, and by when they must have looked."""
        urgent = urgency in URGENT
        remind, within = (self.remind_urgent, self.within_urgent) if urgent else (self.remind, self.within)
        look_by = within.after(since, calendar)
        return min(remind.after(since, calendar), look_by), look_by


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a case has waited for a verifier, and how often somebody was pushed meanwhile."""

    since: datetime
    reminded: int = 0
    escalated: int = 0


@dataclass(frozen=True, slots=True)
class CaseClock:
    """What the ladder looks at; `waiting` of a case that waits for a verifier."""

    number: str
    state: State
    urgency: str
    dispatched: datetime | None
    sign_by: datetime | None
    due: datetime | None
    closed: datetime | None
    reminded: int
    escalated: int
    version: int = 0
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class Push:
    """One action the clock demands; `alarm`: its kind, when a supervisor must see it at once."""

    action: Action
    given: dict[str, str]
    alarm: str = ""


def pushes(case: CaseClock, now: datetime, calendar: Calendar, patience: Patience | None = None) -> list[Push]:
    """What to do now, in order.  Doing it makes it no longer wanted, so asking again is harmless."""
    found: list[Push] = []
    if case.closed is not None and now >= case.closed + ARCHIVED_AFTER:
        return [Push(Action.ARCHIVE, {})]
    if case.state is State.LONG_TERM and case.due is not None and now >= case.due:
        return [Push(Action.RESUME, {"note": "承诺日期已到"})]
    if case.state is State.VERIFICATION and case.waiting is not None:
        return _for_verifiers(case.urgency, case.waiting, now, calendar, patience or Patience.of(*LOOK))
    if case.state not in UNIT_CLOCK or case.dispatched is None or case.due is None:
        return found
    if case.state is State.DISPATCHED and case.sign_by is not None and now >= case.sign_by:
        found.append(Push(Action.AUTO_SIGN, {"note": "签收时限已过，视为签收"}))
    soon = case.dispatched + (case.due - case.dispatched) * REMIND_AT
    if case.reminded < (now >= soon) + (now >= case.due):
        found.append(Push(Action.REMIND, {"note": "已超时" if now >= case.due else "即将超时"}))
    level = case.escalated
    if level < len(LADDER) and now >= _rung(case.due, LADDER[level], calendar):
        given = {"reason": f"超时，督办至{LEVELS[level]}", "level": str(level + 1)}
        found.append(Push(Action.ESCALATE, given, "overdue" if case.urgency in URGENT and level == 0 else ""))
    return found


def _for_verifiers(urgency: str, waiting: Waiting, now: datetime, calendar: Calendar, patience: Patience) -> list[Push]:
    """Both limits stand from the moment when it came to wait: no note and no photograph sets them back."""
    found = []
    soon, look_by = patience.limits(urgency, waiting.since, calendar)
    if waiting.reminded < (now >= soon) + (now >= look_by):
        found.append(Push(Action.REMIND, {"note": "核查已超时" if now >= look_by else "请尽快到现场核查"}))
    level = waiting.escalated
    if level < len(LOOK_LADDER) and now >= _rung(look_by, LOOK_LADDER[level], calendar):
        given = {"reason": f"核查超时，{LOOK_LEVELS[level]}", "level": str(level + 1)}
        found.append(Push(Action.ESCALATE, given, "verification"))
    return found


def _rung(due: datetime, days: int, calendar: Calendar) -> datetime:
    return calendar.working_days_after(due, days) if days else due
