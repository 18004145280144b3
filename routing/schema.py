"""Which shape must the tables have?  Brings a database to it, forwards and back; safe to run again and at once."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from routing.database import connect


@dataclass(frozen=True, slots=True)
class Shape:
    """The tables of one room: where its migrations lie, and the lock under which they run.

    `lock` is a PostgreSQL advisory lock: two processes that start together must not both migrate.
    """

    migrations: Path
    lock: int

    def upgrade(self, url: str, revision: str = "head") -> None:
        """To the newest revision, or to another one ahead."""
        self._run(url, revision, forward=True)

    def downgrade(self, url: str, revision: str) -> None:
        """Back to `revision`; "base" leaves nothing."""
        self._run(url, revision, forward=False)

    def _run(self, url: str, revision: str, *, forward: bool) -> None:
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        engine = connect(url)
        try:
            with engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": self.lock})
                (command.upgrade if forward else command.downgrade)(self._config(connection), revision)
        finally:
            engine.dispose()

    def _config(self, connection: Connection) -> Config:
        config = Config()
        config.set_main_option("script_location", str(self.migrations))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        return config


OURS = Shape(Path(__file__).parent / "migrations", lock=12345_02)
upgrade, downgrade = OURS.upgrade, OURS.downgrade
