"""What happened in a call?  Facts go in, in any order and as often as they like; a whole record comes out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from routing.tables import CallEventRow, CallRow

# From weakest to strongest: what the strongest witness says about the end of a call counts.
OUTCOMES = ("failed", "hangup", "answer", "operator", "emergency")
# Facts of a call that served its purpose without a person.
ANSWERS = ("answered_by_robot", "told_progress", "told_incident", "asked_after")
LOST = "lost"  # the cause of an end that nobody saw
BATCH = 200  # calls read at a time


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One fact.  `seq` counts within the process that saw it; `at` is aware UTC."""

    call: str
    seq: int
    at: datetime
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """One sentence of the conversation and what was decided upon it."""

    at: datetime
    who: str  # caller or robot
    text: str
    alternatives: tuple[str, ...] = ()
    confidences: tuple[float, ...] = ()  # of each alternative, 0..1
    ms: int | None = None  # from the end of the caller's speech to the decision that the turn was over
    decisions: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class CallRecord:
    """A call as it is remembered.  `outcome` is None while it runs, then one of OUTCOMES."""

    id: str
    caller: str
    arrived: datetime
    ended: datetime | None
    outcome: str | None
    article: str | None
    operator: str | None
    turns: tuple[Turn, ...]
    events: tuple[CallEvent, ...]


def apply(session: Session, event: CallEvent) -> bool:
    """Keep one fact and what follows from it; False when it was known.  The caller commits."""
    values = {"call": event.call, "seq": event.seq, "at": event.at, "kind": event.kind, "data": event.data}
    postgresql = session.get_bind().dialect.name == "postgresql"
    first = {"id": event.call, "caller": "", "arrived": event.at}
    if postgresql:
        session.execute(postgresql_insert(CallRow).values(first).on_conflict_do_nothing())
        kept = session.execute(
            postgresql_insert(CallEventRow).values(values).on_conflict_do_nothing().returning(CallEventRow.id)
        )
    else:
        session.execute(sqlite_insert(CallRow).values(first).on_conflict_do_nothing())
        kept = session.execute(
            sqlite_insert(CallEventRow).values(values).on_conflict_do_nothing().returning(CallEventRow.id)
        )
    if kept.scalar_one_or_none() is None:
        return False
    # Two processes tell about one call; the row is locked so that neither overwrites what the other knows.
    row = session.execute(select(CallRow).where(CallRow.id == event.call).with_for_update()).scalar_one()
    _add_up(session, row, event)
    session.flush()
    return True


def _add_up(session: Session, row: CallRow, event: CallEvent) -> None:
    row.arrived = min(row.arrived, event.at)
    data = event.data
    match event.kind:
        case "arrived":
            row.caller = str(data.get("caller") or row.caller)
        case "answered_by_robot":
            row.article = str(data["article"]) if data.get("article") else row.article
        case "answered":
            row.operator = str(data["operator"]) if data.get("operator") else row.operator
    if row.ended is not None or event.kind == "ended":
        events = _events(session, row.id)
        row.ended = end(events)
        row.outcome = outcome(events)


def end(events: Sequence[CallEvent]) -> datetime | None:
    """When the call ended: the first end somebody saw, else the one concluded after a crash."""
    seen = [e.at for e in events if e.kind == "ended" and e.data.get("cause") != LOST]
    concluded = [e.at for e in events if e.kind == "ended"]
    return min(seen or concluded, default=None)


def outcome(events: Sequence[CallEvent]) -> str:
    """What became of a call that is over: the strongest of what its witnesses said and of what its facts show."""
    said = [str(e.data.get("outcome")) for e in events if e.kind == "ended" and e.data.get("outcome") in OUTCOMES]
    return max([*said, shown(events)], key=OUTCOMES.index)


def shown(events: Sequence[CallEvent]) -> str:
    """What the facts alone show.  Who was put into the operators' queue counts as given to a person."""
    result = "hangup"
    for event in events:
        match event.kind:
            case kind if kind in ANSWERS and result == "hangup":
                result = "answer"
            case "handed_over" if event.data.get("to") == "emergency":
                result = "emergency"
            case "handed_over" if event.data.get("to") == "queue":
                result = "operator"
            case "queued" | "answered":
                result = "operator"
            case "emergency" if str(event.data.get("status")).lower() in {"answer", "answered", "ok"}:
                return "emergency"
    return result


