"""One console in a process of its own for all whom a thread asks: starting it takes longer than most tests."""

from collections.abc import Iterator

import pytest
from console import alone


@pytest.fixture(scope="session")
def lone_console(redis_server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Its address, and its database."""
    with alone(tmp_path_factory.mktemp("console"), redis_server_url) as told:
        yield told
