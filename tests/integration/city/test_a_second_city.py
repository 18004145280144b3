"""A second hotline beside the first, on PostgreSQL: each serves its own citizens; what breaks costs nobody the call."""

import asyncio
import signal
from collections.abc import Callable

import pytest
from house import House, SwitchEar, Wire

KNOWN = ("--interrupt", "0.5", "--say", "居住证怎么办理", "--stay", "0", "--deaf")
SINCE = ("routing", "calls", "--since", "2020-01-01T00:00:00+00:00")


async def record_of(house: House, call: str) -> dict:
    """The call's record, as soon as the database has it."""
    async with asyncio.timeout(30):
        while True:
            found = [r for r in await house.door(*SINCE) if r["id"] == call and r["ended"]]
            if found:
                return found[0]


async def said_by_robot(house: House, call: str, number: int) -> str:
    """The robot's sentence with that number in a running call, counted from 0."""
    async with asyncio.timeout(30):
        while True:
            for record in await house.door(*SINCE):
                said = [t["text"] for t in record["turns"] if record["id"] == call and t["who"] == "robot"]
                if len(said) > number:
                    return str(said[number])


async def test_two_hotlines_on_one_machine_serve_their_own_citizens(house, city):
    here, there = await asyncio.gather(house.call(*KNOWN), city.house.call(*KNOWN))
    assert (here["outcome"], there["outcome"]) == ("answer", "answer")
    first = {r["id"] for r in await house.door(*SINCE)}
    second = {r["id"] for r in await city.house.door(*SINCE)}
    assert here["call"] in first - second
    assert there["call"] in second - first
    assert city.house.database.startswith("postgresql://")


@pytest.mark.parametrize("breaks", [Wire.cut, Wire.reset])
async def test_the_sound_breaks_when_the_citizen_begins_to_speak_and_the_question_is_answered_all_the_same(
    city, breaks: Callable[[Wire], None]
):
    """The audio socket ends; Asterisk asks again, the robot still knows the call, and the conversation goes on.

    If too little came through, the robot asks once more, and the citizen says it again.
    """
    wish = ("--say", "居住证怎么办理")
    async with SwitchEar(city.house) as ear:
        citizen = await city.house.dial(*wish, *wish, "--stay", "0", "--deaf")
        arrived = await ear.until(lambda e: e.get("UserEvent") == "CallArrived")
        await citizen.until("the citizen acts")
        breaks(city.sound)
        reply = await said_by_robot(city.house, arrived["CallId"], 2)  # after the notice and the open question
        assert reply.startswith(("您问的是，居住证", "您是想问", "不好意思，我没听清")), (
            "nobody is handed over for half a sentence"
        )
        if not reply.startswith("您问的是"):
            await citizen.until("the robot answers")
    await citizen.hang_up()
    assert (await record_of(city.house, arrived["CallId"]))["article"] == "k0098"


async def test_the_sound_breaks_and_does_not_come_back(city):
    async with SwitchEar(city.house) as ear:
        citizen = await city.house.dial("--stay", "20", "--deaf")
        await citizen.until("answered")
        city.sound.close()
        try:
            await ear.until_queued(15)
        finally:
            city.sound.open()
        await citizen.hang_up()


async def test_the_database_is_away_during_a_call_and_has_the_record_when_it_is_back(city):
    city.postgres.stop()
    async with SwitchEar(city.house) as ear:
        citizen = await city.house.dial(*KNOWN)
        arrived = await ear.until(lambda e: e.get("UserEvent") == "CallArrived")
        await citizen.until("the robot answers")
        await ear.until(lambda e: e.get("UserEvent") == "CallEnded" and e["CallId"] == arrived["CallId"])
    city.postgres.start()
    await citizen.end()
    record = await record_of(city.house, arrived["CallId"])
    assert (record["outcome"], record["article"]) == ("answer", "k0098")


async def test_there_is_no_robot_and_the_citizen_reaches_the_queue(city):
    city.house.process.send_signal(signal.SIGSTOP)  # so that nobody starts it again
    try:
        city.house.kill("line")
        async with SwitchEar(city.house) as ear:
            citizen = await city.house.dial("--stay", "20", "--deaf")
            await ear.until_queued(10)
            await citizen.hang_up()
    finally:
        city.house.process.send_signal(signal.SIGCONT)
    await city.house.until_said("line is ready again")


async def test_console_and_worker_die_and_neither_who_waits_nor_who_talks_notices(city):
    async with SwitchEar(city.house) as ear:
        waits = await city.house.dial("--interrupt", "0.5", "--key", "0", "--stay", "60", "--deaf")
        await ear.until_queued()
        asks = await city.house.dial(*KNOWN)
        await asks.until("answered")
        for name in ("console", "worker", "redis"):
            city.house.kill(name)
        assert (await asks.end())["outcome"] == "answer"
        assert not [e for e in ear.events if e.get("Event") == "QueueCallerAbandon"], "the other one still waits"
        await waits.hang_up()
        await ear.until(lambda e: e.get("Event") == "QueueCallerAbandon")
