# ruff: noqa: ARG005 (every question has the same two arguments)
"""How fast do the desks answer over the model city's archive, and how many case changes a second does it take?

`make bench-cases` or `python -m tests.bench.cases [--share 0.05] [--on URL ...]`

Method: fills SQLite and PostgreSQL with `python -m routing archive` at the city's full size (--share: a part of it;
--on: databases that are filled already) and asks each question of the desks many times, one after another, as the
console does: a new session, one of `routing`'s functions, its answer as values; then for whole pages of a console, as
tests/bench/pages.py says. Time is from asking to having the answer, in ms, p50, p95, p99 and worst; arguments are drawn
anew each time from the archive (seeded). The first twenty of each question are not counted, because a city's server
is not asked for the first time. Changes: threads of one process, then of two (or of --processes), take cases of units
through sign, reply, pass, close, each change a transaction of its own, made durable before it counts; every exception
is an error. PostgreSQL runs with fsync on and 1 GB of shared buffers, else as it comes; SQLite as the product sets it
up.
"""

import argparse
import asyncio
import io
import json
import multiprocessing
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from agent_console.case_pages import HOTLINE_FILTERS, UNIT_FILTERS
from routing import (
    attachments,
    case_desk,
    case_lists,
    case_views,
    doors,
    figure_desk,
    incident_desk,
    jobs,
    patrol,
    progress,
    records,
    service_level,
    unit_figures,
)
from routing.case_desk import open_case, perform
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.database import connect, writing
from routing.dispatch import Report, propose
from routing.grids import sample
from routing.office import Office
from routing.tables import CallRow, CaseRow, CaseUnitRow
from tests.bench import timing
from tests.bench.pages import pages
from tests.servers import Postgres

CALLS, CASES = 4_070_000, 2_860_000
SERVER = ("-c", "shared_buffers=1GB", "-c", "max_wal_size=8GB", "-c", "max_connections=60")
WARM = 20
GOAL_MS, GOAL_CHANGES = 50.0, 500.0
STEPS: tuple[tuple[Action, Role, dict[str, str]], ...] = (
    (Action.SIGN, Role.DEPARTMENT, {}),
    (Action.REPLY, Role.DEPARTMENT, {"reply": "已处理", "contacted": "2026-03-04"}),
    (Action.PASS, Role.DISPATCHER, {}),
    (Action.CLOSE, Role.OPERATOR, {"solved": "yes", "satisfied": "yes"}),
)
Ask = Callable[[Session, random.Random], object]


class Facts:
    """What questions are drawn from."""

    def __init__(self, session: Session) -> None:
        dice = random.Random(1)
        self.last = session.scalar(select(func.max(CallRow.arrived))) or datetime.now(UTC)
        days = [self.last - timedelta(days=dice.uniform(0, 1090)) for _ in range(300)]
        near = [session.scalars(select(CaseRow).where(CaseRow.opened <= d).order_by(CaseRow.opened.desc()).limit(1))
                .first() for d in days]  # fmt: skip
        self.cases = [(c.number, c.matter, c.community, c.contact, c.place, c.text) for c in near if c is not None]
        self.leads = [c.lead for c in near if c is not None and c.lead]
        self.calls = [c for c in (near_call(session, d) for d in days) if c]
        lately = select(CallRow.caller).where(CallRow.arrived > self.last - timedelta(days=30)).limit(300)
        self.callers = [caller for caller in session.scalars(lately) if caller]
        self.units = list(sample().units)
        self.busiest = Counter(self.leads).most_common(1)[0][0]
        theirs = select(CaseUnitRow.case).where(CaseUnitRow.unit == self.busiest).order_by(CaseUnitRow.case.desc())
        self._of_busiest = session.scalars(theirs.limit(300)).all()
        self.community = next(community for _, _, community, *_ in self.cases if community)
        self.areas = [(a.kind, a.code) for a in sample().areas.values() if a.kind in {"grid", "community"}]

    def of_unit(self, dice: random.Random) -> str:
        """A case of the busiest unit."""
        return dice.choice(self._of_busiest)


def near_call(session: Session, at: datetime) -> str | None:
    wanted = select(CallRow.id).where(CallRow.arrived <= at).order_by(CallRow.arrived.desc()).limit(1)
    return session.scalar(wanted)


def two(text_: str, dice: random.Random) -> str:
    """Two neighbouring characters of somebody's words."""
    hanzi = [i for i in range(len(text_) - 1) if all("\u3400" <= c <= "\u9fff" for c in text_[i : i + 2])]
    start = dice.choice(hanzi)
    return text_[start : start + 2]


