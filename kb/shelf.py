"""Which articles does somebody want to see?  Lists with filters and a search over every word."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from kb.article import State
from kb.tables import ArticleRow

PAGE = 50  # articles
WORDS = 6  # of a search that count


@dataclass(frozen=True, slots=True)
class Wanted:
    """Empty fields ask for nothing.  `only` is a key of ONLY; heard: nothing that was never published."""

    words: str = ""
    state: State | None = None
    owner: str = ""
    leaf: str = ""
    only: str = ""
    heard: bool = False


@dataclass(frozen=True, slots=True)
class Brief:
    """A line of the list."""

    id: str
    question: str
    spoken: str
    source: str
    owner: str
    leaf: str
    state: State
    revision: int
    live: int | None
    changed: datetime | None
    valid_from: date | None
    valid_until: date | None
    review: date | None
    needs_authority: bool
    authorised_until: date | None

    def silent(self, today: date) -> str:
        """Why callers do not hear it today; empty when they do."""
        if self.live is None:
            return "未发布" if self.state not in {State.EXPIRED, State.WITHDRAWN} else ""
        if self.valid_from is not None and today < self.valid_from:
            return "未到生效日期"
        if self.valid_until is not None and today > self.valid_until:
            return "已过有效期"
        if self.needs_authority and (self.authorised_until is None or today > self.authorised_until):
            return "授权已过期"
        return ""


BRIEF = [getattr(ArticleRow, name) for name in Brief.__dataclass_fields__]
ONLY = {
    "pending": "修改中",
    "authorised": "部门授权",
    "lapsed": "授权过期",
    "due": "待复审或到期",
    "silent": "不在播报",
}


def _only(what: str, today: date) -> ColumnElement[bool] | None:
    live = ArticleRow.live.is_not(None)
    lapsed = and_(
        ArticleRow.needs_authority.is_(True),
        or_(ArticleRow.authorised_until.is_(None), ArticleRow.authorised_until < today),
    )
    return {
        "pending": and_(live, ArticleRow.live != ArticleRow.revision),
        "authorised": ArticleRow.needs_authority.is_(True),
        "lapsed": lapsed,
        "due": and_(live, or_(ArticleRow.review < today, ArticleRow.valid_until < today)),
        "silent": or_(ArticleRow.live.is_(None), lapsed, ArticleRow.valid_until < today, ArticleRow.valid_from > today),
    }.get(what)


def _where(wanted: Wanted, today: date) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = [
        ArticleRow.searched.contains(word, autoescape=True) for word in wanted.words.lower().split()[:WORDS]
    ]
    if wanted.state is not None:
        parts.append(ArticleRow.state == wanted.state.value)
    if wanted.owner:
        parts.append(ArticleRow.owner == wanted.owner)
    if wanted.leaf:
        parts.append(ArticleRow.leaf.startswith(wanted.leaf, autoescape=True))
    chosen = _only(wanted.only, today)
    if chosen is not None:
        parts.append(chosen)
    if wanted.heard:
        parts.append(or_(ArticleRow.live.is_not(None), ArticleRow.state == State.EXPIRED.value))
    return parts


def _brief(row: Any) -> Brief:
    values = dict(zip(Brief.__dataclass_fields__, row, strict=True))
    return Brief(**(values | {"state": State(values["state"])}))


def find(session: Session, wanted: Wanted, today: date, page: int = 0) -> tuple[list[Brief], int]:
    """One page, last changed first, and how many there are."""
    where = _where(wanted, today)
    count = session.scalar(select(func.count()).select_from(ArticleRow).where(*where)) or 0
    order = (func.coalesce(ArticleRow.changed, date(2000, 1, 1)).desc(), ArticleRow.id)
    rows = session.execute(select(*BRIEF).where(*where).order_by(*order).offset(page * PAGE).limit(PAGE))
    return [_brief(row) for row in rows], count


def owners(session: Session) -> list[str]:
    """Codes of the units that own anything."""
    return sorted(session.scalars(select(ArticleRow.owner).distinct().where(ArticleRow.owner != "")))


def leaves(session: Session) -> list[str]:
    """Classes in use."""
    return sorted(session.scalars(select(ArticleRow.leaf).distinct().where(ArticleRow.leaf != "")))


def counts(session: Session) -> dict[State, int]:
    """How many stand where."""
    rows = session.execute(select(ArticleRow.state, func.count()).group_by(ArticleRow.state)).all()
    return {State(state): number for state, number in rows}


def questions(session: Session, articles: list[str]) -> dict[str, str]:
    """id -> question, of those that exist."""
    rows = session.execute(select(ArticleRow.id, ArticleRow.question).where(ArticleRow.id.in_(articles[:500])))
    return {row[0]: row[1] for row in rows}
