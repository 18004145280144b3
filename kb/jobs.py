"""What does the knowledge do by itself?  Expiry, reminders and clusters on a timetable; the gate and imports on demand.

rq jobs on a queue of their own, so that seconds of computing hold up no case.  A job gets plain values and opens what
it needs, because it runs in a process of its own; again it does no harm.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.cron import CronScheduler
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kb import asked, desk, gate_book, imports, misses, ranking, release, remarks, store
from kb.answer import Answer, choose
from kb.index import Index
from kb.schema import connect, writing

log = logging.getLogger(__name__)

QUEUE = "knowledge"
ROUNDS_EVERY = 60  # s
ROUND_WITHIN = 300  # s
IMPORT_WITHIN = 1800  # s; 100 000 rows of a workbook take minutes
GATE_WITHIN = 600  # s; 100 000 articles are indexed twice in well under that
LOOK_EVERY = 1.0  # s between looks at the timetable
ANSWER_WITHIN = 1.0  # s Redis has when a page hands in a job


def rounds(database: str, now: str | None = None) -> int:
    """Let lapsed articles expire, remind owners, cluster misses and settle what is answered by now; how many steps."""
    at = datetime.fromisoformat(now) if now else datetime.now(UTC)
    engine = connect(database)
    try:
        # What takes seconds is only read for, before the step that writes: meanwhile nobody waits for the database.
        with Session(engine) as session:
            misses.spell(session)
        done = _each(engine, lambda s: desk.on_time(s, at), lambda s: remarks.remind(s, at), misses.cluster)
        with Session(engine) as session:
            version, answers = answered(session, desk.local_day(at))
        return done + _each(
            engine,
            lambda s: misses.settle(s, answers, version),
            lambda s: asked.forget(s, at),
            lambda s: imports.forget(s, at),
        )
    finally:
        engine.dispose()


def _each(engine: Engine, *steps: Callable[[Session], int]) -> int:
    """One transaction each: what fails or waits holds up none of the others."""
    done = 0
    for step in steps:
        with writing(engine) as session:
            done += step(session)
            session.commit()
    return done


def answered(session: Session, today: date) -> tuple[int, misses.Answers]:
    """(the knowledge's version, what it answers to the misses it was not asked yet); builds an index if there are."""
    version, texts = store.version(session), misses.untried(session)
    spoken = store.speakable(session, today) if texts else []
    if not spoken:
        return version, {}
    numbers = ranking.shipped()
    index = Index.build(spoken, ranking=numbers)
    decided = {text: choose(index.search(text), numbers) for text in texts}
    return version, {text: d.article if isinstance(d, Answer) else None for text, d in decided.items()}


def gate(database: str, article: str) -> bool:
    """Whether the article was there to be tried."""
    engine, now = connect(database), datetime.now(UTC)
    try:
        return gate_book.run(engine, [article], now, desk.local_day(now)) is not None
    finally:
        engine.dispose()


def gate_import(database: str, number: int) -> bool:
    """Whether there was anything left of the file to be tried."""
    engine, now = connect(database), datetime.now(UTC)
    try:
        with Session(engine) as session:
            articles = [row.id for row in release.rows(session, number)]
        return gate_book.run(engine, articles, now, desk.local_day(now)) is not None
    finally:
        engine.dispose()


def read_import(database: str, number: int) -> str:
    """The stage the file has come to."""
    engine = connect(database)
    try:
        return imports.check(engine, number, datetime.now(UTC)).stage
    finally:
        engine.dispose()


def write_import(database: str, number: int) -> str:
    """The stage the file has come to."""
    engine = connect(database)
    try:
        return imports.write(engine, number, datetime.now(UTC)).stage
    finally:
        engine.dispose()


def hand_in(redis_url: str, job: Callable[..., Any], *given: object, within: int, name: str) -> bool:
    """Put a job into the queue unless one of that name waits or runs; False when Redis is away."""
    try:
        with Redis.from_url(redis_url, socket_timeout=ANSWER_WITHIN, socket_connect_timeout=ANSWER_WITHIN) as there:
            queue = Queue(QUEUE, connection=there)
            known = queue.fetch_job(name)
            if known is None or known.get_status(refresh=False) in {"finished", "failed", "stopped", "canceled"}:
                queue.enqueue(job, *given, job_timeout=within, job_id=name, result_ttl=60, failure_ttl=3600)
        return True
    except (RedisError, OSError):
        log.warning("a job of the knowledge could not be handed in")
        return False


def timetable(connection: Redis, database: str) -> CronScheduler:
    """What runs how often."""
    cron = CronScheduler(connection=connection)
    cron.register(rounds, QUEUE, args=(database,), interval=ROUNDS_EVERY, job_timeout=ROUND_WITHIN)
    return cron


def work(database: str, redis_url: str) -> None:
    """Until SIGTERM: run the jobs, and in a thread put those of the timetable in on time."""
    connection = Redis.from_url(redis_url)
    stop = threading.Event()
    threading.Thread(target=_keep, args=(database, redis_url, stop), name="timetable", daemon=True).start()
    try:
        Worker([Queue(QUEUE, connection=connection)], connection=connection).work(logging_level="WARNING")
    finally:
        stop.set()
        connection.close()


def _keep(database: str, redis_url: str, stop: threading.Event) -> None:
    connection = Redis.from_url(redis_url, socket_timeout=5)
    cron = timetable(connection, database)
    while not stop.wait(LOOK_EVERY):
        try:
            cron.enqueue_jobs()
        except (RedisError, OSError):
            log.warning("the timetable waits for Redis")
