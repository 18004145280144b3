"""What does the hotline do by itself?  Rounds over the cases' clocks and the dial test, as rq jobs on a timetable.

Every job is harmless when it runs twice.  A job gets plain values and opens what it needs, because it runs in a
process of its own.
"""

import asyncio
import json
import logging
import shlex
import subprocess
import threading
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.cron import CronScheduler
from sqlalchemy import Engine, not_, select, text
from sqlalchemy.orm import Session

from routing import city, courier, follow_up_desk, incident_desk, retention_desk, working_time
from routing.alarms import KINDS, raise_alarm
from routing.case_desk import Conflict, perform
from routing.cases import FINISHED, PUSHED, NotAllowed, Role, State
from routing.database import connect, writing
from routing.escalation import ARCHIVED_AFTER, LOOK, CaseClock, Patience, Push, pushes
from routing.feed import Feed
from routing.figure_desk import recount
from routing.file_store import FileStore
from routing.follow_up import Hours
from routing.manager import SwitchAway, SwitchRefused
from routing.office import Office
from routing.outbound import ring_citizen
from routing.postman import round_of
from routing.retention import Periods
from routing.settings import City, Settings
from routing.tables import CaseRow
from routing.verifying import waiting
from routing.working_time import HERE, Calendar

log = logging.getLogger(__name__)

QUEUE = "hotline"
AT_ONCE = 500  # cases looked at in one step of a round
ROUND_WITHIN = 300  # s a round may take
DIAL_WITHIN = 120  # s the dial test may take
LOOK_EVERY = 1.0  # s between looks at the timetable
STILL = sorted({*State} - {*PUSHED, State.LONG_TERM, *FINISHED})  # no clock demands anything of these


def rounds(
    database: str,
    redis_url: str,
    holidays: str = "",
    now: str | None = None,
    look: tuple[str, str] = LOOK,
) -> int:
    """Do what the clocks of the cases demand; how many steps were done.

    look: how long what is done may wait for a verifier, until one is reminded and until a supervisor is told.
    """
    at = datetime.fromisoformat(now) if now else datetime.now(UTC)
    calendar = Calendar(working_time.read_own(Path(holidays)) if holidays else {})
    engine, feed = connect(database), Feed(redis_url)
    office = Office(calendar=calendar, feed=feed, patience=Patience.of(*look))
    done, after = 0, ""
    try:
        while True:
            with Session(engine) as session:
                clocks = _clocks(session, after, at)
            for clock in clocks:
                done += _see_to(engine, clock, at, office)
            if len(clocks) < AT_ONCE:
                break
            after = clocks[-1].number
        with writing(engine) as session:
            done += len(incident_desk.look(session, at, feed))
        return done
    finally:
        feed.close()
        engine.dispose()


def _clocks(session: Session, after: str, at: datetime) -> list[CaseClock]:
    """The next cases, by number, whose clock could demand something."""
    wanted = (
        select(CaseRow)
        .where(
            CaseRow.number > after,
            # The first of these names the index, and none of them tempts SQLite to look up each state and sort.
            text("state <> 'archived'"),
            CaseRow.state.not_in(STILL),
            not_(CaseRow.state.in_(FINISHED) & (CaseRow.closed > at - ARCHIVED_AFTER)),
        )
        .order_by(CaseRow.number)
        .limit(AT_ONCE)
    )
    rows = session.scalars(wanted).all()
    waits = waiting(session, [r.number for r in rows if r.state == State.VERIFICATION])
    return [
        CaseClock(
            r.number, State(r.state), r.urgency, r.dispatched, r.sign_by, r.due, r.closed, r.reminded, r.escalated,
            r.version, waits.get(r.number),
        )
        for r in rows
    ]  # fmt: skip


def _see_to(engine: Engine, clock: CaseClock, at: datetime, office: Office) -> int:
    """How much of what the clock demands was done."""
    done = 0
    for push in pushes(clock, at, office.calendar, office.patience):
        with writing(engine) as session:
            if not _push(session, clock, push, clock.version + done, at, office):
                break
        done += 1
    return done


