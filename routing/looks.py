"""Who looked at a case, and what for?  Kept with every look (routing.case_views); asked by inspectors and citizens."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from routing.cases import Action
from routing.tables import CaseEventRow, CaseViewRow

PAGE = 100  # looks in one answer


@dataclass(frozen=True, slots=True)
class Look:
    """`actor` is an account, or `key:N` for the API key N; `number` counts the looks of the whole hotline."""

    number: int
    case: str
    at: datetime
    actor: str
    purpose: str


def looks_at(session: Session, case: str) -> list[Look]:
    """Every look at a case, oldest first."""
    wanted = select(CaseViewRow).where(CaseViewRow.case == case).order_by(CaseViewRow.id)
    return [_look(row) for row in session.scalars(wanted)]


def looks_of(session: Session, actor: str, *, before: int | None = None, limit: int = PAGE) -> list[Look]:
    """What somebody looked at, newest first; `before` is the number of the last look of the page before."""
    wanted = select(CaseViewRow).where(CaseViewRow.actor == actor).order_by(CaseViewRow.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(CaseViewRow.id < before)
    return [_look(row) for row in session.scalars(wanted)]


def deeds_on(session: Session, case: str) -> list[tuple[datetime, str, Action]]:
    """What was done to a case: when, by whom, what; oldest first."""
    wanted = select(CaseEventRow.at, CaseEventRow.actor, CaseEventRow.action).where(CaseEventRow.case == case)
    return [(at, actor, Action(action)) for at, actor, action in session.execute(wanted.order_by(CaseEventRow.version))]


def _look(row: CaseViewRow) -> Look:
    return Look(row.id, row.case, row.at, row.actor, row.purpose)
