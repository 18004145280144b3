"""How does this room reach its database?  One engine per process, the same tables on SQLite and PostgreSQL."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session

BUSY = 5000  # ms a SQLite writer waits for another before it gives up
ASKED_AFTER = 1.0  # s of rest after which a connection is asked whether it still lives
KEPT = 16  # connections of a process at most, opened as they are needed and kept
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
    engine = create_engine(url, pool_size=KEPT, max_overflow=0, connect_args={"connect_timeout": CONNECT_WITHIN})
    event.listen(engine, "checkin", _rested)
    event.listen(engine, "checkout", _still_there(engine))
    return engine


def _rested(_connection: Any, record: Any) -> None:
    record.info["rested"] = time.monotonic()


def _still_there(engine: Engine) -> Callable[[Any, Any, Any], None]:
    """Ask a connection that has rested whether the server is still there; the pool opens another when it is not.

    pool_pre_ping asks before every use, which costs a tenth of a case's change.  A server that went a moment ago is
    told to one user of the pool, as it is when it goes amid their work, and all its connections are dropped.
    """

    def look(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rested", 0.0) < ASKED_AFTER:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as problem:
            raise DisconnectionError from problem

    return look


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
