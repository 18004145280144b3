"""A citizen may hang up at any instant: the record is whole, and nothing of the call is left behind."""

import asyncio

from house import SwitchEar

MOMENTS = {
    "before a word": (["--stay", "9"], "answered"),
    "during the open question": (["--say", "居住证怎么办理"], "the robot speaks"),
    "while speaking": (["--interrupt", "0.5", "--say", "我想反映我们小区的暖气一直不热"], "the citizen acts"),
    "during the answer": (["--interrupt", "0.5", "--say", "居住证怎么办理"], "the robot answers"),
    "during the question about danger": (["--interrupt", "0.5", "--say", "有人在打架"], "the robot answers"),
    "while being put through": (["--interrupt", "0.5", "--say", "我家厨房着火了快来人"], "the robot answers"),
    "on the way to a person": (["--interrupt", "0.5", "--key", "0"], "the robot answers"),
}


async def test_hanging_up_at_any_moment_leaves_a_whole_record_and_no_channel(house):
    async with SwitchEar(house) as ear:

        async def hang_up(arguments: list[str], moment: str) -> dict:
            citizen = await house.dial(*arguments, "--deaf")
            await citizen.until(moment)
            citizen.process.terminate()
            return await citizen.end()

        lived = await asyncio.gather(*(hang_up(*case) for case in MOMENTS.values()))
        ended = {call["call"] for call in lived}
        for call in ended:
            await ear.until(lambda e, call=call: e.get("UserEvent") == "CallEnded" and e.get("CallId") == call)
        assert await ear.channels() == []
    records = {r["id"]: r for r in await house.door("routing", "calls", "--since", "2020-01-01T00:00:00+00:00")}
    assert len(ended) == len(MOMENTS)
    for moment, call in zip(MOMENTS, lived, strict=True):
        record = records[call["call"]]
        assert record["ended"] is not None, moment
        assert record["outcome"] in {"hangup", "answer", "operator", "emergency"}, moment
        assert [turn for turn in record["turns"] if turn["who"] == "robot"], moment
