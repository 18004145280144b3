"""How do articles come into the database and out of it?"""

import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from kb.article import SPEAKABLE, Article, State
from kb.tables import ArticleRow, GoldenRow, RevisionRow, VersionRow

SAMPLE = Path(__file__).parent / "sample" / "articles.jsonl"
SAMPLE_OWNERS = SAMPLE.with_name("owners.json")  # answering department as it is said -> code of the unit
SAMPLE_AUTHORITY = SAMPLE.with_name("authorised.json")  # the matters departments let the hotline answer directly
SAMPLE_QUESTIONS = SAMPLE.with_name("questions.jsonl")  # written test questions and the article that answers each
REVIEWED_WITHIN = 365  # days; the sample's reviews are spread over the year so that they do not fall due on one day

FIELDS = tuple(field.name for field in fields(Article))
DATES = {"valid_from", "valid_until", "authorised_until", "review"}
LISTS = {"phrasings", "tags", "related"}
COLUMNS = ArticleRow.__table__.c


def read_jsonl(file: Path) -> list[Article]:
    """Articles of an exchange file, one JSON object a line.  ValueError names the line that is wrong."""
    articles = []
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    articles.append(from_exchange(json.loads(line)))
                except (KeyError, TypeError, ValueError) as problem:
                    raise ValueError(f"{file.name}, line {number}: {problem!r}") from problem
    return articles


def day(value: object) -> date | None:
    return date.fromisoformat(str(value)) if value else None


def from_exchange(row: dict[str, Any]) -> Article:
    """One object: id, question, alternatives, answer, department, matter_class, effective, expires."""
    return Article(
        id=str(row["id"]),
        revision=int(row.get("revision", 1)),
        question=str(row["question"]),
        phrasings=tuple(str(a) for a in row.get("alternatives", ())),
        spoken=str(row["answer"]),
        source=str(row.get("department") or "热线知识库"),
        leaf=str(row.get("matter_class", "")),
        valid_from=day(row.get("effective")),
        valid_until=day(row.get("expires")),
    )


def from_row(row: ArticleRow | Row[Any]) -> Article:
    """The article as it is being worked on."""
    values = {name: getattr(row, name) for name in FIELDS}
    values |= {name: tuple(values[name]) for name in LISTS}
    return Article(**(values | {"state": State(row.state)}))


def from_content(kept: dict[str, Any]) -> Article:
    """A revision; what an older one did not know stays empty."""
    values = {name: kept[name] for name in FIELDS if name in kept}
    values |= {name: tuple(values[name]) for name in LISTS if name in values}
    values |= {name: day(values[name]) for name in DATES if name in values}
    return Article(**(values | {"state": State(values["state"])}))


def content(article: Article) -> dict[str, Any]:
    """The whole article as JSON, for its revision."""
    values = {name: getattr(article, name) for name in FIELDS}
    values |= {name: list(values[name]) for name in LISTS}
    return values | {name: values[name].isoformat() for name in DATES if values[name] is not None}


def searched(article: Article) -> str:
    """Every word an editor may look for."""
    a = article
    words = (a.id, a.question, *a.phrasings, a.spoken, a.written, a.source, a.leaf, a.materials, a.place, a.hours,
             a.fee, a.law, *a.tags, a.audience)  # fmt: skip
    return "\n".join(w for w in words if w).lower()


def columns(article: Article) -> dict[str, Any]:
    """What the row of an article holds of the article itself."""
    values = {name: getattr(article, name) for name in FIELDS}
    values |= {name: list(values[name]) for name in LISTS}
    return values | {"state": article.state.value, "searched": searched(article)}


def revisions(session: Session) -> dict[str, int]:
    """Which revision of every published article is the one that is heard, whatever the date."""
    heard = session.execute(select(ArticleRow.id, ArticleRow.live).where(ArticleRow.live.is_not(None)))
    return {row.id: int(row.live or 0) for row in heard}


