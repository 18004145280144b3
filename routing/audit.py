"""Has anybody changed the history of a case?  Each event carries the hash of itself and of the one before it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from routing.tables import CaseEventRow, CaseRow

NOTHING_BEFORE = "0" * 64
BATCH = 1000


def digest(
    previous: str, case: str, version: int, at: datetime, action: str, who: tuple[str, str], way: tuple[str, str],
    data: dict[str, Any],
) -> str:  # fmt: skip
    """SHA-256 over a canonical form of the event and the hash before it."""
    content = [previous, case, version, at.astimezone(UTC).isoformat(), action, *who, *way, data]
    canonical = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def wrong_events(session: Session) -> Iterator[str]:
    """One sentence for every break: a changed, missing or foreign event, or a case that is not what its events say."""
    known: dict[str, tuple[int, str, str]] = {}
    wanted = select(CaseEventRow).order_by(CaseEventRow.case, CaseEventRow.version)
    for e in session.scalars(wanted.execution_options(yield_per=BATCH)):
        version, previous, state = known.get(e.case, (0, NOTHING_BEFORE, "draft"))
        if e.version != version + 1:
            yield f"case {e.case}: event {version + 1} is missing"
        made = digest(previous, e.case, e.version, e.at, e.action, (e.actor, e.role), (e.before, e.after), e.data)
        if e.previous_hash != previous or e.hash != made or e.before != state:
            yield f"case {e.case}: event {e.version} is not what was written"
        known[e.case] = (e.version, e.hash, e.after)
    for number, version, state in session.execute(select(CaseRow.number, CaseRow.version, CaseRow.state)):
        last = known.pop(number, (0, "", ""))
        if (last[0], last[2]) != (version, state):
            yield f"case {number} is {state} at version {version}; its events say {last[2] or 'nothing'} at {last[0]}"
    for number in known:
        yield f"case {number} is missing; its events are there"
