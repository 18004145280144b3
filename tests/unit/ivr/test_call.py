"""The whole call, without telephone."""

from scripted_line import SILENCE

from ivr.line import To
from kb.answer import Choice, Clarify


async def test_a_question_the_hotline_knows_is_answered_with_its_source(hold, facts):
    line = await hold("居住证怎么办理", "没有了谢谢")
    assert line.destination.to is To.BYE
    assert any("公安局" in sentence for sentence in line.said)
    assert ("answered_by_robot", {"article": "k0098", "revision": 1}) in facts


async def test_a_fire_is_put_through_before_anything_else_is_asked(hold):
    line = await hold("我家厨房着火了快来人")
    assert line.destination.to is To.EMERGENCY
    assert line.destination.service == "119"
    assert "着火" in line.destination.transcript
    assert len(line.said) == 2, "after notice and question nothing more was said"


async def test_a_fire_is_understood_although_the_recogniser_wrote_another_sign(hold):
    line = await hold("我家厨房找火了", SILENCE)
    assert line.destination.to is To.EMERGENCY, "at most one question is asked, and silence counts as yes"


async def test_who_does_not_want_to_live_reaches_a_person_first_and_in_front(hold):
    line = await hold("我不想活了")
    assert line.destination.to is To.QUEUE
    assert line.destination.front


async def test_the_word_for_a_person_is_enough(hold):
    for words in ("人工", "转人工", "我要转人工", "给我接个话务员"):
        line = await hold(words)
        assert line.destination.to is To.QUEUE, words
        assert line.destination.reason == "asked for a person", words


async def test_key_zero_is_a_person_at_any_time(hold):
    assert (await hold("[0]")).destination.to is To.QUEUE
    assert (await hold("居住证怎么办理", "[0]")).destination.to is To.QUEUE


async def test_asking_about_artificial_insemination_is_not_asking_for_a_person(hold):
    line = await hold("人工授精能报销吗")
    assert line.destination is None or line.destination.reason != "asked for a person"


async def test_silence_leads_to_a_person(hold):
    line = await hold(SILENCE)
    assert line.destination.to is To.QUEUE
    assert line.destination.reason == "silence"


async def test_two_turns_without_a_wish_lead_to_a_person(hold):
    line = await hold("嗯", "嗯")
    assert line.destination.reason == "not understood twice"


async def test_what_the_knowledge_does_not_hold_reaches_a_person_with_the_transcript(hold, facts):
    line = await hold("我们单元的邻居总把鞋柜放在过道里", "都不是")
    assert line.destination.to is To.QUEUE
    assert any(kind == "heard" and "鞋柜" in str(data["text"]) for kind, data in facts)


async def test_a_rejected_answer_is_handed_over(hold):
    line = await hold("居住证怎么办理", "不对")
    assert line.destination.to is To.QUEUE
    assert line.destination.reason == "answer rejected"


async def test_a_second_question_is_answered_too(hold, facts):
    await hold("居住证怎么办理", "灵活就业人员怎么交养老保险", "没有了")
    assert len([kind for kind, _ in facts if kind == "answered_by_robot"]) == 2


async def test_whatever_breaks_the_citizen_reaches_a_person(hold):
    def broken(*_: object) -> None:
        raise RuntimeError("the index is gone")

    line = await hold("居住证怎么办理", lookup=broken)
    assert line.destination.to is To.QUEUE
    assert not line.destination.told, "Asterisk says the sentence, since Python may not be able to"


async def test_a_caller_who_hangs_up_ends_the_dialogue_without_a_transfer(hold, facts):
    line = await hold()
    assert line.destination is None
    assert facts[-1][0] == "hung up"


async def test_what_came_near_is_kept_for_the_operators_eyes(hold, facts):
    near = Choice("k0098", 1, "居住证怎么办理", "凭身份证办理", "公安局", 0.6)
    await hold("办个证", "[0]", lookup=lambda *_: Clarify((near,)))
    assert ("decided", {"decision": "clarify", "candidates": [{"article": "k0098", "probability": 0.6}]}) in facts
