"""How does a whole file of drafts come before callers?  Another editor releases all of it, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import desk, gate_book, store
from kb.article import State
from kb.desk import Actor, local_day
from kb.editing import Action, NotAllowed, flaws
from kb.gate import Kind
from kb.store import from_row
from kb.tables import ArticleRow, StepRow

AT_MOST = 500  # articles released together: 4 s of one transaction on a busy two-core machine (2026-11)
STEPS = (Action.SUBMIT, Action.APPROVE_FOR_UNIT, Action.PUBLISH)


@dataclass(frozen=True, slots=True)
class Batch:
    """What is left of a file that nobody has worked on since it came in."""

    articles: tuple[str, ...]
    unfit: tuple[tuple[str, str], ...]  # id and what keeps it from being heard
    thefts: tuple[tuple[str, str], ...]  # question and the article that would take it
    tried: bool  # every gate has been asked against the knowledge as it is
    asked: int  # questions of a running trial, and how far it is
    done: int


def rows(session: Session, load: int) -> list[ArticleRow]:
    """Drafts as the file left them, by id."""
    mine = StepRow.given["import"].as_string() == str(load)
    wanted = (
        select(ArticleRow)
        .join(StepRow, (StepRow.article == ArticleRow.id) & (StepRow.revision == ArticleRow.revision))
        .where(mine, ArticleRow.state == State.DRAFT.value)
        .order_by(ArticleRow.id)
        .limit(AT_MOST + 1)
    )
    return list(session.scalars(wanted))


def batch(session: Session, load: int, now: datetime) -> Batch:
    """What a release would do."""
    found = rows(session, load)
    unfit = [(r.id, "；".join(f.zh for f in wrong)) for r in found if (wrong := flaws(from_row(r), local_day(now)))]
    verdicts = [gate_book.verdict(session, r.id, r.revision) for r in found]
    first = verdicts[0] if verdicts else None
    thefts = [(e.question.text, r.id) for r, v in zip(found, verdicts, strict=True) if v for e in v.of(Kind.STEAL)]
    tried = bool(verdicts) and all(v is not None and v.ready for v in verdicts)
    return Batch(tuple(r.id for r in found), tuple(unfit), tuple(thefts), tried, first.asked if first else 0,
                 first.done if first else 0)  # fmt: skip


def release(session: Session, load: int, actor: Actor, now: datetime, *, basis: str, yes: bool) -> int:
    """Take every draft of the file through both checks and publish it; how many.  All or nothing; the caller commits.

    NotAllowed when one is not fit, was written by the actor, has not been tried, or takes questions without `yes`.
    """
    store.lock(session)
    found = rows(session, load)
    if not found:
        raise NotAllowed("没有可以发布的草稿")
    if len(found) > AT_MOST:
        raise NotAllowed(f"一次最多发布 {AT_MOST} 条, 请分成几个文件")
    _every_gate(session, found, yes)
    for row in found:
        for action in STEPS:
            desk.perform(session, row.id, action, actor, now, version=None, given={"basis": basis}, tried=True)
    return len(found)


def _every_gate(session: Session, found: Sequence[ArticleRow], yes: bool) -> None:
    for row in found:
        problem = gate_book.in_the_way(session, row.id, row.revision, yes=yes)
        if problem:
            raise NotAllowed(f"{row.question}: {problem}")
