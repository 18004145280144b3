"""What citizens say in the middle of a call, on a real line: doubts, candidates, silence, a wrong answer."""

import asyncio
import json

import pytest_asyncio
from house import House

DOUBTFUL = "路上有人躺着不动"  # asleep, drunk or dying: one question tells
VAGUE = ("社保卡补办在哪里办", "老年公交卡在哪里办", "国外驾照换国内的", "办事大厅停车收费不")


async def two_candidates(house: House) -> tuple[str, list[str]]:
    """Words of which the knowledge base as it is today makes two articles, and these."""
    asked = "\n".join(json.dumps({"id": words, "text": words}, ensure_ascii=False) for words in VAGUE)
    for decision in await house.door("kb", "ask", given=asked):
        if decision["decision"] == "clarify" and len(decision["candidates"]) >= 2:
            return decision["id"], [c["article"] for c in decision["candidates"][:2]]
    raise AssertionError("nothing is vague to this knowledge base: find other words")


@pytest_asyncio.fixture(scope="module")
async def lived(house: House) -> dict[str, dict]:
    """They all ring at the same time."""
    vague, (first, second) = await two_candidates(house)
    rung = {
        "danger denied": ["--say", DOUBTFUL, "--say", "没有", "--stay", "1", "--deaf"],
        "danger confirmed": ["--say", DOUBTFUL, "--say", "有", "--stay", "1", "--deaf"],
        "danger and silence": ["--say", DOUBTFUL, "--stay", "9", "--deaf"],
        "self-harm": ["--say", "我不想活了我想跳楼", "--stay", "1", "--deaf"],
        "first by voice": ["--say", vague, "--say", "第一个", "--stay", "0", "--deaf"],
        "second by key": ["--say", vague, "--key", "2", "--stay", "0", "--deaf"],
        "wrong answer": ["--say", "居住证怎么办理", "--say", "不对", "--stay", "1", "--deaf"],
        "never a word": ["--stay", "14", "--deaf"],
        "enough": ["--say", "居住证怎么办理", "--say", "没有了谢谢", "--stay", "3"],
        "over the answer": ["--interrupt", "2.5", "--say", "居住证怎么办理", "--say", "不对转人工", "--stay", "1"],
        "mumbling": ["--say", "啊", "--say", "呃", "--stay", "1", "--deaf"],
    }
    calls = await asyncio.gather(*(house.call(*arguments) for arguments in rung.values()))
    return dict(zip(rung, calls, strict=True)) | {"candidates": {"first": first, "second": second}}


async def test_a_doubt_is_cleared_up_with_one_question_and_a_no_leads_on(lived):
    assert lived["danger denied"]["outcome"] == "operator"
    asked = [said for said in lived["danger denied"]["said_by_robot"] if "紧急危险" in said]
    assert len(asked) == 1


async def test_a_yes_and_silence_ring_at_110(lived):
    assert lived["danger confirmed"]["outcome"] == "emergency"
    assert lived["danger and silence"]["outcome"] == "emergency", "who cannot speak any more needs it most"


async def test_who_wants_to_die_hears_a_person_and_no_blind_transfer(lived):
    call = lived["self-harm"]
    assert call["outcome"] == "operator"
    assert any("请不要挂机" in said for said in call["said_by_robot"])


async def test_one_of_two_candidates_is_chosen_by_voice_and_by_key(lived):
    assert lived["first by voice"]["article"] == lived["candidates"]["first"]
    assert lived["second by key"]["article"] == lived["candidates"]["second"]
    assert lived["first by voice"]["outcome"] == lived["second by key"]["outcome"] == "answer"


async def test_a_rejected_answer_leads_to_a_person(lived):
    assert lived["wrong answer"]["outcome"] == "operator"
    assert lived["wrong answer"]["said_by_robot"][-1].startswith("抱歉没有答对")


async def test_ten_seconds_without_a_word_and_two_turns_not_understood_lead_to_a_person(lived):
    assert lived["never a word"]["outcome"] == "operator"
    assert lived["mumbling"]["outcome"] == "operator"


async def test_who_has_heard_enough_is_thanked(lived):
    call = lived["enough"]
    assert call["outcome"] == "answer"
    assert "再见" in call["heard_by_caller"]


async def test_the_robot_stops_when_the_citizen_talks_over_its_answer(lived):
    call = lived["over the answer"]
    assert call["outcome"] == "operator"
    assert call["stopped_after_ms"], "the citizen did talk over the robot"
    assert max(call["stopped_after_ms"]) < 400, "bench-line has the figures; here only that it stops"
