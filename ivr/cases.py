"""How does the line ask the dispatch office about cases and known incidents?  Blocking where it says so."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from routing import matters
from routing.catalogue import shipped
from routing.city import Files
from routing.database import connect
from routing.grids import Territory, sample
from routing.incident_desk import active, areas_of
from routing.incidents import Notice, about, from_area
from routing.progress import by_caller, by_number
from routing.standing import Standing

log = logging.getLogger(__name__)

MEANT = 0.5  # probability of the likeliest matter from which a caller's words are taken to mean it


class Cases:
    """Safe from any thread."""

    def __init__(self, database: str, territory: Territory | None = None, files: Files | None = None) -> None:
        """`territory` is the city's own, kept as its `files` say; the sample city's when there is none."""
        self._engine = connect(database)
        self._territory = territory or sample()
        self._files = files
        self._notices: tuple[Notice, ...] = ()

    def refresh(self) -> None:
        """Read the places and notices of today.  Blocks; SQLAlchemyError when the database is away: the old stay."""
        if self._files is not None and (now := self._files.changed()) is not None:
            self._territory = now.territory
        with Session(self._engine) as session:
            self._notices = active(session, datetime.now(UTC))
        if self._notices:
            matters.rank("喂")  # makes the catalogue ready here, where waiting hurts nobody

    def standing(self, caller: str, number: str = "") -> Sequence[Standing]:
        """The case with this number, or, without one, the caller's own.  Blocks; SQLAlchemyError like refresh."""
        with Session(self._engine) as session:
            if not number:
                return by_caller(session, caller, shipped(), self._territory)
            found = by_number(session, number, caller, shipped(), self._territory)
            return () if found is None else (found,)

    def at_home(self, caller: str) -> Sequence[Notice]:
        """Notices for where the caller lives, as far as earlier cases tell.  Blocks; none when nobody can be asked."""
        if not self._notices:
            return ()
        try:
            with Session(self._engine) as session:
                return from_area(self._notices, areas_of(session, caller), datetime.now(UTC))
        except SQLAlchemyError as problem:
            log.warning("nobody knows where a caller lives", extra={"why": type(problem).__name__})
            return ()

    def about(self, words: str) -> Sequence[Notice]:
        """Notices about what the caller reports; from memory, milliseconds."""
        if not self._notices:
            return ()
        ranked = matters.rank(words)
        if not ranked or ranked[0].probability < MEANT:
            return ()
        territory = self._territory
        place = territory.find(words, sentence=True).smallest
        return about(self._notices, ranked[0].code, territory.line(place) if place else (), datetime.now(UTC))

    def close(self) -> None:
        self._engine.dispose()
