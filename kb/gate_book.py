"""What did the gate find?  Runs it for a revision, keeps the result, and says whether the revision may be published."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from kb import ranking, store
from kb.article import Article, State
from kb.gate import Effect, Kind, Question, Said, Search, compare
from kb.index import Hit, Index
from kb.schema import writing
from kb.store import from_row
from kb.tables import ArticleRow, AskedRow, GateRow, GoldenRow

RECENT = timedelta(days=30)
CALLERS = 500  # recent real questions asked again
KEPT = 500  # effects kept of one run
MANY = 64  # articles of a file; more are tried in an index of their own


@dataclass(frozen=True, slots=True)
class Verdict:
    """The newest run for a revision."""

    at: datetime
    asked: int
    done: int
    finished: bool
    stale: bool  # the knowledge has changed since
    effects: tuple[Effect, ...]

    def of(self, kind: str) -> list[Effect]:
        return [e for e in self.effects if e.kind == kind]

    @property
    def ready(self) -> bool:
        return self.finished and not self.stale


def verdict(session: Session, article: str, revision: int) -> Verdict | None:
    row = session.get(GateRow, (article, revision))
    if row is None:
        return None
    stale = row.version != store.version(session)
    return Verdict(row.at, row.asked, row.done, row.finished, stale, tuple(map(_effect, row.effects)))


def in_the_way(session: Session, article: str, revision: int, *, yes: bool) -> str:
    """Why a revision may not be published now; empty when it may.  yes: an editor has agreed to its thefts."""
    found = verdict(session, article, revision)
    if found is None or not found.finished:
        return "发布前检查还没有完成"
    if found.stale:
        return "检查之后知识库又有变化, 请等待重新检查"
    thefts = len(found.of(Kind.STEAL))
    if thefts and not yes:
        return f"这个条目会抢走 {thefts} 个问题, 请逐条查看并勾选确认"
    return ""


def questions(session: Session, spoken: Sequence[Article], now: datetime) -> list[Question]:
    """The golden set, every published wording, and what callers asked lately; each text once, in that order."""
    found = []
    known = {a.id for a in spoken}
    for golden in session.scalars(select(GoldenRow).order_by(GoldenRow.text)):
        if golden.article is None or golden.article in known:
            found.append(Question(golden.text, golden.article, "golden"))
    found += [Question(w, a.id, "wording") for a in spoken for w in a.wordings()]
    recent = select(AskedRow).where(AskedRow.at >= now - RECENT).order_by(AskedRow.at.desc()).limit(CALLERS)
    for asked in session.scalars(recent):
        right = asked.article if not asked.rejected and asked.article in known else None
        found.append(Question(asked.text, right, "caller", decided=right is not None))
    return list({q.text: q for q in reversed(found)}.values())


def run(engine: Engine, articles: Sequence[str], now: datetime, today: date) -> Verdict | None:
    """Ask everything with and without these articles as they are being worked on; the verdict on the first by id.

    None when they are gone meanwhile.  Takes seconds and a core: for a job, not for a page.
    """
    numbers = ranking.shipped()
    with Session(engine) as session:
        rows = session.scalars(select(ArticleRow).where(ArticleRow.id.in_(articles)).order_by(ArticleRow.id)).all()
        if not rows:
            return None
        changed, version = [_as_published(from_row(row)) for row in rows], store.version(session)
        spoken = store.speakable(session, today)
        asked = questions(session, _with(spoken, changed, today), now)
    before, after, touched = _searches(spoken, changed, today)
    gate, first = Gate(engine, version, len(asked), now), changed[:1]
    gate.write({first[0]: []}, done=0, finished=False)
    ids = {a.id for a in changed}
    found = compare(
        asked, before, after, ids, numbers, touched,
        lambda done: gate.write({first[0]: []}, done=done, finished=False),
    )  # fmt: skip
    gate.write(_shared_out(found, changed), done=len(asked), finished=True)
    with Session(engine) as session:
        return verdict(session, first[0].id, first[0].revision)


def _shared_out(effects: Sequence[Effect], changed: Sequence[Article]) -> dict[Article, list[Effect]]:
    """Whose doing each effect is; what is nobody's in particular stands with the first."""
    by_id = {a.id: a for a in changed}
    shared: dict[Article, list[Effect]] = {a: [] for a in changed}
    for e in effects:
        concerned = next((i for i in (*e.after.articles, e.question.article) if i in by_id), changed[0].id)
        shared[by_id[concerned]].append(e)
    return shared


def _as_published(article: Article) -> Article:
    values = {name: getattr(article, name) for name in store.FIELDS}
    return Article(**(values | {"state": State.PUBLISHED}))


def _with(spoken: Sequence[Article], changed: Sequence[Article], today: date) -> list[Article]:
    ids = {a.id for a in changed}
    return [*(a for a in spoken if a.id not in ids), *(a for a in changed if a.speakable(today))]


def _searches(
    spoken: Sequence[Article], changed: Sequence[Article], today: date
) -> tuple[Search, Search, Callable[[str], bool]]:
    """Without the change, with it, and whether it comes near a question; a few articles as running calls get them."""
    if not spoken or len(changed) > MANY:
        return _search(spoken), _search(_with(spoken, changed, today)), _everything
    index = Index.build(spoken)
    gone = [a.id for a in changed if not a.speakable(today)]
    after = index.changed([a for a in changed if a.speakable(today)], gone)
    return index.search, after.search, after.touched


def _search(articles: Sequence[Article]) -> Search:
    """An empty knowledge answers nothing."""
    if not articles:
        return _nothing
    return Index.build(articles).search


def _nothing(_words: str) -> tuple[Hit, ...]:
    return ()


def _everything(_words: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Gate:
    """The rows of a run, written as it goes on."""

    engine: Engine
    version: int
    asked: int
    at: datetime

    def write(self, effects: Mapping[Article, Sequence[Effect]], *, done: int, finished: bool) -> None:
        with writing(self.engine) as session:
            for article, found in effects.items():
                row = GateRow(
                    article=article.id, revision=article.revision, version=self.version, at=self.at, asked=self.asked,
                    done=done, finished=finished, effects=[_kept(e) for e in found[:KEPT]],
                )  # fmt: skip
                session.merge(row)
            session.commit()


def _kept(e: Effect) -> dict[str, Any]:
    q = e.question
    return {
        "kind": e.kind.value, "text": q.text, "article": q.article, "origin": q.origin, "decided": q.decided,
        "before": [e.before.sure, list(e.before.articles), e.before.probability],
        "after": [e.after.sure, list(e.after.articles), e.after.probability],
    }  # fmt: skip


def _effect(kept: dict[str, Any]) -> Effect:
    def back(value: list[Any]) -> Said:
        return Said(bool(value[0]), tuple(value[1]), float(value[2]))

    question = Question(kept["text"], kept["article"], kept["origin"], kept["decided"])
    return Effect(Kind(kept["kind"]), question, back(kept["before"]), back(kept["after"]))


def decide(session: Session, text: str, article: str | None, by: str) -> None:
    """Put a question into the golden set: this article, or a person.  The caller commits."""
    wanted = " ".join(text.split())[:200]
    row = session.get(GoldenRow, wanted)
    if row is None:
        session.add(GoldenRow(text=wanted, article=article, by=by, at=datetime.now(UTC)))
    else:
        row.article, row.by, row.at = article, by, datetime.now(UTC)


def undecide(session: Session, text: str) -> None:
    session.execute(delete(GoldenRow).where(GoldenRow.text == text))
