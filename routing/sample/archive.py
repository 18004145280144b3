"""How does a model city's history get into a database?  `python -m routing archive --calls N --cases N`.

Three years of calls and cases, day by day, each day one transaction and always the same for a seed.  So it can be
stopped and started again: days that are there are passed over.  Nobody has the telephone numbers: mobile numbers of
this country begin with 13 to 19, these with 120.  What retention would have erased by now (routing.retention) is left
out: of a call from more than a year ago only that it was there.
"""

import json
import random
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any, TextIO

from routing import case_search
from routing.cases import OPEN, case_number
from routing.database import connect
from routing.numbers import without_numbers
from routing.retention import CALL_WORDS_KEPT
from routing.sample import bulk, lives
from routing.working_time import HERE, Calendar

DAYS = 1096  # three years
PEOPLE = 400_000  # numbers that ring; some far more often than others
CITY = "03"
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 13, 14, 12, 10, 8, 8, 10, 12, 12, 10, 9, 8, 7, 5, 3, 2)  # calls by the hour
WEEKEND = 0.7  # of a working day's calls
SEASONS = (1.25, 1.1, 0.95, 0.9, 0.9, 1.0, 1.1, 1.1, 0.95, 1.15, 1.3, 1.3)  # January first; heating, storms
CHANNELS = 0.1  # share of cases that no call began
LOOKS = 0.6  # people who looked at a case, on average
ENDS = ("operator", "answer", "hangup", "emergency")  # of calls that led to no case; weights where they are drawn
GREETING = "您好，一二三四五热线，通话会录音识别。请问有什么可以帮您？"


class NotEmpty(RuntimeError):
    """There is something in the database that this archive did not write."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`until` is the last whole day; what happened after its end is not there."""

    calls: int
    cases: int
    seed: int
    until: date
    length: int = DAYS

    def days(self) -> list[tuple[date, int, int]]:
        """Each day with its calls and cases; they add up exactly."""
        first = self.until - timedelta(days=self.length - 1)
        days = [first + timedelta(days=n) for n in range(self.length)]
        calendar = Calendar()
        shares = [SEASONS[d.month - 1] * (1 if calendar.works(d) else WEEKEND) for d in days]
        whole, so_far, found, done = sum(shares), 0.0, [], (0, 0)
        for day, share in zip(days, shares, strict=True):
            so_far += share
            up_to = (round(self.calls * so_far / whole), round(self.cases * so_far / whole))
            found.append((day, up_to[0] - done[0], up_to[1] - done[1]))
            done = up_to
        return found

    @property
    def end(self) -> datetime:
        return datetime.combine(self.until + timedelta(days=1), clock(), HERE).astimezone(UTC)

    def dice(self, day: date) -> random.Random:
        return random.Random(f"{self.seed} {day.isoformat()}")


def number(dice: random.Random) -> str:
    """A telephone number nobody has."""
    return f"120{int(PEOPLE * dice.random() ** 1.5):08d}"


def first_call(plan: Plan, day: date) -> str:
    return _id(plan.dice(day))


def _id(dice: random.Random) -> str:
    return str(uuid.UUID(int=dice.getrandbits(128), version=4))


def moments(dice: random.Random, day: date, count: int) -> list[datetime]:
    """Of a day, in order, by the hours people ring."""
    midnight = datetime.combine(day, clock(), HERE).astimezone(UTC)
    hours = dice.choices(range(24), HOURS, k=count)
    return sorted(midnight + timedelta(hours=h, seconds=round(dice.random() * 3599, 3)) for h in hours)


def rows_of(plan: Plan, day: date, calls: int, cases: int) -> dict[str, list[tuple[Any, ...]]]:
    """Everything of one day, by table."""
    dice = plan.dice(day)
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in bulk.COLUMNS}
    ids = [_id(dice) for _ in range(calls)]  # drawn first: the first one tells whether the day is there
    rung = [(call, at, number(dice)) for call, at in zip(ids, moments(dice, day, calls), strict=True)]
    from_calls = min(calls, round(cases * (1 - CHANNELS)))
    picked = set(dice.sample(range(calls), from_calls))
    openings: list[tuple[datetime, str | None, str]] = []
    kept_from = plan.end - CALL_WORDS_KEPT
    for index, (call, at, caller) in enumerate(rung):
        ended = _call(dice, rows, call, at, caller, plan.end, kept=at >= kept_from, person=index in picked)
        if index in picked:
            openings.append((min(ended, plan.end), call, caller))
    openings += [(at, None, number(dice)) for at in moments(dice, day, cases - from_calls)]
    midnight = datetime.combine(day + timedelta(days=1), clock(), HERE).astimezone(UTC)
    openings = [(min(at, midnight - timedelta(seconds=1)), call, caller) for at, call, caller in openings]
    name = day.strftime("%y%m%d")
    for sequence, (at, of_call, caller) in enumerate(sorted(openings, key=lambda o: (o[0], o[2])), 1):
        _case(dice, rows, lives.live(dice, case_number(CITY, name, sequence), of_call, caller, at, plan.end))
    if openings:
        rows["case_days"].append((name, len(openings)))
    return rows


