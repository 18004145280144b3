"""Which shape must the tables have?  Brings a database to it, forwards and back; safe to run again and at once."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from routing.database import connect

LOCK = 12345_03  # PostgreSQL advisory lock: two processes that start together must not both migrate


def upgrade(url: str) -> None:
    """To the newest revision."""
    _run(url, "head", forward=True)


def downgrade(url: str, revision: str) -> None:
    """Back to `revision`; "base" leaves nothing."""
    _run(url, revision, forward=False)


def _run(url: str, revision: str, *, forward: bool) -> None:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = connect(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            (command.upgrade if forward else command.downgrade)(_config(connection), revision)
    finally:
        engine.dispose()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
