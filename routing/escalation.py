"""Which case must be pushed now?  Reminders (催办) before and at the limit, then escalation (督办) step by step."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from routing.cases import UNIT_CLOCK, Action, State
from routing.working_time import Calendar

REMIND_AT = 0.8  # share of the time between dispatch and limit after which the unit is reminded; project default
LADDER = (0, 1, 3)  # working days over the limit at which a case climbs: unit leader, department, city; project default
LEVELS = ("承办单位负责人", "主管部门", "市政府督查")
ARCHIVED_AFTER = timedelta(days=30)  # from the end of a case; until then the citizen may still come back


@dataclass(frozen=True, slots=True)
class CaseClock:
    """What the ladder looks at."""

    number: str
    state: State
    urgency: str
    dispatched: datetime | None
    sign_by: datetime | None
    due: datetime | None
    closed: datetime | None
    reminded: int
    escalated: int


@dataclass(frozen=True, slots=True)
class Push:
    """One action the clock demands; `alarm`: a supervisor must see it at once."""

    action: Action
    given: dict[str, str]
    alarm: bool = False


def pushes(case: CaseClock, now: datetime, calendar: Calendar) -> list[Push]:
    """What to do now, in order.  Doing it makes it no longer wanted, so asking again is harmless."""
    found: list[Push] = []
    if case.closed is not None and now >= case.closed + ARCHIVED_AFTER:
        return [Push(Action.ARCHIVE, {})]
    if case.state is State.LONG_TERM and case.due is not None and now >= case.due:
        return [Push(Action.RESUME, {"note": "承诺日期已到"})]
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
        found.append(Push(Action.ESCALATE, given, alarm=case.urgency == "P1" and level == 0))
    return found


def _rung(due: datetime, days: int, calendar: Calendar) -> datetime:
    return calendar.working_days_after(due, days) if days else due
