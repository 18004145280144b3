"""Until when must a case be signed and answered?  The clock starts at dispatch, so not signing buys no time."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from routing.working_time import HERE, Calendar

RETURN_DECIDED = "4 oh"  # half a working day, project default from the lifecycle's rules
RETURN_DECIDED_URGENT = "2 h"
WEEKDAYS = "一二三四五六日"


class Unit(StrEnum):
    WORKING_DAYS = "WD"
    OFFICE_HOURS = "oh"
    HOURS = "h"
    MINUTES = "min"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time as the rules write it: "5 WD", "4 oh", "24 h", "15 min"."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> "Span":
        found = re.fullmatch(r"(\d+) (WD|oh|h|min)", text)
        if found is None:
            raise ValueError(f"{text!r} is no span: write 5 WD, 4 oh, 24 h or 15 min")
        return cls(int(found[1]), Unit(found[2]))

    def after(self, start: datetime, calendar: Calendar) -> datetime:
        """Never earlier for a later start."""
        match self.unit:
            case Unit.WORKING_DAYS:
                return calendar.working_days_after(start, self.amount)
            case Unit.OFFICE_HOURS:
                return calendar.office_time_after(start, timedelta(hours=self.amount))
            case Unit.HOURS:
                return start + timedelta(hours=self.amount)
            case Unit.MINUTES:
                return start + timedelta(minutes=self.amount)


@dataclass(frozen=True, slots=True)
class Sla:
    """One time profile; spans count from dispatch.  None: there is no such limit."""

    id: str
    zh: str
    due: Span
    sign: Span | None = None
    first_contact: Span | None = None
    extend: Span | None = None


@dataclass(frozen=True, slots=True)
class Deadlines:
    due: datetime
    sign_by: datetime | None


def deadlines(sla: Sla, dispatched: datetime, calendar: Calendar) -> Deadlines:
    """What dispatch at this moment means; both count from the same moment."""
    due = sla.due.after(dispatched, calendar)
    sign_by = min(sla.sign.after(dispatched, calendar), due) if sla.sign else None
    return Deadlines(due, sign_by)


def extended(sla: Sla, due: datetime, calendar: Calendar) -> datetime | None:
    """The later limit after the one extension; None when the rules know none."""
    return sla.extend.after(due, calendar) if sla.extend else None


def return_decided_by(asked: datetime, *, urgent: bool, calendar: Calendar) -> datetime:
    """Until when the hotline must decide about a return."""
    return Span.parse(RETURN_DECIDED_URGENT if urgent else RETURN_DECIDED).after(asked, calendar)


def in_words(due: datetime, now: datetime) -> str:
    """What the caller is told: 今天下午五点半前, 明天上午, 12月3日星期四下午5点半前."""
    there, here = due.astimezone(HERE), now.astimezone(HERE)
    days = (there.date() - here.date()).days
    day = {0: "今天", 1: "明天", 2: "后天"}.get(days)
    if day is None:
        year = f"{there.year}年" if there.year != here.year else ""
        day = f"{year}{there.month}月{there.day}日星期{WEEKDAYS[there.weekday()]}"
    part = "上午" if there.hour < 12 else "下午" if there.hour < 18 else "晚上"
    hour = there.hour if there.hour <= 12 else there.hour - 12
    minute = "半" if there.minute == 30 else f"{there.minute}分" if there.minute else ""
    return f"{day}{part}{hour}点{minute}前"