def published(session: Session, only: Collection[str] | None = None) -> list[Article]:
    """Of every article, or of these ids, the revision that was last published, whatever the date."""
    chosen = [] if only is None else [ArticleRow.id.in_(only)]
    whole = session.execute(select(*COLUMNS).where(COLUMNS.live == COLUMNS.revision, *chosen))
    heard = [replace(a, state=State.PUBLISHED) if a.state not in SPEAKABLE else a for a in map(from_row, whole)]
    earlier = select(RevisionRow.content).join(
        ArticleRow, (ArticleRow.id == RevisionRow.article) & (ArticleRow.live == RevisionRow.revision)
    )
    for kept in session.scalars(earlier.where(ArticleRow.live != ArticleRow.revision, *chosen)):
        heard.append(replace(from_content(kept), state=State.PUBLISHED))
    return heard


def speakable(session: Session, today: date) -> list[Article]:
    """What callers may hear today: of every article the revision that was last published."""
    return [article for article in published(session) if article.speakable(today)]


def everything(session: Session) -> Iterator[Article]:
    """Every article as it is being worked on."""
    return map(from_row, session.execute(select(*COLUMNS).order_by(COLUMNS.id)))


def version(session: Session) -> int:
    """Counts up with every change of what may be spoken; 0 before the first."""
    row = session.get(VersionRow, 1)
    return row.number if row else 0


def lock(session: Session) -> VersionRow:
    """The one row everybody who changes what is heard takes hold of, until the commit."""
    row = session.get(VersionRow, 1, with_for_update=True, populate_existing=True)
    if row is None:
        row = VersionRow(id=1, number=0)
        session.add(row)
        session.flush()
    return row


def touch(session: Session) -> None:
    """Running calls shall look again."""
    lock(session).number += 1


def save(session: Session, article: Article, by: str, now: datetime) -> Article:
    """Write an article as its next revision, past the editors' desk; what is in a speakable state is heard at once.

    The caller commits.
    """
    row = session.get(ArticleRow, article.id)
    made = replace(article, revision=row.revision + 1 if row else 1)
    values = columns(made) | {"live": made.revision if made.state in SPEAKABLE else None, "changed": now}
    if row is None:
        session.add(ArticleRow(**values, version=1, writers=[]))
        session.flush()
    else:
        for name, value in values.items():
            setattr(row, name, value)
        row.version += 1
    session.add(RevisionRow(article=made.id, revision=made.revision, at=now, by=by, content=content(made)))
    touch(session)
    session.flush()
    return made


def load(session: Session, articles: Iterable[Article], by: str) -> int:
    """Save many that are not there yet; returns how many were new."""
    known = set(session.scalars(select(ArticleRow.id)))
    now = datetime.now(UTC)
    new = 0
    for article in articles:
        if article.id not in known:
            save(session, article, by, now)
            new += 1
    return new


def sample(today: date) -> list[Article]:
    """The sample city's articles with their owners, review dates and authorisations."""
    owners: dict[str, str] = json.loads(SAMPLE_OWNERS.read_text(encoding="utf-8"))
    authority: dict[str, dict[str, Any]] = json.loads(SAMPLE_AUTHORITY.read_text(encoding="utf-8"))
    made = []
    for article in read_jsonl(SAMPLE):
        review = today + timedelta(days=30 + zlib.crc32(article.id.encode()) % (REVIEWED_WITHIN - 30))
        whole = replace(article, owner=owners[article.source], review=review, origin="示范数据")
        if article.id in authority:
            whole = replace(
                whole, needs_authority=True, authorised_wording=article.spoken,
                authorised_until=date(today.year + 1, 12, 31), **authority[article.id],
            )  # fmt: skip
        made.append(whole)
    return made


def load_sample(session: Session) -> int:
    """The sample city's articles; idempotent, and again it completes what an older sample did not know."""
    articles = sample(datetime.now(UTC).date())
    for article in articles:
        row = session.get(ArticleRow, article.id)
        if row is not None and not row.owner and row.state in SPEAKABLE and row.spoken == article.spoken:
            save(session, article, "sample", datetime.now(UTC))
    _load_golden(session)
    return load(session, articles, "sample")


def _load_golden(session: Session) -> None:
    """The sample's written test questions: what every change is measured against."""
    known = set(session.scalars(select(GoldenRow.text)))
    now = datetime.now(UTC)
    with SAMPLE_QUESTIONS.open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["text"] not in known:
                known.add(row["text"])
                session.add(GoldenRow(text=row["text"], article=row["article"], by="sample", at=now))