def questions(facts: Facts) -> Iterator[tuple[str, Ask]]:
    """Name and question; each is what one page of the console, or one sentence of the robot, asks."""
    catalogue, territory = shipped(), sample()

    def case(dice: random.Random) -> Any:
        return dice.choice(facts.cases)

    for name, (_, states) in HOTLINE_FILTERS.items():
        yield f"hotline list, {name or 'all'}", lambda s, d, st=states: case_lists.hotline_list(s, states=st)
        yield (
            f"hotline list, {name or 'all'}, a deep page",
            lambda s, d, st=states: case_lists.hotline_list(s, states=st, after=case(d)[0]),
        )
    for name, (_, states) in UNIT_FILTERS.items():
        for which, units in (("a busy unit", facts.leads), ("any unit", facts.units)):
            yield (
                f"list of {which}, {name or 'all'}",
                lambda s, d, st=states, us=units: case_lists.unit_list(s, d.choice(us), states=st),
            )
            yield (
                f"list of {which}, {name or 'all'}, a deep page",
                lambda s, d, st=states, us=units: case_lists.unit_list(s, d.choice(us), states=st, after=case(d)[0]),
            )
    yield "search, a number", lambda s, d: case_lists.search(s, case(d)[0])
    yield "search, the beginning of a number", lambda s, d: case_lists.search(s, case(d)[0][:8])
    yield "search, a contact", lambda s, d: case_lists.search(s, case(d)[3] or "12000000001")
    yield "search, one word", lambda s, d: case_lists.search(s, two(case(d)[5], d))
    yield "search, two words", lambda s, d: case_lists.search(s, " ".join(two(case(d)[5], d) for _ in "12"))
    yield "search, a place", lambda s, d: case_lists.search(s, case(d)[4])
    yield "search, a whole sentence", lambda s, d: case_lists.search(s, case(d)[5])
    yield "search, a word nobody said", lambda s, d: case_lists.search(s, "鲸鱼")
    yield (
        "search, one word, a unit's",
        lambda s, d: case_lists.search(s, two(case(d)[5], d), unit=d.choice(facts.units)),
    )
    yield (
        "case page (the look is written down)",
        lambda s, d: case_views.page_for_hotline(s, case(d)[0], actor="op1001", role=Role.OPERATOR, purpose="查看工单"),
    )
    yield "progress by caller", lambda s, d: progress.by_caller(s, d.choice(facts.callers), catalogue, territory)
    yield (
        "progress by number",
        lambda s, d: progress.by_number(s, case(d)[0], d.choice(facts.callers), catalogue, territory),
    )
    yield "where a caller lives", lambda s, d: incident_desk.areas_of(s, d.choice(facts.callers))
    yield "cases alike", lambda s, d: case_desk.duplicates(s, case(d)[1], case(d)[2], facts.last)
    yield "a unit's open cases, counted", lambda s, d: case_desk.count_open(s, d.choice(facts.leads))
    yield "a unit's own figures", lambda s, d: unit_figures.own(s, d.choice(facts.leads), facts.last, 12)
    yield "what is running in a grid", lambda s, d: patrol.running(s, *d.choice(facts.areas))
    yield "what waits for a verifier", lambda s, d: patrol.to_verify(s, *d.choice(facts.areas), "olga")
    yield "a case's files", lambda s, d: attachments.of_case(s, case(d)[0])
    yield "a call's record", lambda s, d: records.call(s, d.choice(facts.calls))
    yield "a call's cases", lambda s, d: case_lists.hotline_list(s, call=d.choice(facts.calls))
    yield "today's service level", lambda s, d: service_level.service_since(s, facts.last - timedelta(hours=12), 15.0)
    yield "the clocks of a round, first step", lambda s, d: jobs._clocks(s, "", facts.last)
    for name, days in (("a month", 30), ("a year", 365)):
        yield (
            f"report of {name}",
            lambda s, d, n=days: figure_desk.report(s, (facts.last - timedelta(days=n)).date(), facts.last.date()),
        )


def measure(engine: Engine, ask: Ask, times: int) -> list[float]:
    """ms."""
    dice, taken = random.Random(7), []
    for turn in range(times + WARM):
        began = time.perf_counter()
        with Session(engine) as session:
            ask(session, dice)
        if turn >= WARM:
            taken.append(1000 * (time.perf_counter() - began))
    return taken


def desks(url: str, times: int) -> list[dict[str, Any]]:
    engine = connect(url)
    with Session(engine) as session:
        facts = Facts(session)
    lines = []
    for name, ask in questions(facts):
        lines.append(timing.line(engine.dialect.name, name, measure(engine, ask, times)))
        print(json.dumps(lines[-1], ensure_ascii=False), flush=True)
    for one in asyncio.run(pages(url, facts, times, facts.community)):
        lines.append(one)
        print(json.dumps(one, ensure_ascii=False), flush=True)
    engine.dispose()
    return lines


def opened(url: str, count: int) -> list[tuple[str, str]]:
    """Fresh cases for the changes: number and lead."""
    engine, office = connect(url), Office()
    report = Report("泰安名苑门口路灯不亮", place="泰安名苑", matter="0203", contact="12000000001")
    proposal = propose(report, office.catalogue, office.territory)
    found = []
    for _ in range(count):
        with writing(engine) as session:
            made = open_case(session, report, proposal, datetime.now(UTC), actor="op1001", office=office)
        found.append((made.number, made.lead or ""))
    engine.dispose()
    return found


