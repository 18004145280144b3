"""Other systems learn what happened to a case: everything, in order, at least once, and nothing about a person."""

import asyncio
import hashlib
import hmac
import json
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select
from sqlalchemy.orm import Session

from routing import jobs, webhooks
from routing.alarms import open_alarms
from routing.case_desk import open_case, perform
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.database import writing
from routing.dispatch import Report, propose
from routing.feed import Feed
from routing.grids import sample
from routing.postman import round_of
from routing.tables import CaseEventRow, WebhookRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
UNIT = "urban_mgmt.hbw"
LAMP = Report("泰安名苑路灯不亮，回电13812345678", "泰安名苑", matter="0203", contact="13812345678")
DAYS = timedelta(days=3)


class Platform:
    """Another system: answers as told, then with 200; keeps what it took in and what it was offered."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.offered: list[tuple[dict[str, str], bytes]] = []
        self.before_answering: Any = lambda: None
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.offered.append((dict(request.headers), await request.read()))
        self.before_answering()
        return web.Response(status=self.answers.pop(0) if self.answers else 200, headers={"Location": "/elsewhere"})

    @property
    def events(self) -> list[int]:
        return [json.loads(body)["event"] for _, body in self.offered]


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    made = Platform()
    app = web.Application()
    app.router.add_post("/told", made.take)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/told"))
        yield made


@pytest.fixture
def feed(redis_url: str):
    made = Feed(redis_url)
    yield made
    made.close()


def lamp(session: Session, **more: Any) -> str:
    return open_case(session, LAMP, propose(LAMP, shipped(), sample()), NOW, actor="op1001", **more).number


def signed(session: Session) -> str:
    number = lamp(session)
    perform(session, number, Action.SIGN, NOW, actor="handler", role=Role.DEPARTMENT, unit=UNIT)
    return number


def happened(session: Session) -> list[int]:
    session.rollback()
    return list(session.scalars(select(CaseEventRow.id).order_by(CaseEventRow.id)))


async def test_a_subscriber_is_told_signed_and_in_order(session, engine, feed, platform):
    lamp(session)
    _, secret = webhooks.subscribe(session, platform.url, NOW)
    number = signed(session)
    assert await round_of(engine, feed, DAYS, NOW) == 2
    told = [json.loads(body) for _, body in platform.offered]
    assert [(t["service_request_id"], t["version"], t["action"], t["before"], t["after"]) for t in told] == [
        (number, 1, "dispatch", "draft", "dispatched"),
        (number, 2, "sign", "dispatched", "signed"),
    ]
    for headers, body in platform.offered:
        at, made = (part.partition("=")[2] for part in headers["Hotline-Signature"].split(","))
        assert made == hmac.new(secret.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        assert not [w for w in ("138", "路灯", "handler", "op1001", "泰安") if w in body.decode()]
    assert await round_of(engine, feed, DAYS, NOW) == 0


async def test_a_platform_that_fails_twice_is_told_later_and_misses_nothing(session, engine, feed, platform):
    webhook, _ = webhooks.subscribe(session, platform.url, NOW)
    signed(session)
    platform.answers = [500, 302]
    assert await round_of(engine, feed, DAYS, NOW) == 0
    assert await round_of(engine, feed, DAYS, NOW + timedelta(seconds=9)) == 0
    assert len(platform.offered) == 1
    assert await round_of(engine, feed, DAYS, NOW + timedelta(seconds=10)) == 0
    assert await round_of(engine, feed, DAYS, NOW + timedelta(seconds=30)) == 2
    first, second = happened(session)
    assert platform.events == [first, first, first, second]
    log = webhooks.deliveries(session, webhook)
    assert [(d.event, d.attempt, d.outcome) for d in reversed(log)] == [
        (first, 1, "500"), (first, 2, "302"), (first, 3, "200"), (second, 1, "200"),
    ]  # fmt: skip


def test_the_pauses_grow_and_are_bounded():
    pauses = [webhooks.pause(failures).total_seconds() for failures in range(1, 12)]
    assert pauses[:4] == [10, 20, 40, 80]
    assert pauses[-1] == 3600
    assert webhooks.pause(10_000) == timedelta(hours=1)


async def test_a_worker_killed_between_telling_and_writing_down_tells_again(
    session, engine, feed, platform, office_url, redis_url
):
    webhooks.subscribe(session, platform.url, NOW)
    lamp(session)
    code = (
        "import asyncio, datetime, sys; from routing import database, feed, postman; "
        "asyncio.run(postman.round_of(database.connect(sys.argv[1]), feed.Feed(sys.argv[2]), datetime.timedelta(3), "
        "datetime.datetime.fromisoformat(sys.argv[3])))"
    )
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", code, office_url, redis_url, NOW.isoformat())
    platform.before_answering = lambda: os.kill(worker.pid, signal.SIGKILL)
    assert await asyncio.wait_for(worker.wait(), 60) == -signal.SIGKILL
    platform.before_answering = lambda: None
    assert await round_of(engine, feed, DAYS, NOW + timedelta(seconds=30)) == 0  # it may still be alive
    assert await round_of(engine, feed, DAYS, NOW + webhooks.BUSY) == 1
    assert platform.events == happened(session) * 2


async def test_two_workers_at_once_tell_once(session, engine, feed, platform):
    webhooks.subscribe(session, platform.url, NOW)
    for _ in range(5):
        signed(session)
    told = await asyncio.gather(*(round_of(engine, feed, DAYS, NOW) for _ in range(3)))
    assert sum(told) == 10
    assert platform.events == happened(session)


async def test_an_event_that_is_committed_late_is_not_passed_over(session, engine, feed, platform):
    """Its number was given before that of another one; on PostgreSQL the other one can be seen first."""
    webhooks.subscribe(session, platform.url, NOW)
    number = lamp(session)
    inside, go_on = threading.Event(), threading.Event()

    def slowly(_number: str) -> None:
        inside.set()
        go_on.wait(30)

    def late() -> None:
        with writing(engine) as own:
            lamp(own, also=slowly)

    thread = threading.Thread(target=late)
    thread.start()
    await asyncio.to_thread(inside.wait, 30)
    if engine.dialect.name == "postgresql":  # SQLite lets nobody write meanwhile
        with writing(engine) as own:
            perform(own, number, Action.SIGN, NOW, actor="h", role=Role.DEPARTMENT, unit=UNIT)
        await round_of(engine, feed, DAYS, NOW)  # cannot know yet what is still to come
    go_on.set()
    await asyncio.to_thread(thread.join, 30)
    await round_of(engine, feed, DAYS, NOW)
    assert platform.events == happened(session)


async def test_who_asks_for_some_events_is_told_those(session, engine, feed, platform):
    webhooks.subscribe(session, platform.url, NOW, events=["sign"])
    signed(session)
    assert await round_of(engine, feed, DAYS, NOW) == 1
    assert json.loads(platform.offered[0][1])["action"] == "sign"
    with pytest.raises(webhooks.NoWebhook):
        webhooks.subscribe(session, platform.url, NOW, events=["everything"])
    with pytest.raises(webhooks.NoWebhook):
        webhooks.subscribe(session, "ftp://platform.example", NOW)


async def test_a_citizen_who_asked_for_confidence_is_not_told_of(session, engine, feed, platform):
    webhooks.subscribe(session, platform.url, NOW)
    lamp(session, privacy="confidential")
    assert await round_of(engine, feed, DAYS, NOW) == 0
    assert platform.offered == []


async def test_a_platform_away_for_days_raises_an_alarm_and_is_told_everything_when_it_is_back(
    session, engine, feed, platform
):
    webhook, _ = webhooks.subscribe(session, platform.url, NOW)
    signed(session)
    platform.answers = [503] * 100
    for hours in range(0, 73, 2):
        await round_of(engine, feed, DAYS, NOW + timedelta(hours=hours))
    offered = len(platform.offered)
    await round_of(engine, feed, DAYS, NOW + timedelta(days=9))
    assert len(platform.offered) == offered
    session.rollback()
    (alarm,) = open_alarms(session)
    assert (alarm.kind, str(webhook) in alarm.text) == ("webhook", True)
    session.rollback()
    platform.answers = []
    webhooks.resume(session, webhook)
    assert await round_of(engine, feed, DAYS, NOW + timedelta(days=9)) == 2
    assert platform.events[-2:] == happened(session)


async def test_a_secret_may_stay_in_the_environment(session, engine, feed, platform, monkeypatch):
    webhook, shown = webhooks.subscribe(session, platform.url, NOW, secret_env="PLATFORM_SECRET")
    assert (shown, session.get_one(WebhookRow, webhook).secret) == ("", "")
    session.rollback()
    lamp(session)
    assert await round_of(engine, feed, DAYS, NOW) == 0  # nothing is sent unsigned
    assert platform.offered == []
    monkeypatch.setenv("PLATFORM_SECRET", "of the city")
    assert await round_of(engine, feed, DAYS, NOW + timedelta(minutes=1)) == 1


async def test_one_platform_that_is_away_delays_no_other(session, engine, feed, platform):
    webhooks.subscribe(session, "http://127.0.0.1:1/told", NOW)
    webhooks.subscribe(session, platform.url, NOW)
    number = signed(session)
    assert await round_of(engine, feed, DAYS, NOW) == 2
    assert {json.loads(body)["service_request_id"] for _, body in platform.offered} == {number}


async def test_the_worker_tells_on_its_timetable(session, office_url, redis_url, platform):
    webhook, _ = webhooks.subscribe(session, platform.url, NOW)
    lamp(session)
    assert await asyncio.to_thread(jobs.tell_subscribers, office_url, redis_url, 3.0) == 1
    webhooks.remove(session, webhook)
    assert (webhooks.webhooks(session), webhooks.deliveries(session, webhook)) == ([], [])
