"""What did operators report as wrong, who must answer it by when, and who was reminded of what?"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kb.article import State
from kb.desk import Actor, NoSuchArticle, local_day
from kb.editing import NotAllowed, Role
from kb.tables import ArticleRow, NoticeRow, RemarkRow

LONGEST = 500  # characters of a remark or its answer
SOON = timedelta(days=14)  # before a review, an end or an authority's end

KINDS_ZH = {
    "review_due": "复审已到期",
    "review_soon": "即将到复审日期",
    "ends_soon": "即将失效",
    "ended": "已失效",
    "authority_soon": "部门授权即将到期",
    "authority_ended": "部门授权已到期, 不再播报",
    "remark": "话务员报告答案有误",
    "remark_overdue": "错误报告超过答复时限",
}


@dataclass(frozen=True, slots=True)
class Remark:
    id: int
    article: str
    question: str
    owner: str
    text: str
    call: str | None
    by: str
    at: datetime
    due: datetime
    answer: str | None
    answered_by: str | None
    answered_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        return self.answered_at is None and self.due < now


def report(session: Session, article: str, text: str, actor: Actor, now: datetime, due: datetime,
           call: str | None = None) -> int:  # fmt: skip
    """A wrong answer; its number.  The unit that owns the article answers by `due`.  The caller commits."""
    row = session.get(ArticleRow, article)
    if row is None:
        raise NoSuchArticle(article)
    wanted = " ".join(text.split())[:LONGEST]
    if not wanted:
        raise NotAllowed("请写明哪里不对")
    made = RemarkRow(article=article, text=wanted, call=call, by=actor.name, at=now, due=due)
    session.add(made)
    session.flush()
    notify(session, row.owner, article, "remark", f"remark-{made.id}", now)
    return made.id


def answer(session: Session, number: int, text: str, actor: Actor, now: datetime) -> Remark:
    """By an editor or the unit that owns the article.  The caller commits."""
    row = session.get(RemarkRow, number, with_for_update=True)
    if row is None:
        raise NoSuchArticle(str(number))
    article = session.get_one(ArticleRow, row.article)
    if actor.role is not Role.EDITOR and not (actor.role is Role.UNIT and actor.unit == article.owner):
        raise NotAllowed("您不能答复这个报告")
    if row.answered_at is not None:
        raise NotAllowed("已经答复过")
    wanted = " ".join(text.split())[:LONGEST]
    if not wanted:
        raise NotAllowed("请写明处理结果")
    row.answer, row.answered_by, row.answered_at = wanted, actor.name, now
    session.flush()
    return _remark(row, article)


def _remark(row: RemarkRow, article: ArticleRow) -> Remark:
    return Remark(row.id, row.article, article.question, article.owner, row.text, row.call, row.by, row.at, row.due,
                  row.answer, row.answered_by, row.answered_at)  # fmt: skip


def listed(session: Session, *, owner: str = "", article: str = "", answered: bool = False) -> list[Remark]:
    """The most pressing first."""
    wanted = select(RemarkRow, ArticleRow).join(ArticleRow, ArticleRow.id == RemarkRow.article)
    if owner:
        wanted = wanted.where(ArticleRow.owner == owner)
    if article:
        wanted = wanted.where(RemarkRow.article == article)
    if not answered:
        wanted = wanted.where(RemarkRow.answered_at.is_(None))
    return [_remark(row, a) for row, a in session.execute(wanted.order_by(RemarkRow.due).limit(200))]


@dataclass(frozen=True, slots=True)
class Notice:
    id: int
    article: str
    question: str
    kind: str
    at: datetime


def notify(session: Session, owner: str, article: str, kind: str, about: str, now: datetime) -> bool:
    """Tell the owner once about one thing; whether it was news."""
    known = select(NoticeRow.id).where(NoticeRow.article == article, NoticeRow.kind == kind, NoticeRow.about == about)
    if session.scalar(known) is not None:
        return False
    session.add(NoticeRow(owner=owner, article=article, kind=kind, about=about, at=now))
    session.flush()
    return True


def notices(session: Session, owner: str = "", most: int = 100) -> list[Notice]:
    """What has not been seen yet: a unit's own, or (owner empty) everybody's."""
    wanted = select(NoticeRow, ArticleRow.question).join(ArticleRow, ArticleRow.id == NoticeRow.article)
    if owner:
        wanted = wanted.where(NoticeRow.owner == owner)
    rows = session.execute(wanted.where(NoticeRow.seen_at.is_(None)).order_by(NoticeRow.id.desc()).limit(most))
    return [Notice(row.id, row.article, question, row.kind, row.at) for row, question in rows]


def seen(session: Session, number: int, actor: Actor, now: datetime) -> None:
    """The caller commits."""
    row = session.get(NoticeRow, number)
    if row is not None and row.seen_at is None and (actor.role is Role.EDITOR or actor.unit == row.owner):
        row.seen_by, row.seen_at = actor.name, now


def remind(session: Session, now: datetime) -> int:
    """Tell owners what is due, soon due or over; how many notices were new.  Again does no harm; the caller commits."""
    today = local_day(now)
    new = 0
    near = today + SOON
    a = ArticleRow
    wanted = select(a).where(
        or_(a.live.is_not(None), a.state == State.EXPIRED.value),
        or_(a.review <= near, a.valid_until <= near, a.needs_authority.is_(True) & (a.authorised_until <= near)),
    )
    due = session.scalars(wanted).all()
    told = select(NoticeRow.article, NoticeRow.kind, NoticeRow.about)
    known = {tuple(n) for n in session.execute(told.where(NoticeRow.article.in_(wanted.with_only_columns(a.id))))}
    for row in due:
        for kind, day in _due(row, today):
            if (row.id, kind, day.isoformat()) not in known:
                session.add(NoticeRow(owner=row.owner, article=row.id, kind=kind, about=day.isoformat(), at=now))
                new += 1
    session.flush()
    late = select(RemarkRow, ArticleRow).join(ArticleRow, ArticleRow.id == RemarkRow.article)
    for remark, row in session.execute(late.where(RemarkRow.answered_at.is_(None), RemarkRow.due < now)).all():
        new += notify(session, row.owner, row.id, "remark_overdue", f"remark-{remark.id}", now)
    return new


def _due(row: ArticleRow, today: date) -> list[tuple[str, date]]:
    found = []
    for day, over, soon in (
        (row.review, "review_due", "review_soon"),
        (row.valid_until, "ended", "ends_soon"),
        (row.authorised_until if row.needs_authority else None, "authority_ended", "authority_soon"),
    ):
        if day is not None and day <= today + SOON:
            found.append((over if day < today else soon, day))
    return found


def waiting(session: Session, owner: str = "") -> int:
    """How many unseen notices there are."""
    wanted = select(func.count()).select_from(NoticeRow).where(NoticeRow.seen_at.is_(None))
    return session.scalar(wanted.where(NoticeRow.owner == owner) if owner else wanted) or 0
