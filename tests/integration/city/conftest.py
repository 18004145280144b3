"""A second hotline, as a city runs it, for all tests of this folder: beside the first where a test wants both."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from house import House, Ports, Wire, running_house
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
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[City]:
    """As a city runs it: PostgreSQL, no drill."""
    ports, postgres, desks = Ports(), Postgres(), ("127.0.0.5", "127.0.0.6")
    async with (
        Wire(ports.base + 5) as sound,
        running_house(
            tmp_path_factory.mktemp("city"),
            ports,
            DATABASE_URL=postgres.new_database(),
            AUDIO_ADDRESS=f"127.0.0.1:{sound.port}",
            HOTLINE_DRILL="0",
            EMERGENCY_ROUTES=",".join(f"sip:110@{address}:{ports.base + 8}" for address in desks),
            EMERGENCY_RING=str(QUICK_RING),
        ) as running,
    ):
        yield City(running, sound, postgres, desks)
    postgres.close()
