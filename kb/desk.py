"""What is done with articles, step by step?  Synchronous, over a session; the caller commits."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb import misses, store
from kb.article import SPEAKABLE, Article, State
from kb.editing import NEEDS_ZH, Action, Facts, Flaw, NotAllowed, Role, Step, allowed, choices, flaws
from kb.gate_book import in_the_way
from kb.store import from_content, from_row
from kb.tables import ArticleRow, RevisionRow, StepRow

HEARD_CHANGES = {Action.PUBLISH, Action.WITHDRAW, Action.EXPIRE, Action.CONFIRM, Action.DISCARD}
MOST_WORDINGS = 200  # of one article
HERE = ZoneInfo("Asia/Shanghai")


def local_day(now: datetime) -> date:
    """The day in the city: what validity is counted in."""
    return now.astimezone(HERE).date()


class NoSuchArticle(LookupError):
    """There is no article of that id."""


class Conflict(Exception):
    """Somebody was faster: the article has moved on since the form was opened."""


class NotFit(NotAllowed):
    """The article may not be heard as it is; `flaws` says why."""

    def __init__(self, found: list[Flaw]) -> None:
        super().__init__("；".join(flaw.zh for flaw in found))
        self.flaws = found


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and for which unit."""

    name: str
    role: Role
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An article as its page shows it."""

    article: Article
    version: int
    live: int | None
    writers: tuple[str, ...]
    changed: datetime | None

    @property
    def pending(self) -> bool:
        """Callers hear an earlier revision than the one worked on."""
        return self.live is not None and self.live != self.article.revision


@dataclass(frozen=True, slots=True)
class Revision:
    number: int
    at: datetime
    by: str
    article: Article


def _standing(row: ArticleRow) -> Standing:
    return Standing(from_row(row), row.version, row.live, tuple(row.writers), row.changed)


def standing(session: Session, article: str) -> Standing:
    """NoSuchArticle when there is none."""
    row = session.get(ArticleRow, article)
    if row is None:
        raise NoSuchArticle(article)
    return _standing(row)


def facts(at: Standing, actor: Actor) -> Facts:
    owns = actor.unit is not None and actor.unit == at.article.owner
    return Facts(owns=owns, actor=actor.name, writers=at.writers, live=at.live is not None)


def offered(at: Standing, actor: Actor) -> list[Action]:
    """The buttons of somebody's page."""
    return choices(at.article.state, actor.role, facts(at, actor))


def create(session: Session, article: Article, actor: Actor, now: datetime) -> Standing:
    """A new draft under a number of its own."""
    if actor.role is Role.UNIT:
        article = replace(article, owner=actor.unit or "")
    elif actor.role is not Role.EDITOR:
        raise NotAllowed("您不能新建条目")
    store.lock(session)
    today = f"{local_day(now):%y%m%d}"
    taken = session.scalar(select(func.max(ArticleRow.id)).where(ArticleRow.id.like(f"{today}____"))) or f"{today}0000"
    made = replace(article, id=f"{int(taken) + 1}", revision=1, state=State.DRAFT)
    row = ArticleRow(**store.columns(made), live=None, version=1, writers=[actor.name], changed=now)
    session.add(row)
    session.flush()
    _keep(session, made, actor, now)
    _note(session, row, Action.SAVE, actor, now, State.DRAFT, {})
    return _standing(row)


def perform(
    session: Session,
    article: str,
    action: Action,
    actor: Actor,
    now: datetime,
    *,
    version: int | None,
    given: Mapping[str, str] | None = None,
    changed: Article | None = None,
    tried: bool = False,
) -> Standing:
    """One step of LIFE.  NotAllowed, NotFit, Conflict (version is not the article's), NoSuchArticle.

    given: what the step needs, and `yes` where an editor agrees to what publishing takes from other articles.
    changed: the article as it shall be, for SAVE.  version None: whatever it is now.
    tried: the caller has asked the gate itself, under store.lock.
    """
    row = session.get(ArticleRow, article, with_for_update=True, populate_existing=True)
    if row is None:
        raise NoSuchArticle(article)
    before = _standing(row)
    if version is not None and row.version != version:
        raise Conflict(article)
    step = allowed(before.article.state, action, actor.role, facts(before, actor))
    wanted = {name: str((given or {}).get(name, "")).strip() for name in step.needs}
    missing = [NEEDS_ZH[name] for name, value in wanted.items() if not value]
    if missing:
        raise NotAllowed(f"请填写{'、'.join(missing)}")
    after = _changed(session, before, action, actor, wanted, changed)
    if step.complete and (found := flaws(after, local_day(now))):
        raise NotFit(found)
    if action is Action.PUBLISH and not tried:
        store.lock(session)  # two who publish at once: the second's check has become stale
        problem = in_the_way(session, row.id, row.revision, yes=bool((given or {}).get("yes")))
        if problem:
            raise NotAllowed(problem)
    _write(session, row, before, after, action, step, actor, now)
    _note(session, row, action, actor, now, before.article.state, wanted)
    if action is Action.PUBLISH:
        misses.answered_by(session, row.id)
    if action in HEARD_CHANGES and (before.live is not None or row.live is not None):
        store.touch(session)
    session.flush()
    return _standing(row)


