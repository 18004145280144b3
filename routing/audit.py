"""Has anybody changed the history of a case?  Each event carries the hash of itself and of the one before it.

The hash covers a seal of what was said with the event (salted, so that nobody can guess a telephone number from it)
instead of the words.  So the words and the salt can be erased when their time is over and the chain still holds; an
erasure counts only when an event of its own says so.  Events from before there were seals are hashed over their words:
once those are erased, such an event is held by its place in the chain alone.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from routing.tables import CaseEventRow, CaseRow

NOTHING_BEFORE = "0" * 64
ERASE = "erase"  # the action that says that the words of all events before it were taken out
CANONICAL = json.JSONEncoder(ensure_ascii=True, sort_keys=True, separators=(",", ":"))
BATCH = 1000


def digest(
    previous: str, case: str, version: int, at: datetime, action: str, who: tuple[str, str], way: tuple[str, str],
    data: dict[str, Any],
) -> str:  # fmt: skip
    """SHA-256 over a canonical form of the event and the hash before it."""
    content = [previous, case, version, at.astimezone(UTC).isoformat(), action, *who, *way, data]
    return hashlib.sha256(CANONICAL.encode(content).encode()).hexdigest()


def seal(salt: str, data: dict[str, Any]) -> str:
    """SHA-256 over what was said with an event; without the salt nothing can be learned from it."""
    return hashlib.sha256(CANONICAL.encode([salt, data]).encode()).hexdigest()


def _as_written(e: CaseEventRow, previous: str, erased: int) -> bool:
    """Whether the event is what was written; `erased`: the event up to which the case's words were taken out."""
    words_gone = e.version < erased
    if words_gone and (e.data or e.salt):
        return False
    if e.previous_hash != previous:
        return False
    if words_gone and not e.sealed:
        return True
    if e.sealed and not words_gone and e.sealed != seal(e.salt, e.data):
        return False
    covered = {"sealed": e.sealed} if e.sealed else e.data
    made = digest(previous, e.case, e.version, e.at, e.action, (e.actor, e.role), (e.before, e.after), covered)
    return e.hash == made


def wrong_events(session: Session, number: str | None = None) -> Iterator[str]:
    """One sentence for every break: a changed, missing or foreign event, or a case that is not what its events say.

    Of one case when its number is given, else of all.
    """
    known: dict[str, tuple[int, str]] = {}
    wanted = select(CaseEventRow).order_by(CaseEventRow.case, CaseEventRow.version)
    stand = select(CaseRow.number, CaseRow.version, CaseRow.state)
    if number is not None:
        wanted, stand = wanted.where(CaseEventRow.case == number), stand.where(CaseRow.number == number)
    rows = session.scalars(wanted.execution_options(yield_per=BATCH))
    for case, group in groupby(rows, lambda e: e.case):
        events = list(group)
        erased = max((e.version for e in events if e.action == ERASE), default=0)
        version, previous, state = 0, NOTHING_BEFORE, "draft"
        for e in events:
            if e.version != version + 1:
                yield f"case {case}: event {version + 1} is missing"
            if not _as_written(e, previous, erased) or e.before != state:
                yield f"case {case}: event {e.version} is not what was written"
            version, previous, state = e.version, e.hash, e.after
        known[case] = (version, state)
    for case, version, state in session.execute(stand):
        last = known.pop(case, (0, ""))
        if last != (version, state):
            yield f"case {case} is {state} at version {version}; its events say {last[1] or 'nothing'} at {last[0]}"
    for case in known:
        yield f"case {case} is missing; its events are there"
