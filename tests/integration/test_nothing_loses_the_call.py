"""Processes die and doors close during real calls; every caller reaches the operators' queue."""

import signal
import sqlite3

from house import House, SwitchEar

LONG_STAY = "25"  # s the citizen would stay; the test ends the call as soon as it has seen enough


async def ready_again(house: House) -> None:
    await house.until_said("line is ready again")


async def test_the_robot_dies_during_the_greeting(house: House):
    async with SwitchEar(house) as ear:
        citizen = await house.dial("--stay", LONG_STAY)
        await citizen.until("answered")
        house.kill("line")
        await ear.until_queued(5)
        await citizen.hang_up()
    await ready_again(house)


async def test_the_robot_dies_while_the_citizen_speaks(house: House):
    async with SwitchEar(house) as ear:
        citizen = await house.dial("--say", "我想反映我们小区的暖气一直不热已经好几天了", "--stay", LONG_STAY)
        await citizen.until("the citizen acts")
        house.kill("line")
        await ear.until_queued(5)
        await citizen.hang_up()
    await ready_again(house)


async def test_the_robot_dies_while_it_speaks(house: House):
    async with SwitchEar(house) as ear:
        citizen = await house.dial("--say", "居住证怎么办理", "--stay", LONG_STAY)
        await citizen.until("the robot answers")
        house.kill("line")
        await ear.until_queued(5)
        await citizen.hang_up()
    await ready_again(house)


async def test_the_robot_dies_while_a_transfer_is_made(house: House):
    async with SwitchEar(house) as ear:
        citizen = await house.dial("--say", "转人工", "--stay", LONG_STAY)
        await citizen.until("the robot answers")
        house.kill("line")
        await ear.until_queued(5)
        await citizen.hang_up()
    await ready_again(house)


async def test_the_robot_accepts_and_never_answers(house: House):
    """Stopped, it still accepts connections: the launcher sees that it hangs, and its callers go on."""
    async with SwitchEar(house) as ear:
        citizen = await house.dial("--stay", LONG_STAY)
        await citizen.until("the robot answers")
        house.kill("line", signal.SIGSTOP)
        await ear.until_queued(15)
        await citizen.hang_up()
    await ready_again(house)


async def test_redis_and_the_database_are_away_and_the_question_is_answered_all_the_same(house: House):
    lock = sqlite3.connect(house.home / "hotline.db", isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    house.kill("redis", signal.SIGSTOP)
    try:
        citizen = await house.dial("--say", "居住证怎么办理", "--stay", "0")
        await citizen.until("the robot answers")
    finally:
        house.kill("redis", signal.SIGCONT)
        lock.execute("ROLLBACK")
        lock.close()
    lived = await citizen.end()
    assert "居住登记" in lived["heard_by_caller"]