def _push(session: Session, clock: CaseClock, push: Push, version: int, at: datetime, office: Office) -> bool:
    try:
        perform(
            session, clock.number, push.action, at, actor="timetable", role=Role.SYSTEM, given=dict(push.given),
            version=version, office=office, alarm=push.alarm,
        )  # fmt: skip
        return True
    except (NotAllowed, Conflict):  # somebody was faster; the next round looks again
        log.info("a case had moved on", extra={"case": clock.number, "action": str(push.action)})
        return False


def count_figures(database: str, now: str | None = None) -> int:
    """Count today and yesterday anew, so that the figures of a report are minutes old at most."""
    at = datetime.fromisoformat(now) if now else datetime.now(UTC)
    today = at.astimezone(HERE).date()
    engine = connect(database)
    try:
        with writing(engine) as session:
            return recount(session, today - timedelta(days=1), today)
    finally:
        engine.dispose()


def follow_ups(now: str | None = None) -> int:
    """Draw conclusions from the robot's calls, and ring the next citizens; how many cases moved or were rung.

    Reads its settings here, so that the manager's password does not lie in Redis.
    """
    settings, at = Settings(), datetime.fromisoformat(now) if now else datetime.now(UTC)
    engine, feed = connect(settings.database), Feed(settings.redis)
    office = city.office(settings, feed)
    done = 0
    try:
        with Session(engine) as session:
            attempts = follow_up_desk.open_attempts(session)
        for attempt in attempts:
            with writing(engine) as session:
                done += follow_up_desk.settle(session, attempt, at, office) is not None
        with Session(engine) as session:
            free = settings.hotline_follow_up_lines - len(follow_up_desk.ringing(session))
            hours = Hours.parse(settings.hotline_follow_up_hours)
            chosen = follow_up_desk.next_to_ring(session, at, free, hours) if free > 0 else []
        for case, number in chosen:
            with writing(engine) as session:
                call = follow_up_desk.begin(session, case, at)
            asyncio.run(ring_citizen(settings.access, number, call=call, case=case, hotline=settings.hotline_number))
            done += 1
    except (SwitchAway, SwitchRefused, OSError, ValueError) as problem:
        log.warning("a citizen could not be rung", extra={"why": type(problem).__name__})
    finally:
        feed.close()
        engine.dispose()
    return done


def tell_subscribers(database: str, redis_url: str, give_up_days: float, now: str | None = None) -> int:
    """Tell other systems what happened to cases; how many events they took in."""
    engine, feed = connect(database), Feed(redis_url)
    try:
        at = datetime.fromisoformat(now) if now else None
        return asyncio.run(round_of(engine, feed, timedelta(days=give_up_days), at))
    finally:
        feed.close()
        engine.dispose()


def hand_over(database: str, redis_url: str, give_up_days: float, now: str | None = None) -> int:
    """Carry cases to the platforms they were handed to; how many were taken in."""
    engine, feed = connect(database), Feed(redis_url)
    try:
        at = datetime.fromisoformat(now) if now else None
        return asyncio.run(courier.round_of(engine, city.office(City(), feed), timedelta(days=give_up_days), at))
    finally:
        feed.close()
        engine.dispose()


def retain(
    database: str, days: tuple[int, int, int], recordings: str, files: str, now: str | None = None
) -> dict[str, int]:
    """Erase what is due of calls, cases, and reports and disputes, kept for so many `days`; how much of each."""
    at = datetime.fromisoformat(now) if now else datetime.now(UTC)
    engine, office = connect(database), Office(files=FileStore(Path(files)))
    try:
        return asdict(retention_desk.erase(engine, at, Periods.of_days(*days), Path(recordings), office=office))
    finally:
        engine.dispose()


