"""The dispatch office with its tables in place."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from routing import schema
from routing.database import connect


@pytest.fixture
def office_url(database_url: str) -> str:
    schema.upgrade(database_url)
    return database_url


@pytest.fixture
def engine(office_url: str) -> Iterator[Engine]:
    engine = connect(office_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
