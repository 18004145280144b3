"""How do millions of rows get into a database fast?  COPY on PostgreSQL, large transactions on SQLite."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, Index, select, text

from routing import case_search
from routing.database import connect
from routing.tables import CallEventRow, CallRow, CaseEventRow, CaseRow, CaseUnitRow, CaseViewRow

Rows = dict[str, list[tuple[Any, ...]]]

PLAIN = tuple(c.name for c in CaseRow.__table__.columns if c.name != "assist")  # of a case, all that is not JSON
COLUMNS: dict[str, tuple[str, ...]] = {
    "calls": ("id", "caller", "arrived", "ended", "outcome", "article", "operator", "erased"),
    "call_events": ("call", "seq", "at", "kind", "data"),
    "cases": (*PLAIN, "assist"),
    "case_events": ("case", "version", "at", "action", "actor", "role", "before", "after", "data", "salt", "sealed",
                    "previous_hash", "hash"),
    "case_units": ("unit", "case", "part", "running"),
    "case_views": ("case", "at", "actor", "purpose"),
    "case_days": ("day", "last"),
    "case_search": ("number", "words"),
}  # fmt: skip
LATER = (CallRow, CaseRow, CallEventRow, CaseEventRow, CaseUnitRow, CaseViewRow)  # indexes are built at the end
MEMORY = "512MB"  # for building one index on PostgreSQL
LOCK_WITHIN = "10s"  # somebody who reads the tables meanwhile is told of, not waited for
ASKED_AT_ONCE = 500


@lru_cache(maxsize=1)
def engine_of(url: str) -> Engine:
    """One per process."""
    return connect(url)


def write(connection: Connection, rows: Rows) -> None:
    for table, lines in rows.items():
        if not lines:
            continue
        if connection.dialect.name == "postgresql":
            _copy(connection, table, lines)
        else:
            _insert(connection, table, lines)


def _copy(connection: Connection, table: str, lines: Iterable[tuple[Any, ...]]) -> None:
    columns = ", ".join(f'"{name}"' for name in COLUMNS[table])
    cursor: Any = connection.connection.cursor()
    if table == "case_search":
        lines = ((number, " ".join(case_search.dated(number, words))) for number, words in lines)
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)


def _insert(connection: Connection, table: str, lines: Iterable[tuple[Any, ...]]) -> None:
    if table == "case_search":
        case_search.put(connection, lines)
        return
    columns = ", ".join(f'"{name}"' for name in COLUMNS[table])
    marks = ", ".join("?" * len(COLUMNS[table]))
    cursor: Any = connection.connection.cursor()
    cursor.executemany(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})",
        ([_naive(value) if isinstance(value, datetime) else value for value in line] for line in lines),
    )


def _naive(at: datetime) -> str:
    """As the tables keep a moment on SQLite: UTC, without saying so."""
    return at.replace(tzinfo=None).isoformat(" ", "microseconds")


def known(connection: Connection, ids: list[str]) -> set[str]:
    """Which of these calls are there."""
    found: set[str] = set()
    for start in range(0, len(ids), ASKED_AT_ONCE):
        some = ids[start : start + ASKED_AT_ONCE]
        found.update(connection.scalars(select(CallRow.id).where(CallRow.id.in_(some))))
    return found


def empty(connection: Connection) -> bool:
    first = [select(CallRow.id).limit(1), select(CaseRow.number).limit(1)]
    return all(connection.scalar(one) is None for one in first)


def _indexes() -> list[Index]:
    return [index for table in LATER for index in table.__table__.indexes]  # type: ignore[attr-defined]


def drop_indexes(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WITHIN}'"))
        for index in _indexes():
            index.drop(connection, checkfirst=True)
        if engine.dialect.name == "postgresql":
            connection.execute(text("DROP INDEX IF EXISTS ix_case_search_words"))


def make_indexes(engine: Engine) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL maintenance_work_mem = '{MEMORY}'"))
            connection.execute(text(case_search.INDEX))
        for index in _indexes():
            index.create(connection, checkfirst=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))
