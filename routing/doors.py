"""How do people and programs outside ask this room?  One JSON object per line in, one per line out."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from routing import figure_desk
from routing.database import connect, writing
from routing.records import CallRecord, calls_since

Line = dict[str, Any]
HERE = ZoneInfo("Asia/Shanghai")
COUNTED = 5  # days counted in one transaction, some seconds in a large city: on SQLite nobody else writes meanwhile


class BadLine(ValueError):
    """A line of the input is not what the door asks for; the message names it."""


def lines(stream: Iterable[str]) -> Iterator[Line]:
    """Every JSON object; empty lines are passed over."""
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
        except ValueError as problem:
            raise BadLine(f"line {number} is not JSON: {problem}") from None
        if not isinstance(given, dict) or not isinstance(given.get("text"), str):
            raise BadLine(f'line {number} is not an object with a "text"')
        yield given


def through(door: Callable[[Line], Line], source: Iterable[str], target: TextIO | None = None) -> None:
    for given in lines(source):
        tell(door(given), target)


def tell(answer: Line, target: TextIO | None = None) -> None:
    """One line of JSON, to standard output when no `target` is named."""
    out = target or sys.stdout
    out.write(json.dumps(answer, ensure_ascii=False) + "\n")
    out.flush()


def moment(text: str) -> datetime:
    """An ISO time, or HH:MM of today; local time where no zone is given."""
    try:
        if len(text) <= 5 and ":" in text:
            hour, minute = map(int, text.split(":"))
            return datetime.now(HERE).replace(hour=hour, minute=minute, second=0, microsecond=0)
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BadLine(f"{text} is no time: use 2026-03-02T08:00, 2026-03-02 or 08:00") from None
    return at if at.tzinfo else at.replace(tzinfo=HERE)


def call_line(record: CallRecord, *, numbers: bool) -> Line:
    """A call record for an inspector: every word, but the caller's number only when asked for."""
    line: Line = {
        "id": record.id,
        "arrived": record.arrived.isoformat(),
        "ended": record.ended.isoformat() if record.ended else None,
        "turns": [
            {
                "at": turn.at.isoformat(),
                "who": turn.who,
                "text": turn.text,
                **({"ms": turn.ms} if turn.ms is not None else {}),
                **({"alternatives": list(turn.alternatives)} if turn.alternatives else {}),
                **({"confidences": list(turn.confidences)} if turn.confidences else {}),
                **({"decisions": list(turn.decisions)} if turn.decisions else {}),
            }
            for turn in record.turns
        ],
        "article": record.article,
        "operator": record.operator,
        "outcome": record.outcome,
        "way": [_step(e.kind, e.at, e.data) for e in record.events if e.kind not in {"said", "heard", "decided"}],
    }
    if numbers:
        line["caller"] = record.caller
    return line


def _step(kind: str, at: datetime, data: Line) -> Line:
    return {"at": at.isoformat(), "kind": kind, **{k: v for k, v in data.items() if k not in {"caller", "number"}}}


def calls(database: str, since: datetime, *, numbers: bool, target: TextIO | None = None) -> None:
    engine = connect(database)
    with Session(engine) as session:
        for record in calls_since(session, since.astimezone(UTC)):
            tell(call_line(record, numbers=numbers), target)
    engine.dispose()


def figures(database: str, since: date, until: date, *, recount: bool, target: TextIO | None = None) -> None:
    """The sums and rates of a period as one JSON object; each day counted anew before, when asked for."""
    engine = connect(database)
    if recount:
        days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
        for _, some in groupby(days, lambda day: (day.year, day.month, day.day // COUNTED)):
            with writing(engine) as session:
                figure_desk.recount(session, *some)
    with Session(engine) as session:
        made = figure_desk.report(session, since, until)
    rates = {r.name: {"part": r.part, "whole": r.whole, "value": r.value} for r in made.rates}
    tell({"since": str(since), "until": str(until), "sums": made.sums, "rates": rates}, target)
    engine.dispose()
