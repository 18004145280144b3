"""The knowledge with its tables in place."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import Prepared
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kb import schema


@pytest.fixture
def knowledge_url(database_kind: str, prepared: Prepared, tmp_path: Path) -> str:
    return prepared.new(database_kind, tmp_path, schema)


@pytest.fixture
def knowledge(knowledge_url: str) -> Iterator[Engine]:
    engine = schema.connect(knowledge_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(knowledge: Engine) -> Iterator[Session]:
    with schema.writing(knowledge) as session:
        yield session
