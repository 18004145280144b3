"""How does this room reach its database?  One engine per process, the same tables on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

BUSY = 5000  # ms a SQLite writer waits for another before it gives up
CONNECT_WITHIN = 3  # s until PostgreSQL counts as away


def driver_url(url: str) -> str:
    """The URL with the driver this project installs: postgres:// and postgresql:// mean psycopg 3."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def connect(url: str) -> Engine:
    """An engine; nothing is opened until it is used."""
    url = driver_url(url)
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": BUSY / 1000})
        event.listen(engine, "connect", _sqlite_manners)
        event.listen(engine, "begin", _sqlite_begin)
        return engine
    return create_engine(
        url, pool_pre_ping=True, pool_size=5, max_overflow=10, connect_args={"connect_timeout": CONNECT_WITHIN}
    )


def _sqlite_manners(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver's own idea of BEGIN comes too late for a reader that will write
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY}")
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _sqlite_begin(connection: Any) -> None:
    immediate = " IMMEDIATE" if connection.get_execution_options().get("writes") else ""
    connection.exec_driver_sql(f"BEGIN{immediate}")


def writing(engine: Engine) -> Session:
    """A session for reading *and then* writing.

    SQLite refuses at once ("database is locked") when a transaction that began by reading turns to writing after
    somebody else wrote; this one takes the lock first and waits for it.
    """
    return Session(engine.execution_options(writes=True))
