"""How is the room's part of the database made, and brought to another revision?"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event

MIGRATIONS = Path(__file__).parent / "migrations"


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

        @event.listens_for(engine, "connect")
        def prepare(connection: object, _record: object) -> None:
            cursor = connection.cursor()  # type: ignore[attr-defined]
            for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=5000", "synchronous=NORMAL"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    return engine


def _run(url: str, what: str, revision: str) -> None:
    engine = connect(url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        getattr(command, what)(config, revision)
    engine.dispose()


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the tables up to a revision."""
    _run(url, "upgrade", revision)


def downgrade(url: str, revision: str) -> None:
    """Take the tables down to a revision ("base" removes them)."""
    _run(url, "downgrade", revision)
