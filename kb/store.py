"""How do articles come into the database and out of it?"""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.article import SPEAKABLE, Article, State
from kb.tables import ArticleRow, RevisionRow, VersionRow

SAMPLE = Path(__file__).parent / "sample" / "articles.jsonl"


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


def from_row(row: ArticleRow) -> Article:
    return Article(
        id=row.id,
        revision=row.revision,
        question=row.question,
        phrasings=tuple(row.phrasings),
        spoken=row.spoken,
        source=row.source,
        written=row.written,
        leaf=row.leaf,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        state=State(row.state),
        needs_authority=row.needs_authority,
        authorised_until=row.authorised_until,
    )


def content(article: Article) -> dict[str, object]:
    """The whole article as JSON, for its revision."""
    values = {name: getattr(article, name) for name in article.__dataclass_fields__}
    return {
        k: v.isoformat() if isinstance(v, date) else list(v) if isinstance(v, tuple) else v for k, v in values.items()
    }


def speakable(session: Session, today: date) -> list[Article]:
    """What callers may hear today."""
    rows = session.scalars(select(ArticleRow).where(ArticleRow.state.in_([s.value for s in SPEAKABLE])))
    return [article for article in map(from_row, rows) if article.speakable(today)]


def version(session: Session) -> int:
    """Counts up with every change of what may be spoken; 0 before the first."""
    row = session.get(VersionRow, 1)
    return row.number if row else 0


def touch(session: Session) -> None:
    """Running calls shall look again."""
    row = session.get(VersionRow, 1, with_for_update=True)
    if row is None:
        session.add(VersionRow(id=1, number=1))
    else:
        row.number += 1


def save(session: Session, article: Article, by: str, now: datetime) -> Article:
    """Write an article as its next revision; the caller commits."""
    row = session.get(ArticleRow, article.id)
    revision = row.revision + 1 if row else 1
    values = content(article) | {"revision": revision}
    values |= {name: getattr(article, name) for name in ("valid_from", "valid_until", "authorised_until")}
    if row is None:
        session.add(ArticleRow(**values))
        session.flush()
    else:
        for name, value in values.items():
            setattr(row, name, value)
    kept = content(article) | {"revision": revision}
    session.add(RevisionRow(article=article.id, revision=revision, at=now, by=by, content=kept))
    touch(session)
    session.flush()
    return from_row(session.get_one(ArticleRow, article.id))


def load(session: Session, articles: Iterable[Article], by: str) -> int:
    """Save many that are not there yet; returns how many were new."""
    known = set(session.scalars(select(ArticleRow.id)))
    now = datetime.now(UTC).replace(tzinfo=None)
    new = 0
    for article in articles:
        if article.id not in known:
            save(session, article, by, now)
            new += 1
    return new


def load_sample(session: Session) -> int:
    """The sample city's articles; idempotent."""
    return load(session, read_jsonl(SAMPLE), "sample")
