"""Two whole hotlines for all tests of this folder, side by side on one machine."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from house import House, Wire, free_base, running_house
from servers import Postgres

QUICK_RING = 2  # s per attempt at 110; a city waits longer, a test need not


@dataclass
class City:
    """A hotline with a PostgreSQL, real routes to 110, and a wire for its sound that can be cut."""

    house: House
    sound: Wire
    postgres: Postgres
    desks: tuple[str, str]

    @property
    def desk_port(self) -> int:
        return self.house.base + 8


@pytest_asyncio.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """As `make run` starts it: SQLite, a drill; and the robot asks citizens after their cases at any hour."""
    home: Path = tmp_path_factory.mktemp("house")
    asking = {"LINES": "1", "EVERY": "5", "HOURS": "00:00-23:59"}
    async with running_house(home, **{f"HOTLINE_FOLLOW_UP_{name}": value for name, value in asking.items()}) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    """As a city runs it: PostgreSQL, no drill."""
    base, postgres, desks = free_base(), Postgres(), ("127.0.0.5", "127.0.0.6")
    async with (
        Wire(base + 5) as sound,
        running_house(
            tmp_path_factory.mktemp("city"),
            base,
            DATABASE_URL=postgres.new_database(),
            AUDIO_ADDRESS=f"127.0.0.1:{sound.port}",
            HOTLINE_DRILL="0",
            EMERGENCY_ROUTES=",".join(f"sip:110@{address}:{base + 8}" for address in desks),
            EMERGENCY_RING=str(QUICK_RING),
        ) as running,
    ):
        yield City(running, sound, postgres, desks)
    postgres.close()
