"""What Vosk says of each segment becomes a few whole sentences with how sure each is."""

import pytest

from ivr.speech.readings import KEPT, Reading, heard, shares, together
from ivr.speech.recogniser import Transcript, transcript

BEGUN = [Reading((), 0.0)]


def said(*told: tuple[str, float]) -> dict[str, object]:
    """A result in Vosk's shape."""
    return {"alternatives": [{"text": text, "confidence": score} for text, score in told]}


def turn(*segments: dict[str, object]) -> Transcript:
    readings = BEGUN
    for segment in segments:
        readings = together(readings, heard(segment))
    return transcript(readings)


def test_two_readings_as_likely_share_what_there_is():
    told = turn(said(("居住证 怎么 办理", 230.0), ("居住 怎么 办理", 230.0)))
    assert told.alternatives == ("居住证怎么办理", "居住怎么办理")
    assert told.confidences == (0.5, 0.5)


def test_two_readings_that_differ_only_in_spaces_are_one():
    told = turn(said(("医保 卡", 10.0), ("医 保 卡", 10.0), ("医保 [unk] 卡", 9.0), ("医保 开", 10.0)))
    assert told.alternatives == ("医保卡", "医保开")
    assert told.confidences[0] == pytest.approx((2 + 0.3679) / (3 + 0.3679), abs=1e-3)
    assert told.spoken == ("医保", "卡")


def test_a_pause_in_the_middle_gives_whole_sentences_and_the_likeliest_three():
    told = turn(
        said(("我家 暖气", 50.0), ("我家 暖七", 48.0), ("我 加 暖气", 47.0)), said(("不 热", 20.0), ("不 乐", 19.5))
    )
    assert told.words == "我家暖气不热"
    assert told.spoken == ("我家", "暖气", "不", "热")
    assert told.alternatives == ("我家暖气不热", "我家暖气不乐", "我家暖七不热")
    assert list(told.confidences) == sorted(told.confidences, reverse=True)
    assert sum(told.confidences) <= 1


def test_a_caller_who_pauses_often_costs_no_more_than_one_who_does_not():
    readings = BEGUN
    for _ in range(8):
        readings = together(readings, heard(said(("好", 5.0), ("号", 4.5), ("嚎", 4.0))))
    assert len(readings) == KEPT
    assert sum(shares(readings)) == pytest.approx(1)


def test_where_nothing_was_said_there_is_no_other_reading():
    assert turn(said(("", 1.0))) == turn(said(("[unk]", 9.0), ("嗯", 8.0))) == Transcript("")
    assert turn({"alternatives": []}) == turn({}) == Transcript("")


def test_a_result_without_alternatives_is_one_reading():
    assert turn({"text": "居住证 怎么 办"}).alternatives == ("居住证怎么办",)


def test_a_score_that_is_no_number_makes_a_reading_the_last():
    told = turn(said(("我", float("nan")), ("窝", 3.0), ("沃", float("-inf"))))
    assert told.words == "窝"
    assert told.confidences[0] == 1
