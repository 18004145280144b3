"""The database comes and goes; who works at a desk goes on."""

import pytest
from servers import Postgres
from sqlalchemy import text
from sqlalchemy.orm import Session

from routing import database


def test_a_desk_works_on_after_the_database_was_started_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(database, "ASKED_AFTER", 0.0)
    server = Postgres()
    try:
        engine = database.connect(server.new_database())
        with Session(engine) as first, Session(engine) as second:  # two connections rest in the pool
            assert [session.scalar(text("SELECT 1")) for session in (first, second)] == [1, 1]
        server.stop()
        server.start()
        with Session(engine) as first, Session(engine) as second:
            assert [session.scalar(text("SELECT 2")) for session in (first, second)] == [2, 2]
        engine.dispose()
    finally:
        server.close()


def test_a_connection_that_was_used_a_moment_ago_is_not_asked_again(postgres: Postgres, monkeypatch):
    engine = database.connect(postgres.new_database())
    asked = []
    ping = type(engine.dialect).do_ping
    monkeypatch.setattr(engine.dialect, "do_ping", lambda c: asked.append(c) or ping(engine.dialect, c), raising=False)
    monkeypatch.setattr(database, "ASKED_AFTER", 3600.0)
    for _ in range(3):
        with Session(engine) as session:
            session.execute(text("SELECT 1"))
    assert len(asked) <= 1  # a new connection may be asked; one that works is not
    engine.dispose()
