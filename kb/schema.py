"""How is the room's part of the database reached, made, and brought to another revision?"""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import Session

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 12345_01  # PostgreSQL advisory lock: two processes that start together must not both migrate
PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=5000", "synchronous=NORMAL")


def database(url: str) -> str:
    """The URL as SQLAlchemy wants it: postgres:// and postgresql:// mean psycopg 3."""
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def connect(url: str) -> Engine:
    """An engine on which SQLite behaves like a database: WAL, foreign keys, a bounded wait for locks."""
    engine = create_engine(database(url), pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver would begin too late for a reader that turns to writing
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    immediate = " IMMEDIATE" if connection.get_execution_options().get("writes") else ""
    connection.exec_driver_sql(f"BEGIN{immediate}")


def writing(engine: Engine) -> Session:
    """A session for reading and then writing: on SQLite it takes the lock first and waits for it."""
    return Session(engine.execution_options(writes=True))


def _run(url: str, what: str, revision: str) -> None:
    engine = connect(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.execution_options(writes=True).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        config.attributes["connection"] = connection
        getattr(command, what)(config, revision)
    engine.dispose()


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables up to a revision."""
    _run(url, "upgrade", revision)


def downgrade(url: str, revision: str) -> None:
    """Take the tables down to a revision ("base" removes them)."""
    _run(url, "downgrade", revision)
