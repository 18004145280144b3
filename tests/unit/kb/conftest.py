"""The knowledge with its tables in place."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kb import schema


@pytest.fixture
def knowledge_url(database_url: str) -> str:
    schema.upgrade(database_url)
    return database_url


@pytest.fixture
def knowledge(knowledge_url: str) -> Iterator[Engine]:
    engine = schema.connect(knowledge_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(knowledge: Engine) -> Iterator[Session]:
    with schema.writing(knowledge) as session:
        yield session
