"""Real servers for every test that wants one: each started once per run, each test with a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from databases import Prepared
from servers import Postgres, redis_server
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling


class Scheduling(LoadScopeScheduling):
    """Each whole hotline belongs to one worker, and they begin first; the other tests go to whoever has time."""

    def _split_scope(self, nodeid: str) -> str:
        return nodeid if nodeid.startswith("tests/unit/") else nodeid.rpartition("/")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """A real Redis with nothing in it."""
    client = redis.Redis.from_url(redis_server_url)
    client.flushall()
    client.close()
    return redis_server_url


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.close()


@pytest.fixture(scope="session")
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return Prepared(tmp_path_factory.mktemp("masters"), lambda: request.getfixturevalue("postgres"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The test is done once on SQLite and once on PostgreSQL."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(database_kind: str, prepared: Prepared, tmp_path: Path) -> str:
    """A new, empty database."""
    return prepared.new(database_kind, tmp_path)