def _events(session: Session, call_id: str) -> list[CallEvent]:
    rows = session.scalars(
        select(CallEventRow)
        .where(CallEventRow.call == call_id)
        .order_by(CallEventRow.at, CallEventRow.seq, CallEventRow.id)
    )
    return [CallEvent(r.call, r.seq, r.at, r.kind, r.data) for r in rows]


def turns(events: Sequence[CallEvent]) -> tuple[Turn, ...]:
    """The conversation; a decision belongs to the caller's sentence before it."""
    made: list[Turn] = []
    for event in events:
        data = event.data
        if event.kind == "said":
            made.append(Turn(event.at, "robot", str(data.get("text") or "")))
        elif event.kind == "heard":
            ms = data.get("ms")
            made.append(
                Turn(
                    event.at,
                    "caller",
                    str(data.get("text") or ""),
                    tuple(str(a) for a in data.get("alternatives") or ()),
                    tuple(float(c) for c in data.get("confidences") or ()),
                    None if ms is None else int(ms),
                )
            )
        elif event.kind in {"decided", "answered_by_robot"}:
            index = next((i for i in range(len(made) - 1, -1, -1) if made[i].who == "caller"), None)
            decision = data if event.kind == "decided" else {"decision": "answer", **data}
            if index is not None:
                turn = made[index]
                made[index] = replace(turn, decisions=(*turn.decisions, decision))
    return tuple(made)


def _record(row: CallRow, events: list[CallEvent]) -> CallRecord:
    return CallRecord(
        row.id, row.caller, row.arrived, row.ended, row.outcome, row.article, row.operator, turns(events), tuple(events)
    )


def call(session: Session, call_id: str) -> CallRecord | None:
    """One call; None when nobody ever told of it."""
    row = session.get(CallRow, call_id)
    return None if row is None else _record(row, _events(session, call_id))


def calls_since(session: Session, at: datetime) -> Iterator[CallRecord]:
    """Calls that arrived at or after `at`, oldest first, read in batches."""
    after: tuple[datetime, str] | None = None
    while True:
        wanted = select(CallRow).where(CallRow.arrived >= at).order_by(CallRow.arrived, CallRow.id).limit(BATCH)
        if after is not None:
            wanted = wanted.where(
                (CallRow.arrived > after[0]) | ((CallRow.arrived == after[0]) & (CallRow.id > after[1]))
            )
        rows = session.scalars(wanted).all()
        if not rows:
            return
        found: dict[str, list[CallEvent]] = {row.id: [] for row in rows}
        for e in session.scalars(
            select(CallEventRow)
            .where(CallEventRow.call.in_(found))
            .order_by(CallEventRow.at, CallEventRow.seq, CallEventRow.id)
        ):
            found[e.call].append(CallEvent(e.call, e.seq, e.at, e.kind, e.data))
        for row in rows:
            yield _record(row, found[row.id])
        after = (rows[-1].arrived, rows[-1].id)


def close_open_calls(session: Session, alive_ids: set[str], now: datetime) -> list[str]:
    """End every call that Asterisk no longer knows; the ids that were ended.  For the start after a crash.

    The end is put where the last fact of the call is, because that is the last moment it was seen.  Safe to run
    again: a later true end corrects nothing but the cause.  The caller commits.
    """
    ended = []
    for row in session.scalars(select(CallRow).where(CallRow.ended.is_(None), CallRow.arrived <= now)).all():
        if row.id in alive_ids:
            continue
        events = _events(session, row.id)
        last = events[-1].at if events else row.arrived
        seq = 1 + max((e.seq for e in events), default=0)
        apply(session, CallEvent(row.id, seq, last.astimezone(UTC), "ended", {"outcome": None, "cause": LOST}))
        ended.append(row.id)
    return ended
