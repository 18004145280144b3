"""When do many calls mean one thing?  Cases on one matter from one area, far more than usual; pure.

A machine only proposes; a person confirms, writes what callers from there are told, and links the cases.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=2)  # cases opened within it are counted together; project default
AT_LEAST = 5  # cases in the window; project default
TIMES_USUAL = 3.0  # how much more than the same window usually has; project default
USUAL_OVER = timedelta(days=28)  # what usual means
LEVELS = ("community", "town", "district")  # smallest first: the notice goes to as few as possible


@dataclass(frozen=True, slots=True)
class Fresh:
    """One case of the window; areas: code of the area at each level that is known."""

    number: str
    matter: str
    areas: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Spike:
    """Many cases on one matter from one area; the oldest is proposed as the master case."""

    matter: str
    area: str
    level: str
    numbers: tuple[str, ...]
    usual: float  # cases of this matter from this area in a usual window


@dataclass(frozen=True, slots=True)
class Notice:
    """What callers from an area are told about a matter, until when."""

    incident: int
    matter: str
    area: str
    text: str
    until: datetime


def from_area(notices: Iterable[Notice], areas: Collection[str], now: datetime) -> list[Notice]:
    """For a caller who has said nothing yet, by where they live."""
    return [n for n in notices if n.until > now and n.area in areas]


def about(notices: Iterable[Notice], matter: str, place: Collection[str], now: datetime) -> list[Notice]:
    """For a caller who reports a matter; `place`: codes of the area they named and those above, empty when none."""
    return [n for n in notices if n.until > now and n.matter == matter and (not place or n.area in place)]


def spikes(fresh: Iterable[Fresh], usual: Callable[[str, str, str], float]) -> list[Spike]:
    """What stands out, each case in one spike at most; `usual(matter, level, area)` is asked for groups that count."""
    left = {case.number: case for case in sorted(fresh, key=lambda c: c.number)}
    found: list[Spike] = []
    for level in LEVELS:
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for case in left.values():
            if area := case.areas.get(level):
                groups[case.matter, area].append(case.number)
        for (matter, area), numbers in sorted(groups.items()):
            if len(numbers) < AT_LEAST:
                continue
            often = usual(matter, level, area)
            if len(numbers) < TIMES_USUAL * often:
                continue
            found.append(Spike(matter, area, level, tuple(numbers), often))
            for number in numbers:
                del left[number]
    return found
