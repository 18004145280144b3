"""One whole hotline for all tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from house import House, running_house


@pytest_asyncio.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    home: Path = tmp_path_factory.mktemp("house")
    async with running_house(home) as running:
        yield running
