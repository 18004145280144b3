"""What do running calls answer from?  An index in memory that follows what is published."""

import logging
import threading
from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from kb import ranking, store, synonyms
from kb.answer import Decision, choose
from kb.index import Hit, Index
from kb.schema import connect

log = logging.getLogger(__name__)


class Knowledge:
    """Safe from any thread; a refresh swaps the whole index at once."""

    def __init__(self, url: str) -> None:
        """Starts empty when the database is away: callers then reach a person, and refresh() tries again."""
        self._engine = connect(url)
        self._ranking = ranking.shipped()
        self._synonyms = synonyms.shipped()
        self._index: Index | None = None
        self._seen: tuple[int, date] | None = None
        self._lock = threading.Lock()
        try:
            self.refresh()
        except Exception:
            log.exception("no knowledge could be read; callers reach a person until it can")

    def refresh(self, today: date | None = None) -> bool:
        """Look whether what may be spoken has changed (also by the date).  A broken index is refused."""
        today = today or date.today()
        with self._lock, Session(self._engine) as session:
            seen = (store.version(session), today)
            if seen == self._seen:
                return False
            try:
                index = Index.build(store.speakable(session, today), self._synonyms, self._ranking)
                probe = index.articles[0]
                if not index.search(probe.question):
                    raise ValueError("a published article does not find itself")
            except ValueError:
                log.exception("a new index was refused; the last good one stays")
                self._seen = seen
                return False
            self._index, self._seen = index, seen
            return True

    def hits(self, words: str, alternatives: Sequence[str] = (), today: date | None = None) -> tuple[Hit, ...]:
        """The likeliest articles.  What is no longer speakable today is left out whatever the index holds."""
        index = self._index
        if index is None:
            return ()
        now = today or date.today()
        return tuple(hit for hit in index.search(words, alternatives) if hit.article.speakable(now))

    def ask(self, words: str, alternatives: Sequence[str] = (), today: date | None = None) -> Decision:
        """Decide on one question."""
        return choose(self.hits(words, alternatives, today), self._ranking)
