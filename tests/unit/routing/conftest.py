"""The dispatch office with its tables in place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Prepared
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from routing import schema
from routing.database import connect


@pytest.fixture
def office_url(database_kind: str, prepared: Prepared, tmp_path: Path) -> str:
    return prepared.new(database_kind, tmp_path, schema)


@pytest.fixture
def engine(office_url: str) -> Iterator[Engine]:
    engine = connect(office_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session
