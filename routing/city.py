"""Which city is this?  Its territory, units, holidays and case numbers, as its settings name them."""

from datetime import date, datetime

from routing import working_time
from routing.escalation import Patience
from routing.feed import Feed
from routing.file_store import FileStore
from routing.grids import SAMPLE, Territory, read, sample
from routing.office import Office
from routing.pictures import Limits
from routing.settings import City
from routing.working_time import HERE, Calendar


def territory(city: City, on: date | None = None) -> Territory:
    """A city's own as it is today (or `on`), else the sample city's.  BadTerritory names every bad row."""
    if not (city.hotline_territory or city.hotline_units):
        return sample()
    return read(
        city.hotline_territory or SAMPLE / "territory.csv",
        city.hotline_units or SAMPLE / "units.csv",
        on or datetime.now(HERE).date(),
    )


def office(
    city: City, feed: Feed | None = None, files: FileStore | None = None, limits: Limits | None = None
) -> Office:
    """What the case desk works with in this city."""
    own = working_time.read_own(city.hotline_holidays) if city.hotline_holidays else {}
    return Office(
        territory=territory(city), calendar=Calendar(own), city=city.hotline_city_code, feed=feed, files=files,
        limits=limits or Limits(), patience=Patience.of(city.hotline_look_remind, city.hotline_look_within),
    )  # fmt: skip