def _call(
    dice: random.Random, rows: dict[str, list[tuple[Any, ...]]], call: str, at: datetime, caller: str, end: datetime,
    *, kept: bool, person: bool,
) -> datetime:  # fmt: skip
    """A call and its facts; when it ended."""
    outcome = "operator" if person else dice.choices(ENDS, cum_weights=(60, 90, 99, 100))[0]
    operator = dice.choice(lives.OPERATORS) if outcome == "operator" else None
    facts = list(_facts(dice, outcome, operator, caller if kept else "", kept=kept))
    ended = at
    for seq, (kind, after, data) in enumerate(facts, 1):
        ended = at + timedelta(seconds=after)
        rows["call_events"].append((call, seq, ended, kind, json.dumps(data, ensure_ascii=False)))
    erased = None if kept else min(ended + CALL_WORDS_KEPT, end)
    rows["calls"].append((call, caller if kept else "", at, ended, outcome, None, operator, erased))
    return ended


def _facts(
    dice: random.Random, outcome: str, operator: str | None, caller: str, *, kept: bool
) -> Iterator[tuple[str, float, dict[str, Any]]]:
    """kind, seconds after the arrival, data."""
    yield "arrived", 0.0, {"caller": caller, "line": "12345"} if kept else {"line": "12345"}
    if kept:
        said = dice.choice(lives.usual()[0])
        yield "said", 0.4, {"text": GREETING}
        yield "heard", 9.5, {"text": dice.choice(said.said), "alternatives": [], "ms": dice.randint(280, 700)}
    talk = 20 + dice.expovariate(1 / 130)
    match outcome:
        case "operator":
            waited = 10 + dice.expovariate(1 / 8)
            yield "handed_over", 10.0, {"to": "queue", "reason": "operator", "queue": "citizens"}
            yield "queued", 10.1, {"queue": "citizens"}
            yield "answered", waited, {"operator": operator}
            talk += waited
        case "answer":
            yield "told_progress", 12.0, {}
        case "emergency":
            yield "handed_over", 10.0, {"to": "emergency", "service": "110"}
            yield "emergency", 12.0, {"status": "ANSWER"}
    yield "ended", round(talk, 1), {"outcome": outcome}


def _case(dice: random.Random, rows: dict[str, list[tuple[Any, ...]]], life: lives.Life) -> None:
    row, units = life.row, life.units
    running = row["state"] in OPEN
    rows["cases"].append((*(row[name] for name in bulk.PLAIN), json.dumps(row["assist"])))
    rows["case_events"] += life.events
    rows["case_units"] += [(unit, row["number"], part, running) for unit, part in units.items()]
    if dice.random() < LOOKS:
        seen = row["opened"] + timedelta(hours=dice.random() * 20)
        actor = f"h.{row['lead']}" if row["lead"] else dice.choice(lives.OPERATORS)
        rows["case_views"].append((row["number"], seen, actor, "办理工单"))
    words = case_search.filed((without_numbers(row[name], " ") for name in ("title", "text", "place")), units)
    rows["case_search"].append((row["number"], words))


def write_day(url: str, plan: Plan, day: date, calls: int, cases: int) -> tuple[int, int]:
    """In a process of its own; what was written."""
    rows = rows_of(plan, day, calls, cases)
    engine = bulk.engine_of(url)
    with engine.begin() as connection:
        bulk.write(connection, rows)
    return len(rows["calls"]), len(rows["cases"])


def write(url: str, plan: Plan, workers: int, out: TextIO = sys.stderr) -> int:
    """Everything that is not there yet; how many days were written.  NotEmpty when something else is there."""
    engine = connect(url)
    with engine.connect() as connection:
        days = plan.days()
        there = bulk.known(connection, [first_call(plan, day) for day, calls, _ in days if calls])
        if not there and not bulk.empty(connection):
            raise NotEmpty("the database holds calls or cases that are not of this archive: give it an empty one")
        if connection.dialect.name == "sqlite":
            workers = 1
    left = [day for day in days if not (day[1] and first_call(plan, day[0]) in there)]
    bar = Bar(sum(c + k for _, c, k in left), out)
    if left:
        bulk.drop_indexes(engine)
    if workers == 1:
        for day in left:
            bar.add(sum(write_day(url, plan, *day)))
    else:
        with ProcessPoolExecutor(workers) as pool:
            for done in as_completed([pool.submit(write_day, url, plan, *day) for day in left]):
                bar.add(sum(done.result()))
    bar.say("building the indexes")
    bulk.make_indexes(engine)
    engine.dispose()
    bar.say(f"done in {time.monotonic() - bar.began:.0f} s")
    return len(left)


class Bar:
    """What is done, how fast, and how long it will take; on a terminal one line, else now and then a new one."""

    def __init__(self, whole: int, out: TextIO) -> None:
        self.whole, self.out = max(whole, 1), out
        self.done, self.began, self.told = 0, time.monotonic(), 0.0
        self.again = 0.2 if out.isatty() else 10.0  # s between lines

    def add(self, done: int) -> None:
        self.done += done
        now = time.monotonic()
        if now - self.told < self.again and self.done < self.whole:
            return
        self.told, rate = now, self.done / max(now - self.began, 0.001)
        part = self.done / self.whole
        bar = "#" * int(part * 30)
        left = (self.whole - self.done) / max(rate, 0.001)
        self.out.write(
            f"\r[{bar:<30}] {part:6.1%}  {self.done:,} calls and cases  {rate:,.0f}/s  {left / 60:.1f} min left"
            + ("" if self.out.isatty() else "\n")
        )
        self.out.flush()

    def say(self, words: str) -> None:
        self.out.write(f"\n{words}\n")
        self.out.flush()