def dial_test(command: str, expected: str, database: str, redis_url: str, within: float = DIAL_WITHIN) -> str:
    """Ring the line as a citizen would; the outcome.  An alarm when it is not the one expected."""
    outcome = _dial(command, within)
    if outcome != expected:
        engine, feed = connect(database), Feed(redis_url)
        try:
            with writing(engine) as session:
                raise_alarm(session, "dial_test", None, f"{KINDS['dial_test']}（{outcome}）", feed=feed)
        finally:
            feed.close()
            engine.dispose()
        log.error("the dial test went wrong", extra={"outcome": outcome})
    return outcome


def _dial(command: str, within: float) -> str:
    """What the command's JSON calls the outcome; "no answer", "no result" or "failed" when there is none."""
    try:
        done = subprocess.run(
            shlex.split(command), stdin=subprocess.DEVNULL, capture_output=True, timeout=within, check=False
        )
        told = json.loads(done.stdout)
        return str(told["outcome"])[:32]
    except subprocess.TimeoutExpired:
        return "no answer"
    except (ValueError, KeyError, TypeError):
        return "no result"
    except OSError:
        return "failed"


def timetable(connection: Redis, settings: Settings) -> CronScheduler:
    """What runs how often."""
    cron = CronScheduler(connection=connection)
    holidays = str(settings.hotline_holidays or "")
    cron.register(
        rounds, QUEUE, args=(settings.database, settings.redis, holidays),
        kwargs={"look": (settings.hotline_look_remind, settings.hotline_look_within)},
        interval=settings.hotline_rounds_every, job_timeout=ROUND_WITHIN,
    )  # fmt: skip
    cron.register(
        count_figures, QUEUE, args=(settings.database,), interval=settings.hotline_figures_every,
        job_timeout=ROUND_WITHIN,
    )  # fmt: skip
    cron.register(
        tell_subscribers, QUEUE, args=(settings.database, settings.redis, settings.hotline_webhooks_give_up),
        interval=settings.hotline_webhooks_every, job_timeout=ROUND_WITHIN,
    )  # fmt: skip
    cron.register(
        hand_over, QUEUE, args=(settings.database, settings.redis, settings.hotline_handovers_give_up),
        interval=settings.hotline_handovers_every, job_timeout=ROUND_WITHIN,
    )  # fmt: skip
    days = (settings.hotline_keep_calls, settings.hotline_keep_cases, settings.hotline_keep_reports)
    cron.register(
        retain, QUEUE, args=(settings.database, days, str(settings.recordings), str(settings.files)),
        interval=settings.hotline_retention_every, job_timeout=ROUND_WITHIN,
    )  # fmt: skip
    if settings.hotline_follow_up_lines:
        cron.register(follow_ups, QUEUE, interval=settings.hotline_follow_up_every, job_timeout=ROUND_WITHIN)
    if settings.hotline_dial_test:
        cron.register(
            dial_test, QUEUE,
            args=(settings.hotline_dial_test, settings.hotline_dial_test_outcome, settings.database, settings.redis),
            interval=settings.hotline_dial_test_every, job_timeout=DIAL_WITHIN + 30,
        )  # fmt: skip
    return cron


def work(settings: Settings, *, keep_timetable: bool = True) -> None:
    """Until SIGTERM: run the jobs, and in a thread of the same process (it dies with it) put them in on time.

    Each job runs in this process: a fork for each look at what is due, every few seconds, cost more than the looks.

    Exactly one process of a city keeps the timetable; more workers are started with keep_timetable=False.
    """
    connection = Redis.from_url(settings.redis)
    stop = threading.Event()
    if keep_timetable:
        threading.Thread(target=_keep, args=(settings, stop), name="timetable", daemon=True).start()
    try:
        SimpleWorker([Queue(QUEUE, connection=connection)], connection=connection).work(logging_level="WARNING")
    finally:
        stop.set()
        connection.close()


def _keep(settings: Settings, stop: threading.Event) -> None:
    connection = Redis.from_url(settings.redis, socket_timeout=5)
    cron = timetable(connection, settings)
    while not stop.wait(LOOK_EVERY):
        try:
            cron.enqueue_jobs()
        except (RedisError, OSError):
            log.warning("the timetable waits for Redis")
