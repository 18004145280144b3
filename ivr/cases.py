"""How does the line ask the dispatch office about cases?  Blocking; call it in a thread."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from routing.catalogue import shipped
from routing.database import connect
from routing.grids import sample
from routing.progress import by_caller, by_number
from routing.standing import Standing


class Cases:
    """Safe from any thread."""

    def __init__(self, database: str) -> None:
        self._engine = connect(database)

    def standing(self, caller: str, number: str = "") -> Sequence[Standing]:
        """The case with this number, or, without one, the caller's own; SQLAlchemyError when the database is away."""
        with Session(self._engine) as session:
            if not number:
                return by_caller(session, caller, shipped(), sample())
            found = by_number(session, number, caller, shipped(), sample())
            return () if found is None else (found,)

    def close(self) -> None:
        self._engine.dispose()
