"""The hotline rings back and asks: without telephone, with the citizen's own words."""

from datetime import UTC, datetime

import pytest
from scripted_line import SILENCE, ScriptedLine

from ivr.dialogue.call import answer_call
from ivr.dialogue.follow_up import follow_up
from ivr.dialogue.rooms import Rooms
from ivr.line import Heard, HungUp, To
from ivr.lines.transcribed import Transcribed
from ivr.lines.watched import Watched
from ivr.speech.wording import Wording
from ivr.understand.satisfaction import satisfied, solved
from routing.cases import State
from routing.emergency import judge
from routing.standing import Standing

CASE = Standing(
    "03260303000011", "路灯不亮", State.CALLBACK, datetime(2026, 3, 3, tzinfo=UTC), "城管局", None, "灯泡已换", True
)


async def rung(*turns: str) -> tuple[ScriptedLine, dict[str, object]]:
    """The line afterwards, and the last thing kept of the citizen's answers."""
    line, facts = ScriptedLine(*turns), []

    async def progress(_number: str) -> list[Standing]:
        return [CASE]

    async def in_danger(_line: object) -> bool:
        return True

    rooms = Rooms(
        lambda *_: None, lambda w, f: judge(w, final=f), Wording(), lambda k, d: facts.append((k, d)), progress=progress
    )

    async def conversation(line: object, rooms: Rooms) -> None:
        await follow_up(line, rooms, case=CASE.number)

    try:
        await answer_call(Watched(Transcribed(line, rooms.record), rooms.judge, in_danger), rooms, conversation)
    except HungUp:
        facts.append(("hung up", {}))
    kept = [data for kind, data in facts if kind == "asked_after"]
    return line, kept[-1] if kept else {}


async def test_the_citizen_is_asked_whether_it_is_solved_and_whether_they_are_satisfied():
    line, kept = await rung("解决了", "挺满意的", "没有了谢谢")
    assert "路灯不亮" in line.said[0]
    assert "城管局" in line.said[0]
    assert kept == {"case": CASE.number, "solved": "yes", "satisfied": "very", "words": ""}
    assert line.destination.to is To.BYE


async def test_a_dissatisfied_citizens_own_words_are_kept():
    _, kept = await rung("没解决", "不满意", "灯还是不亮晚上看不见路")
    assert (kept["solved"], kept["satisfied"], kept["words"]) == ("no", "no", "灯还是不亮晚上看不见路")


async def test_silence_is_no_answer():
    line, kept = await rung(SILENCE)
    assert kept == {}
    assert line.destination.to is To.BYE


async def test_who_hangs_up_after_the_first_answer_has_given_it():
    _, kept = await rung("没有解决")
    assert kept == {"case": CASE.number, "solved": "no"}


async def test_who_asks_for_a_person_or_is_in_danger_is_helped_as_in_every_call():
    assert (await rung("我要转人工"))[0].destination.to is To.QUEUE
    assert (await rung("我家厨房着火了快来人"))[0].destination.to is To.EMERGENCY


@pytest.mark.parametrize(
    ("words", "meaning"),
    [("解决了", "yes"), ("已经弄好了", "yes"), ("没解决", "no"), ("还是老样子", "no"), ("部分解决", "partly"),
     ("没姐决", "no"), ("今天天气", None)],
)  # fmt: skip
def test_what_citizens_say_about_the_result(words, meaning):
    assert solved(Heard(words=words)) == meaning


@pytest.mark.parametrize(
    ("words", "meaning"),
    [("非常满意", "very"), ("满意", "yes"), ("不满意", "no"), ("一般吧", "ok"), ("不太满意", "no"), ("布满意", "no"),
     ("啊", None)],
)  # fmt: skip
def test_what_citizens_say_about_the_handling(words, meaning):
    assert satisfied(Heard(words=words)) == meaning
