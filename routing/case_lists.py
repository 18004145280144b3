"""Which cases are in a list, and which does a search find?  The hotline's all, a unit's own; never a number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from routing import case_search, cases
from routing.cases import State
from routing.numbers import without_numbers
from routing.tables import CaseRow, CaseUnitRow

PAGE = 50  # cases in one list
SHORTEST_NUMBER = 6  # digits; from here on digits are a number (of a case: its beginning), not a word


@dataclass(frozen=True, slots=True)
class CaseBrief:
    """One line of a list; nothing of the citizen."""

    number: str
    version: int
    state: State
    title: str
    matter: str
    district: str | None
    community: str | None
    urgency: str
    lead: str | None
    part: str  # lead, assist, or "" in the hotline's own lists
    opened: datetime
    sign_by: datetime | None
    due: datetime | None
    reminded: int
    escalated: int
    attention: bool

    def overdue(self, now: datetime) -> bool:
        return self.due is not None and self.state in cases.UNIT_CLOCK and self.due < now


def unit_list(
    session: Session, unit: str, *, states: Sequence[State] = (), after: str | None = None, limit: int = PAGE
) -> list[CaseBrief]:
    """What a unit leads or assists in, newest first; `after` is the last number of the page before."""
    own = select(CaseUnitRow.case, CaseUnitRow.part).where(CaseUnitRow.unit == unit)
    if states:
        # Asked case by case: no planner has to guess which states a unit's open cases are in.
        state = select(CaseRow.state).where(CaseRow.number == CaseUnitRow.case).correlate(CaseUnitRow).scalar_subquery()
        running = {state in cases.OPEN for state in states}
        if running == {False}:
            # Most of the unit's cases, so it is said by the others: PostgreSQL reads them all to find "some".
            others = sorted({*State} - {*cases.OPEN, *states})
            own = own.where(CaseUnitRow.running.is_(False), state.not_in(others))
        else:
            own = own.where(state.in_(states))
            if running == {True}:
                own = own.where(CaseUnitRow.running.is_(True))
    if after:
        own = own.where(CaseUnitRow.case < after)
    # The page first, then its cases: joined before the limit, PostgreSQL walks through everybody's cases at times.
    page = own.order_by(CaseUnitRow.case.desc()).limit(limit).subquery()
    wanted = select(CaseRow, page.c.part).join(page, CaseRow.number == page.c.case).order_by(CaseRow.number.desc())
    return [brief_of(row, part, hide=True) for row, part in session.execute(wanted)]


def hotline_list(
    session: Session,
    *,
    states: Sequence[State] = (),
    call: str | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> list[CaseBrief]:
    """All cases, newest first; of one call when `call` is given.  State.UNDIRECTED is the dispatcher's queue."""
    wanted = select(CaseRow).order_by(CaseRow.number.desc()).limit(limit)
    if states:
        # A page of each state, then the newest of them: no planner has to guess how rare a state is.
        wanted = wanted.where(CaseRow.number.in_(union_all(*(_numbers(state, call, after, limit) for state in states))))
    if call is not None:
        wanted = wanted.where(CaseRow.call == call)
    if after:
        wanted = wanted.where(CaseRow.number < after)
    return [brief_of(row, "") for row in session.scalars(wanted)]


def _numbers(state: State, call: str | None, after: str | None, limit: int) -> Select[tuple[str]]:
    wanted = select(CaseRow.number).where(CaseRow.state == state)
    if call is not None:
        wanted = wanted.where(CaseRow.call == call)
    if after:
        wanted = wanted.where(CaseRow.number < after)
    newest = wanted.order_by(CaseRow.number.desc()).limit(limit).subquery()
    return select(newest.c.number)


def search(
    session: Session, words: str, *, unit: str | None = None, after: str | None = None, limit: int = PAGE
) -> list[CaseBrief]:
    """Cases by number (or its beginning), by contact, or by words of title, text and place; newest first.

    A unit finds its own cases only, and none by a telephone number.  TooShort when there is nothing to look for.
    """
    digits = re.sub(r"[\s-]", "", words)
    if digits.isascii() and digits.isdigit() and len(digits) >= SHORTEST_NUMBER:
        numbers = _by_digits(session, digits, unit, after, limit)
    else:
        numbers = case_search.find(session, without_numbers(words, " "), limit, unit=unit, after=after)
    if unit is None:
        found = session.scalars(select(CaseRow).where(CaseRow.number.in_(numbers)).order_by(CaseRow.number.desc()))
        return [brief_of(row, "") for row in found]
    own = (
        select(CaseRow, CaseUnitRow.part)
        .join(CaseUnitRow, CaseUnitRow.case == CaseRow.number)
        .where(CaseUnitRow.unit == unit, CaseUnitRow.case.in_(numbers))
        .order_by(CaseRow.number.desc())
    )
    return [brief_of(row, part, hide=True) for row, part in session.execute(own)]


def _by_digits(session: Session, digits: str, unit: str | None, after: str | None, limit: int) -> list[str]:
    """Numbers of cases that begin so, else of the hotline's cases with this contact."""
    before = digits + "~" if after is None else min(after, digits + "~")
    if unit is None:
        begins = select(CaseRow.number).where(CaseRow.number >= digits, CaseRow.number < before)
        begins = begins.order_by(CaseRow.number.desc())
    else:
        begins = select(CaseUnitRow.case).where(CaseUnitRow.unit == unit)
        begins = begins.where(CaseUnitRow.case >= digits, CaseUnitRow.case < before).order_by(CaseUnitRow.case.desc())
    found = list(session.scalars(begins.limit(limit)))
    if found or unit is not None:
        return found
    same = select(CaseRow.number).where(CaseRow.contact == digits)
    if after:
        same = same.where(CaseRow.number < after)
    return list(session.scalars(same.order_by(CaseRow.number.desc()).limit(limit)))


def brief_of(row: CaseRow, part: str, *, hide: bool = False) -> CaseBrief:
    title = without_numbers(row.title) if hide else row.title
    return CaseBrief(
        row.number, row.version, State(row.state), title, row.matter, row.district, row.community, row.urgency,
        row.lead, part, row.opened, row.sign_by, row.due, row.reminded, row.escalated, row.attention,
    )  # fmt: skip
