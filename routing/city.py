"""Which city is this?  Its territory, units, holidays and case numbers, as its settings name them."""

import csv
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from routing import working_time
from routing.escalation import Patience
from routing.feed import Feed
from routing.file_store import FileStore
from routing.grids import SAMPLE, Territory, read, sample
from routing.office import Office
from routing.pictures import Limits
from routing.settings import City
from routing.working_time import HERE, Calendar

log = logging.getLogger(__name__)


def today() -> date:
    return datetime.now(HERE).date()


def territory(city: City, on: date | None = None) -> Territory:
    """A city's own as it is today (or `on`), else the sample city's.  BadTerritory names every bad row."""
    if not (city.hotline_territory or city.hotline_units):
        return sample()
    return read(
        city.hotline_territory or SAMPLE / "territory.csv",
        city.hotline_units or SAMPLE / "units.csv",
        on or today(),
    )


def calendar(city: City) -> Calendar:
    """The national calendar with a city's own days laid over it.  BadCalendar names every bad line."""
    return Calendar(working_time.read_own(city.hotline_holidays) if city.hotline_holidays else {})


@dataclass(frozen=True, slots=True)
class Today:
    """What a city's files say of one day."""

    territory: Territory
    calendar: Calendar


class Files:
    """A city's own files, watched: rows have their time, and a city changes them while its lines are open.

    For one thread at a time.
    """

    def __init__(self, city: City, day: Callable[[], date] = today) -> None:
        self._city = city
        self._day = day
        self._seen = self._standing()

    def changed(self) -> Today | None:
        """What holds from now on, when the day or a file is another than at the last look.  Blocks, some 50 ms.

        What cannot be read or contradicts itself is logged and refused; the old stays until a file changes again.
        """
        standing = self._standing()
        if standing == self._seen:
            return None
        self._seen = standing
        try:
            return Today(territory(self._city, standing[0]), calendar(self._city))
        except (OSError, ValueError, csv.Error) as problem:
            log.error("the city's files are refused; the old ones stay", extra={"why": str(problem)})
            return None

    def _standing(self) -> tuple[date, tuple[tuple[int, int] | None, ...]]:
        """The day, and when each file was written and how long it is; None for one that is away."""
        named = (self._city.hotline_territory, self._city.hotline_units, self._city.hotline_holidays)
        return self._day(), tuple(_written(file) for file in named)


def _written(file: Path | None) -> tuple[int, int] | None:
    try:
        found = file.stat() if file is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size)


def office(
    city: City, feed: Feed | None = None, files: FileStore | None = None, limits: Limits | None = None
) -> Office:
    """What the case desk works with in this city."""
    return Office(
        territory=territory(city), calendar=calendar(city), city=city.hotline_city_code, feed=feed, files=files,
        limits=limits or Limits(), patience=Patience.of(city.hotline_look_remind, city.hotline_look_within),
    )  # fmt: skip
