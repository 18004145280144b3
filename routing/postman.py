"""How do the events of cases reach those who asked to be told?  One round of the worker, by HTTP."""

import asyncio
import logging
import time
from datetime import UTC, datetime, timedelta

import aiohttp
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from routing import webhooks
from routing.database import writing
from routing.feed import Feed
from routing.webhooks import Letter

log = logging.getLogger(__name__)

ANSWER_WITHIN = 10.0  # s the other side has to take one event in
ROUND_FOR = 20.0  # s of one round: the worker has other jobs, and what is left waits for the next


async def round_of(
    engine: Engine, feed: Feed, gives_up_after: timedelta, now: datetime | None = None, round_for: float = ROUND_FOR
) -> int:
    """Tell every subscription what it has not been told; how many events were taken in.

    One that is slow or away delays no other.  `now` stands still in tests.
    """
    until = time.monotonic() + round_for
    with writing(engine) as session:
        try:
            up_to = webhooks.settled_up_to(session)
        except OperationalError:  # a writer held the cases for too long; the next round looks again
            return 0
        session.rollback()
        webhooks.forget_old(session, _at(now))
        waiting = webhooks.due(session, _at(now))
    if not waiting:
        return 0
    limits = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
    async with aiohttp.ClientSession(timeout=limits, cookie_jar=aiohttp.DummyCookieJar()) as client:
        told = await asyncio.gather(
            *(_serve(engine, feed, client, webhook, up_to, gives_up_after, now, until) for webhook in waiting)
        )
    return sum(told)


def _at(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)


async def _serve(
    engine: Engine,
    feed: Feed,
    client: aiohttp.ClientSession,
    webhook: int,
    up_to: int,
    gives_up_after: timedelta,
    now: datetime | None,
    until: float,
) -> int:
    if not await asyncio.to_thread(_take, engine, webhook, _at(now)):
        return 0
    told = 0
    try:
        while time.monotonic() < until:
            letter = await asyncio.to_thread(_next, engine, webhook, up_to)
            if letter is None:
                break
            outcome = await deliver(client, letter, _at(now))
            if not await asyncio.to_thread(_note, engine, feed, letter, outcome, _at(now), gives_up_after):
                log.warning("a subscriber did not take an event", extra={"webhook": webhook, "outcome": outcome})
                break
            told += 1
    finally:
        await asyncio.to_thread(_release, engine, webhook)
    return told


async def deliver(client: aiohttp.ClientSession, letter: Letter, at: datetime) -> str:
    """The answer's status, or what kept it from coming.  Nobody is followed elsewhere, nothing of the body is read."""
    if not letter.secret:
        return "no secret"
    headers = {
        "Content-Type": "application/json",
        "Hotline-Event": str(letter.event),
        "Hotline-Signature": webhooks.signature(letter.secret, at, letter.body),
        "User-Agent": "hotline-12345",
    }
    try:
        async with client.post(letter.url, data=letter.body, headers=headers, allow_redirects=False) as answer:
            return str(answer.status)
    except TimeoutError:
        return "no answer"
    except (aiohttp.ClientError, OSError, ValueError) as problem:
        return type(problem).__name__


def _take(engine: Engine, webhook: int, now: datetime) -> bool:
    with writing(engine) as session:
        return webhooks.take(session, webhook, now)


def _next(engine: Engine, webhook: int, up_to: int) -> Letter | None:
    with writing(engine) as session:
        return webhooks.next_letter(session, webhook, up_to)


def _note(engine: Engine, feed: Feed, letter: Letter, outcome: str, now: datetime, gives_up_after: timedelta) -> bool:
    with writing(engine) as session:
        return webhooks.note(session, letter, outcome, now, gives_up_after=gives_up_after, feed=feed)


def _release(engine: Engine, webhook: int) -> None:
    with Session(engine) as session:
        webhooks.release(session, webhook)
