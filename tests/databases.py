"""Databases with tables in place, migrated once and then copied: migrating anew takes longer than most tests."""

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from servers import Postgres


class Prepared:
    """Gives each test a database of its own, on SQLite or PostgreSQL, in which some rooms have their tables."""

    def __init__(self, folder: Path, postgres: Callable[[], Postgres]) -> None:
        """postgres: called when the first database on PostgreSQL is wanted."""
        self._folder, self._postgres = folder, postgres
        self._made: dict[tuple[str, ...], str] = {}

    def new(self, kind: str, folder: Path, *schemas: ModuleType) -> str:
        """The URL of a new database ("sqlite": a file in `folder`); schemas: the rooms' modules with `upgrade`."""
        if kind == "postgresql":
            return self._postgres().new_database(self._master(kind, schemas) if schemas else None)
        file = folder / "hotline.db"
        if schemas:
            shutil.copy(self._master(kind, schemas), file)
        return f"sqlite:///{file}"

    def _master(self, kind: str, schemas: tuple[ModuleType, ...]) -> str:
        """What is copied: a file, or the name of a database nobody is connected to."""
        key = (kind, *(schema.__name__ for schema in schemas))
        if key not in self._made:
            file = self._folder / f"{len(self._made)}.db"
            url = self._postgres().new_database() if kind == "postgresql" else f"sqlite:///{file}"
            for schema in schemas:
                schema.upgrade(url)
            self._made[key] = Postgres.name(url) if kind == "postgresql" else str(file)
        return self._made[key]
