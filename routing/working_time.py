"""When do offices work?  Chinese public holidays and make-up working days, with a city's own word above them."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar

HERE = ZoneInfo("Asia/Shanghai")
# Half-open office intervals of a working day, local time; project default, a city sets its own.
OFFICE_HOURS = ((time(8, 30), time(12, 0)), (time(14, 30), time(17, 30)))
WARN_BEFORE = timedelta(days=60)  # before the national calendar's data ends; the State Council publishes in November
LONGEST = 2000  # days looked ahead; a calendar with no working day in them is an error, not an endless loop


class BadCalendar(ValueError):
    """A city's own calendar cannot be read; the message names every bad line."""


@lru_cache(maxsize=4096)
def national(day: date) -> bool | None:
    """Whether the national calendar says the day is worked; None where its data end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


@dataclass(frozen=True, slots=True)
class Calendar:
    """`own` is the city's word about single days: True worked, False free."""

    own: Mapping[date, bool] = field(default_factory=dict)
    hours: tuple[tuple[time, time], ...] = OFFICE_HOURS

    def works(self, day: date) -> bool:
        """Whether offices work on this day.  Beyond the data: Monday to Friday, and never on New Year's Day."""
        if day in self.own:
            return self.own[day]
        known = national(day)
        return day.weekday() < 5 and (day.month, day.day) != (1, 1) if known is None else known

    def working_days_after(self, start: datetime, count: int) -> datetime:
        """The end of office hours on the count-th working day after the local day of `start`."""
        day = start.astimezone(HERE).date()
        left = count
        for _ in range(LONGEST):
            if left <= 0:
                break
            day += timedelta(days=1)
            left -= self.works(day)
        else:
            raise BadCalendar("the calendar has no working days")
        return datetime.combine(day, self.hours[-1][1], HERE)

    def office_time_after(self, start: datetime, length: timedelta) -> datetime:
        """`start` plus this much time during which offices are open."""
        at = start.astimezone(HERE)
        left = length
        day = at.date()
        for _ in range(LONGEST):
            if self.works(day):
                for begin, finish in self.hours:
                    opens, closes = datetime.combine(day, begin, HERE), datetime.combine(day, finish, HERE)
                    opens = max(opens, at)
                    if opens >= closes:
                        continue
                    if closes - opens >= left:
                        return opens + left
                    left -= closes - opens
            day += timedelta(days=1)
        raise BadCalendar("the calendar has no working days")


def known_until() -> date:
    """The last day the national calendar knows."""
    return date(max(day.year for day in chinese_calendar.constants.holidays), 12, 31)


def warning(today: date) -> str | None:
    """What an administrator is told before the calendar's data end; None while there is time."""
    last = known_until()
    if today + WARN_BEFORE <= last:
        return None
    return f"节假日数据只到{last.isoformat()}，请更新 chinesecalendar 或者导入本市的节假日安排"


def read_own(file: Path) -> dict[date, bool]:
    """A city's own days: lines "2027-02-08 off" and "2027-02-14 work"; # begins a comment."""
    days: dict[date, bool] = {}
    bad = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        try:
            day, what = words
            days[date.fromisoformat(day)] = {"work": True, "off": False}[what]
        except (ValueError, KeyError):
            bad.append(f"line {number}: {line.strip()}")
    if bad:
        raise BadCalendar(f"{file} has lines that are no days: " + "; ".join(bad))
    return days
