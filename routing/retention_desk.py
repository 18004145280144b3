"""How is what is due erased?  Case by case and call by call, each wholly in a transaction of its own or not at all.

The event that says so (Action.ERASE) is part of the case's chain, which stays verifiable (routing.audit).  A recording
goes before its call is marked: a death in between leaves a call whose recording is looked for once more.  The files of
a case go after it: a death in between leaves files that no case has, and those go a day later.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, delete, select, tuple_, update
from sqlalchemy.orm import Session

from routing import attachments, holds
from routing.case_desk import perform
from routing.cases import Action, NotAllowed, Role, State
from routing.database import writing
from routing.office import Office
from routing.retention import WORDS, Periods, case_due, what_stays
from routing.tables import CallEventRow, CallRow, CaseRow

log = logging.getLogger(__name__)

LOOKED_AT = 500  # in one step
WITHIN = 240.0  # s one run works; what is left waits for the next


@dataclass(slots=True)
class Erased:
    """What a run did; nothing in it tells of a person."""

    cases: int = 0
    calls: int = 0
    recordings: int = 0
    files: int = 0
    held: int = 0


def erase(
    engine: Engine, now: datetime, periods: Periods, recordings: Path, *, office: Office | None = None,
    within: float = WITHIN,
) -> Erased:  # fmt: skip
    """Everything that is due at `now`, as far as the time reaches.  Harmless when it runs again."""
    office, done, end = office or Office(), Erased(), time.monotonic() + within
    for number in _due_cases(engine, now, periods, office):
        if time.monotonic() > end:
            break
        _erase_case(engine, number, now, office, done)
    for call in _due_calls(engine, now, periods):
        if time.monotonic() > end:
            break
        _erase_call(engine, call, now, recordings, done)
    if office.files is not None:
        with Session(engine) as session:
            done.files += attachments.remove_unknown(session, office.files, office.files.old(attachments.UNKNOWN_FOR))
    log.info("what was due was erased", extra=asdict(done))
    return done


def _due_cases(engine: Engine, now: datetime, periods: Periods, office: Office) -> Iterator[str]:
    after: tuple[datetime, str] | None = None
    leaves = office.catalogue.leaves
    while True:
        wanted = (
            select(CaseRow.closed, CaseRow.number, CaseRow.kind, CaseRow.matter)
            .where(CaseRow.erased.is_(None), CaseRow.state == State.ARCHIVED,
                   CaseRow.closed <= now - periods.shortest_case)
            .order_by(CaseRow.closed, CaseRow.number)
            .limit(LOOKED_AT)
        )  # fmt: skip
        if after is not None:
            wanted = wanted.where(CaseRow.closed >= after[0], tuple_(CaseRow.closed, CaseRow.number) > tuple_(*after))
        with Session(engine) as session:
            rows = session.execute(wanted).all()
        for closed, number, kind, matter in rows:
            assert closed is not None  # the query asks for none without
            after = (closed, number)
            if case_due(kind, leaves[matter].top if matter in leaves else "", closed, now, periods):
                yield number
        if len(rows) < LOOKED_AT:
            return


def _erase_case(engine: Engine, number: str, now: datetime, office: Office, done: Erased) -> None:
    try:
        with writing(engine) as session:
            perform(session, number, Action.ERASE, now, actor="timetable", role=Role.SYSTEM, office=office)
            if office.files is not None:
                done.files += attachments.remove_unknown(session, office.files, attachments.names(session, number))
        done.cases += 1
    except NotAllowed:  # held, or no longer archived
        done.held += 1


def _due_calls(engine: Engine, now: datetime, periods: Periods) -> Iterator[str]:
    after: tuple[datetime, str] | None = None
    while True:
        wanted = (
            select(CallRow.ended, CallRow.id)
            .where(CallRow.erased.is_(None), CallRow.ended.is_not(None), CallRow.ended <= now - periods.calls)
            .order_by(CallRow.ended, CallRow.id)
            .limit(LOOKED_AT)
        )
        if after is not None:
            wanted = wanted.where(CallRow.ended >= after[0], tuple_(CallRow.ended, CallRow.id) > tuple_(*after))
        with Session(engine) as session:
            rows = [(ended, call) for ended, call in session.execute(wanted) if ended is not None]
        for ended, call in rows:
            after = (ended, call)
            yield call
        if len(rows) < LOOKED_AT:
            return


def _erase_call(engine: Engine, call: str, now: datetime, recordings: Path, done: Erased) -> None:
    with writing(engine) as session, session.begin():
        # A write first: a hold that is being set waits for this, or this for it.
        session.execute(update(CallRow).where(CallRow.id == call).values(id=CallRow.id))
        if holds.call_held(session, call):
            done.held += 1
            return
        file = recordings / f"{Path(call).name}.wav"
        done.recordings += file.exists()
        file.unlink(missing_ok=True)
        session.execute(delete(CallEventRow).where(CallEventRow.call == call, CallEventRow.kind.in_(WORDS)))
        for event in session.scalars(select(CallEventRow).where(CallEventRow.call == call)):
            event.data = what_stays(event.data)
        session.execute(update(CallRow).where(CallRow.id == call).values(caller="", erased=now))
    done.calls += 1
