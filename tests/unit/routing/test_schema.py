from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from routing import schema
from routing.database import connect
from routing.tables import AlarmRow, Table


def ours(name, kind, _parents):
    """The search index is no table of ours: SQLite keeps it in tables of its own."""
    return kind != "table" or not name.startswith("case_search")


def test_a_new_city_gets_every_table_and_a_second_start_changes_nothing(database_url):
    schema.upgrade(database_url)
    schema.upgrade(database_url)
    engine = connect(database_url)
    assert set(Table.metadata.tables) <= set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": "alembic_version_routing", "include_name": ours}
        )
        assert compare_metadata(context, Table.metadata) == []
    engine.dispose()


def test_a_city_can_go_back_and_forth(database_url):
    schema.upgrade(database_url)
    schema.downgrade(database_url, "base")
    engine = connect(database_url)
    assert not set(Table.metadata.tables) & set(inspect(engine).get_table_names())
    engine.dispose()
    schema.upgrade(database_url)


def test_moments_come_back_as_they_went_in_and_never_without_a_zone(session: Session):
    at = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
    session.add(AlarmRow(kind="test", text="", raised=at))
    session.flush()
    session.expire_all()
    assert session.query(AlarmRow).one().raised == at
    session.add(AlarmRow(kind="test", text="", raised=at.replace(tzinfo=None)))
    with pytest.raises(StatementError, match="without a time zone"):
        session.flush()
