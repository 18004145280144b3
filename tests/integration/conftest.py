"""A whole hotline for all tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from house import House, running_house


@pytest_asyncio.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """As `make run` starts it: SQLite, a drill; and the robot asks citizens after their cases at any hour."""
    home: Path = tmp_path_factory.mktemp("house")
    asking = {"LINES": "1", "EVERY": "5", "HOURS": "00:00-23:59"}
    async with running_house(home, **{f"HOTLINE_FOLLOW_UP_{name}": value for name, value in asking.items()}) as running:
        yield running