def work(url: str, cases: list[tuple[str, str]], threads: int, begin: Any, told: Any) -> None:
    """One process: its threads share out its cases; every case is led through all steps."""
    engine, office, errors, lock = connect(url), Office(), Counter[str](), threading.Lock()
    done, left = [0] * threads, iter(cases)

    def thread(own: int) -> None:
        while True:
            with lock:
                case = next(left, None)
            if case is None:
                return
            for action, role, given in STEPS:
                try:
                    with writing(engine) as session:
                        perform(session, case[0], action, datetime.now(UTC), actor="bench", role=role, unit=case[1],
                                given=given, office=office)  # fmt: skip
                    done[own] += 1
                except Exception as problem:
                    with lock:
                        errors[type(problem).__name__] += 1

    with Session(engine) as session:
        session.execute(text("SELECT 1"))
    begin.wait()
    running = [threading.Thread(target=thread, args=(n,)) for n in range(threads)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    engine.dispose()
    told.put((sum(done), dict(errors)))


def changes(url: str, count: int, threads: int, processes: int) -> dict[str, Any]:
    cases = opened(url, count)
    begin, told = multiprocessing.Barrier(processes + 1), multiprocessing.Queue()
    shares = [cases[n::processes] for n in range(processes)]
    running = [
        multiprocessing.Process(target=work, args=(url, share, threads // processes, begin, told)) for share in shares
    ]
    for one in running:
        one.start()
    begin.wait()
    began = time.perf_counter()
    results = [told.get() for _ in running]
    taken = time.perf_counter() - began
    for one in running:
        one.join()
    done, errors = sum(r[0] for r in results), sum((Counter(r[1]) for r in results), Counter[str]())
    line = {"changes_per_s": round(done / taken, 1), "changes": done, "errors": dict(errors), "threads": threads,
            "processes": processes, "s": round(taken, 1)}  # fmt: skip
    print(json.dumps(line), flush=True)
    return line


def size(url: str) -> dict[str, int]:
    engine = connect(url)
    with Session(engine) as session:
        counts = {row.__tablename__: session.scalar(select(func.count()).select_from(row)) or 0
                  for row in (CallRow, CaseRow, CaseUnitRow)}  # fmt: skip
    engine.dispose()
    return counts


@contextmanager
def filled(share: float, folder: Path) -> Iterator[list[str]]:
    """Both databases with an archive; gone afterwards."""
    postgres = Postgres(SERVER)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "bench-cases.db"
    urls = [f"sqlite:///{file}", postgres.new_database()]
    try:
        for url in urls:
            subprocess.run(
                [sys.executable, "-m", "routing", "archive", "--calls", str(int(CALLS * share)), "--cases",
                 str(int(CASES * share))],
                env={**os.environ, "DATABASE_URL": url}, check=True,
            )  # fmt: skip
            figure(url)
        yield urls
    finally:
        postgres.close()
        for part in folder.glob("bench-cases.db*"):
            part.unlink()


def figure(url: str) -> None:
    """The reports' days, counted from the events as the job does."""
    today = date.today()
    doors.figures(url, today - timedelta(days=400), today, recount=True, target=io.StringIO())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--share", type=float, default=1.0, help="of the city's full size")
    parser.add_argument("--times", type=int, default=100, help="each question is asked")
    parser.add_argument("--on", nargs="*", default=[], metavar="URL", help="archives that are there; nothing is filled")
    parser.add_argument("--cases", type=int, default=2000, help="led through four changes each")
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2], help="that share the threads")
    parser.add_argument("--into", type=Path, default=Path("run"))
    chosen = parser.parse_args()
    print(__doc__.strip())
    if chosen.on:
        result = run(chosen.on, chosen)
    else:
        with filled(chosen.share, chosen.into) as urls:
            result = run(urls, chosen)
    chosen.into.mkdir(parents=True, exist_ok=True)
    (chosen.into / "bench-cases.json").write_text(json.dumps(result, ensure_ascii=False, indent=1))
    return 0


def run(urls: list[str], chosen: argparse.Namespace) -> dict[str, Any]:
    lines, changed, sizes = [], [], []
    for url in urls:
        postgresql = not url.startswith("sqlite")
        sizes.append({"database": "postgresql" if postgresql else "sqlite", **size(url)})
        print(json.dumps(sizes[-1]), flush=True)
        lines += desks(url, chosen.times)
        if postgresql:
            changed += [changes(url, chosen.cases, chosen.threads, number) for number in chosen.processes]
    slow = [f"{line['database']}: {line['question']}" for line in lines if line["p95"] > GOAL_MS]
    summary = {"goal_ms_p95": GOAL_MS, "slower": slow, "goal_changes_per_s": GOAL_CHANGES,
               "load": [round(x, 1) for x in os.getloadavg()], "cores": os.cpu_count()}  # fmt: skip
    print(json.dumps(summary, ensure_ascii=False), flush=True)
    return {"sizes": sizes, "questions": lines, "changes": changed, **summary}


if __name__ == "__main__":
    sys.exit(main())
