"""What were callers asking, and what became of it?  Kept without long digits, counted by day and by article."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from kb.desk import HERE
from kb.tables import ArticleRow, AskedRow

LONG_DIGITS = re.compile(r"[\d零一二三四五六七八九幺]{6,}")  # telephone and identity numbers, as figures or as said
LONGEST = 200  # characters kept of one question
KEPT = timedelta(days=365)  # as long as a call's recording may be kept


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of one call.  `article` was said; `rejected`: the caller said that was wrong."""

    call: str
    turn: int
    at: datetime
    text: str
    decision: str  # answer, clarify, unknown
    article: str | None = None
    rejected: bool = False

    @property
    def missed(self) -> bool:
        return self.article is None or self.rejected


def blotted(text: str) -> str:
    """Without what could name a person."""
    return LONG_DIGITS.sub("〇", " ".join(text.split()))[:LONGEST]


def keep(session: Session, questions: Iterable[Asked]) -> int:
    """How many were new; again does no harm.  The caller commits."""
    listed = list(questions)
    calls = sorted({q.call for q in listed})
    known: set[tuple[str, int]] = set()
    for start in range(0, len(calls), 500):
        rows = session.execute(
            select(AskedRow.call, AskedRow.turn).where(AskedRow.call.in_(calls[start : start + 500]))
        )
        known |= {(row[0], row[1]) for row in rows}
    new = [q for q in listed if (q.call, q.turn) not in known]
    session.add_all(
        AskedRow(
            call=q.call, turn=q.turn, at=q.at, text=blotted(q.text), decision=q.decision, article=q.article,
            rejected=q.rejected,
        )
        for q in new
    )  # fmt: skip
    session.flush()
    return len(new)


def newest(session: Session) -> datetime | None:
    """When the last question that is kept was asked."""
    return session.scalar(select(func.max(AskedRow.at)))


def forget(session: Session, now: datetime) -> int:
    """Delete what is older than may be kept; how many.  The caller commits."""
    old = AskedRow.at < now - KEPT
    count = session.scalar(select(func.count()).select_from(AskedRow).where(old)) or 0
    if count:
        session.execute(delete(AskedRow).where(old))
    return count


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    answered: int
    missed: int


def by_day(session: Session, last: date, days: int) -> list[Day]:
    """Oldest first, days in the city's time, every day there."""
    counted = []
    right = case((AskedRow.article.is_not(None) & AskedRow.rejected.is_(False), 1), else_=0)
    for back in range(days - 1, -1, -1):
        day = last - timedelta(days=back)
        begin = datetime.combine(day, time(0), HERE).astimezone(UTC)
        wanted = select(func.count(), func.coalesce(func.sum(right), 0)).where(
            AskedRow.at >= begin, AskedRow.at < begin + timedelta(days=1)
        )
        total, answered = session.execute(wanted).one()
        counted.append(Day(day, int(answered), int(total) - int(answered)))
    return counted


@dataclass(frozen=True, slots=True)
class Use:
    """How often an article was said since some day, and how often that was wrong."""

    article: str
    question: str
    owner: str
    said: int
    rejected: int


def most_said(session: Session, since: datetime, most: int = 30) -> list[Use]:
    rejected = func.sum(case((AskedRow.rejected.is_(True), 1), else_=0))
    wanted = (
        select(ArticleRow.id, ArticleRow.question, ArticleRow.owner, func.count().label("said"), rejected)
        .join(AskedRow, AskedRow.article == ArticleRow.id)
        .where(AskedRow.at >= since)
        .group_by(ArticleRow.id, ArticleRow.question, ArticleRow.owner)
        .order_by(func.count().desc(), ArticleRow.id)
    )
    return [Use(r[0], r[1], r[2], int(r[3]), int(r[4])) for r in session.execute(wanted.limit(most))]


def never_said(session: Session, since: datetime, most: int = 50) -> tuple[list[Use], int]:
    """Published articles nobody has heard since then, and how many there are."""
    said = select(AskedRow.article).where(AskedRow.at >= since, AskedRow.article.is_not(None))
    where = (ArticleRow.live.is_not(None), ArticleRow.id.not_in(said))
    count = session.scalar(select(func.count()).select_from(ArticleRow).where(*where)) or 0
    rows = session.execute(
        select(ArticleRow.id, ArticleRow.question, ArticleRow.owner).where(*where).order_by(ArticleRow.id).limit(most)
    )
    return [Use(r[0], r[1], r[2], 0, 0) for r in rows], count
