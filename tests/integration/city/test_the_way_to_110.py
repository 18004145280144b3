"""110 is busy, refuses, is silent or not there: tried again, then the second route, then a person takes the call."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from house import House, SwitchEar, desk_of_110
from sqlalchemy.orm import Session

from routing.alarms import open_alarms
from routing.database import connect
from routing.events import AlarmRaised
from routing.feed import Feed

FIRE = ("--interrupt", "0.5", "--say", "我家厨房着火了快来人")


def in_queue(event: dict[str, str]) -> bool:
    return event.get("Event") == "QueueCallerJoin"


def handed(book: Path) -> list[dict]:
    return [json.loads(line) for line in book.read_text().splitlines()] if book.exists() else []


def tries(ear: SwitchEar, call: str) -> list[tuple[str, str]]:
    """(route, how it went) in order."""
    return [
        (event["Route"], event["Status"])
        for event in ear.events
        if event.get("UserEvent") == "EmergencyResult" and event["CallId"] == call
    ]


@pytest_asyncio.fixture(scope="module")
async def waiting(city) -> AsyncIterator[None]:
    """An earlier citizen who waits for an operator all the time."""
    async with SwitchEar(city.house) as ear:
        citizen = await city.house.dial("--interrupt", "0.5", "--key", "0", "--stay", "300", "--deaf")
        await ear.until(in_queue)
    yield
    await citizen.hang_up()


async def test_the_first_route_is_busy_and_the_second_answers(city, tmp_path):
    first, second = city.desks
    async with (
        desk_of_110(tmp_path / "busy", first, city.desk_port, "486") as busy,
        desk_of_110(tmp_path / "free", second, city.desk_port, "answer") as free,
        SwitchEar(city.house) as ear,
    ):
        call = await city.house.call(*FIRE, "--stay", "6")
    assert call["outcome"] == "emergency"
    assert tries(ear, call["call"])[:2] == [("1", "BUSY"), ("1", "BUSY")]
    assert len(handed(busy)) == 2
    (arrived,) = handed(free)
    assert (arrived["call"], arrived["service"], arrived["drill"]) == (call["call"], "119", False)
    assert "着火" in arrived["transcript"]
    assert "请讲" in call["heard_by_caller"], "the citizen hears the desk speak"


async def test_the_sound_is_reset_as_the_robot_decides_and_110_rings_all_the_same(city):
    """Asterisk never hears that the talk is over; it asks once more and is told where to."""
    async with SwitchEar(city.house) as ear:
        citizen = await city.house.dial(*FIRE, "--stay", "60", "--deaf")
        arrived = await ear.until(lambda e: e.get("UserEvent") == "CallArrived")
        city.sound.loses_the_end = True
        try:
            put_through = await ear.until(lambda e: e.get("UserEvent") in {"Emergency", "CallQueued"})
        finally:
            city.sound.loses_the_end = False
        await citizen.hang_up()
    assert (put_through["UserEvent"], put_through["CallId"]) == ("Emergency", arrived["CallId"])


async def alarm_about(house: House, call: str) -> int:
    """The number of the alarm that the desks are told of."""
    told = Feed(house.redis).follow("0")
    try:
        async with asyncio.timeout(10):
            async for entry in told:
                if isinstance(entry.event, AlarmRaised) and entry.event.call == call:
                    return entry.event.alarm
    finally:
        await told.aclose()
    raise AssertionError("the feed ended")


@contextlib.asynccontextmanager
async def two_desks(city, home: Path, behaviours: Sequence[str]) -> AsyncIterator[None]:
    """What the two routes do when they are rung."""
    async with contextlib.AsyncExitStack() as desks:
        for address, behaviour in zip(city.desks, behaviours, strict=True):
            if behaviour != "nobody there":
                await desks.enter_async_context(desk_of_110(home / address, address, city.desk_port, behaviour))
        yield


@pytest.mark.usefixtures("waiting")
@pytest.mark.parametrize("behaviours", [("silent", "503"), ("nobody there", "nobody there")])
async def test_no_route_answers_and_a_person_takes_the_call_before_all_others(city, tmp_path, behaviours):
    async with two_desks(city, tmp_path, behaviours), SwitchEar(city.house) as ear:
        citizen = await city.house.dial(*FIRE, "--stay", "60")
        urgent = await ear.until(in_queue, 40)
        await citizen.hang_up()
    assert urgent["Position"] == "1", "before the citizen who came first"
    (call,) = [e["CallId"] for e in ear.events if e.get("UserEvent") == "EmergencyFailed"]
    assert [route for route, _ in tries(ear, call)] == ["1", "1", "2"]
    alarm = await alarm_about(city.house, call)
    engine = connect(city.house.database)
    with Session(engine) as session:
        assert alarm in [a.id for a in open_alarms(session)], "until somebody says that they saw it"
    engine.dispose()