def _changed(
    session: Session, before: Standing, action: Action, actor: Actor, wanted: Mapping[str, str], changed: Article | None
) -> Article:
    """The article's content after the step."""
    head = before.article
    match action:
        case Action.SAVE:
            assert changed is not None
            owner = head.owner if actor.role is Role.UNIT else changed.owner
            return replace(changed, id=head.id, revision=head.revision, state=head.state, owner=owner)
        case Action.ADD_WORDING:
            return with_wording(head, wanted["wording"])
        case Action.CONFIRM:
            try:
                return replace(head, review=date.fromisoformat(wanted["review"]))
            except ValueError:
                raise NotAllowed("复审日期请写成 2026-01-31") from None
        case Action.DISCARD:
            assert before.live is not None
            return revision(session, head.id, before.live).article
    return head


def with_wording(article: Article, wording: str) -> Article:
    """NotAllowed when it has it already, or far too many."""
    words = " ".join(wording.split())[:120]
    if words in article.wordings():
        raise NotAllowed("这个条目已经有这个问法")
    if len(article.phrasings) >= MOST_WORDINGS:
        raise NotAllowed("这个条目的问法已经太多")
    return replace(article, phrasings=(*article.phrasings, words))


def _write(
    session: Session, row: ArticleRow, before: Standing, after: Article, action: Action, step: Step, actor: Actor,
    now: datetime,
) -> None:  # fmt: skip
    same = replace(after, state=before.article.state, revision=before.article.revision) == before.article
    made = replace(after, state=step.to, revision=row.revision + (0 if same else 1))
    for name, value in store.columns(made).items():
        setattr(row, name, value)
    row.version += 1
    row.changed = now
    if not same:
        _keep(session, made, actor, now)
    if action in {Action.SAVE, Action.ADD_WORDING}:
        row.writers = [*dict.fromkeys([*before.writers, actor.name])]
    if step.to is State.PUBLISHED:
        row.writers = []
    if action in {Action.PUBLISH, Action.CONFIRM, Action.DISCARD}:
        row.live = row.revision
    elif action in {Action.WITHDRAW, Action.EXPIRE}:
        row.live = None


def _keep(session: Session, article: Article, actor: Actor, now: datetime) -> None:
    session.add(
        RevisionRow(
            article=article.id, revision=article.revision, at=now, by=actor.name, content=store.content(article)
        )
    )


def _note(
    session: Session, row: ArticleRow, action: Action, actor: Actor, now: datetime, before: State,
    given: Mapping[str, Any],
) -> None:  # fmt: skip
    session.add(
        StepRow(
            article=row.id, revision=row.revision, at=now, by=actor.name, role=actor.role.value, action=action.value,
            before=before.value, after=row.state, given=dict(given),
        )
    )  # fmt: skip


def revision(session: Session, article: str, number: int) -> Revision:
    kept = session.get(RevisionRow, (article, number))
    if kept is None:
        raise NoSuchArticle(f"{article}/{number}")
    return Revision(kept.revision, kept.at, kept.by, from_content(kept.content))


def revisions(session: Session, article: str) -> list[Revision]:
    """Newest first."""
    rows = session.scalars(
        select(RevisionRow).where(RevisionRow.article == article).order_by(RevisionRow.revision.desc())
    )
    return [Revision(r.revision, r.at, r.by, from_content(r.content)) for r in rows]


def restore(session: Session, article: str, number: int, actor: Actor, now: datetime, *, version: int) -> Standing:
    """An earlier revision's content as a new draft."""
    wanted = revision(session, article, number).article
    return perform(session, article, Action.SAVE, actor, now, version=version, changed=wanted)


def steps(session: Session, article: str) -> list[StepRow]:
    """What was done with it, newest first."""
    wanted = select(StepRow).where(StepRow.article == article).order_by(StepRow.id.desc())
    return list(session.scalars(wanted.limit(200)))


def on_time(session: Session, now: datetime) -> int:
    """Let what has lapsed expire, and what is to be looked at again fall due; how many steps.  Again does no harm."""
    today, clock, done = local_day(now), Actor("timetable", Role.TIMETABLE), 0
    whole = ArticleRow.live == ArticleRow.revision
    for article in session.scalars(select(ArticleRow.id).where(whole, ArticleRow.valid_until < today)).all():
        perform(session, article, Action.EXPIRE, clock, now, version=None)
        done += 1
    for row in session.scalars(select(ArticleRow).where(ArticleRow.live != ArticleRow.revision)).all():
        assert row.live is not None
        until = revision(session, row.id, row.live).article.valid_until
        if until is not None and until < today:
            perform(session, row.id, Action.EXPIRE, clock, now, version=None)
            done += 1
    due = select(ArticleRow.id).where(ArticleRow.state == State.PUBLISHED.value, ArticleRow.review < today)
    for article in session.scalars(due).all():
        perform(session, article, Action.FALL_DUE, clock, now, version=None)
        done += 1
    return done


def heard(session: Session, article: str, today: date) -> Article | None:
    """What a caller hears of it today; None when nothing."""
    row = session.get(ArticleRow, article)
    if row is None or row.live is None:
        return None
    found = from_row(row) if row.live == row.revision else revision(session, article, row.live).article
    found = replace(found, state=State(row.state) if State(row.state) in SPEAKABLE else State.PUBLISHED)
    return found if found.speakable(today) else None
