"""What do running calls answer from?  An index in memory that follows what is published."""

import logging
import threading
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy.orm import Session

from kb import ranking, store
from kb.answer import Decision, choose
from kb.article import Article
from kb.index import Hit, Index
from kb.schema import connect

log = logging.getLogger(__name__)

MANY = 64  # changes from which on the index is built anew, if they are
SHARE = 0.05  # also more than this share of all: until then each is added to the index there is
PROBED = 20  # changed articles that must find themselves before calls get the index


class Knowledge:
    """Safe from any thread; a refresh swaps the whole index at once."""

    def __init__(self, url: str) -> None:
        """Starts empty when the database is away: callers then reach a person, and refresh() tries again."""
        self._engine = connect(url)
        self._ranking = ranking.shipped()
        self._index: Index | None = None
        self._published: dict[str, Article] = {}  # whatever their dates
        self._seen: tuple[int, date] | None = None
        self._lock = threading.Lock()
        try:
            self.refresh()
        except Exception:
            log.exception("no knowledge could be read; callers reach a person until it can")

    def refresh(self, today: date | None = None) -> bool:
        """Look whether what may be spoken has changed (also by the date).  A broken index is refused.

        Reads only the articles whose published revision is another one than before.
        """
        today = today or date.today()
        with self._lock, Session(self._engine) as session:
            seen = (store.version(session), today)
            if seen == self._seen:
                return False
            published = self._read(session)
            try:
                index = self._following([a for a in published.values() if a.speakable(today)])
            except ValueError:
                log.exception("a new index was refused; the last good one stays")
                self._seen = seen
                return False
            self._published, self._index, self._seen = published, index, seen
            return True

    def _read(self, session: Session) -> dict[str, Article]:
        wanted = store.revisions(session)
        kept = {i: a for i, a in self._published.items() if wanted.get(i) == a.revision}
        changed = wanted.keys() - kept.keys()
        if changed:
            few = changed if len(changed) <= MANY else None
            kept |= {a.id: a for a in store.published(session, few) if a.id in changed}
        return kept

    def _following(self, speakable: Sequence[Article]) -> Index | None:
        """The index of these articles; None when there are none: then nothing is known.  ValueError: it is broken."""
        if not speakable:
            return None
        before = {a.id: a for a in self._index.articles} if self._index else {}
        changed = [a for a in speakable if before.get(a.id) != a]
        removed = before.keys() - {a.id for a in speakable}
        changes = len(changed) + len(removed) + (self._index.changes if self._index else 0)
        if self._index is None or changes > max(MANY, SHARE * len(speakable)):
            index = Index.build(speakable, ranking=self._ranking)
        else:
            index = self._index.changed(changed, removed)
        _probe(index, changed[:PROBED])
        return index

    def hits(
        self,
        words: str,
        alternatives: Sequence[str] = (),
        confidences: Sequence[float] = (),
        today: date | None = None,
    ) -> tuple[Hit, ...]:
        """The likeliest articles.  What is no longer speakable today is left out whatever the index holds."""
        index = self._index
        if index is None:
            return ()
        now = today or date.today()
        return tuple(hit for hit in index.search(words, alternatives, confidences) if hit.article.speakable(now))

    def ask(
        self,
        words: str,
        alternatives: Sequence[str] = (),
        confidences: Sequence[float] = (),
        today: date | None = None,
    ) -> Decision:
        """Decide on one question; `alternatives` and `confidences` as in `Index.search`."""
        return choose(self.hits(words, alternatives, confidences, today), self._ranking)


def _probe(index: Index, articles: Iterable[Article]) -> None:
    for article in articles:
        if article.id not in {hit.article.id for hit in index.search(article.question)}:
            raise ValueError("a published article does not find itself")
