"""What callers say becomes a value, also when the recogniser wrote other signs."""

import pytest

from ivr.line import Heard
from ivr.speech.turns import Readiness
from ivr.understand.choice import chosen
from ivr.understand.ending import ending
from ivr.understand.person import has_enough, only_hello, rejects, wants_person
from ivr.understand.yes_no import yes_or_no


def said(words: str) -> Heard:
    return Heard(words=words)


@pytest.mark.parametrize("words", ["是的", "对", "有", "嗯是", "没错", "需要", "对对对"])
def test_yes_is_yes(words):
    assert yes_or_no(said(words)) is True


@pytest.mark.parametrize("words", ["不是", "没有", "不对", "不用了", "没有没有", "否"])
def test_no_is_no(words):
    assert yes_or_no(said(words)) is False


@pytest.mark.parametrize("words", ["", "这个", "我家住三楼"])
def test_neither_is_neither(words):
    assert yes_or_no(said(words)) is None


def test_keys_answer_too():
    assert yes_or_no(Heard(key="1")) is True
    assert yes_or_no(Heard(key="2")) is False
    assert yes_or_no(Heard(key="9")) is None


QUESTIONS = ["居住证怎么办理", "护照怎么办理"]


@pytest.mark.parametrize(
    ("words", "index"),
    [
        ("第一个", 0),
        ("第二个", 1),
        ("后面那个", 1),
        ("都不是", -1),
        ("护照", 1),
        ("居住证", 0),
        ("嗯嗯啊啊呀", 0),
        ("天气真好", None),
    ],
)
def test_a_choice_by_number_or_by_name(words, index):
    assert chosen(said(words), QUESTIONS) == index


def test_a_choice_by_key():
    assert chosen(Heard(key="2"), QUESTIONS) == 1
    assert chosen(Heard(key="3"), QUESTIONS) == -1
    assert chosen(Heard(key="7"), QUESTIONS) is None


@pytest.mark.parametrize("words", ["转人工", "专人工", "人公", "找个真人", "接线员", "我要客服"])
def test_a_person_is_asked_for_in_many_ways(words):
    assert wants_person(said(words))


@pytest.mark.parametrize("words", ["人工湖在哪里", "人工智能产业补贴", "人工费太贵了", "工人没发工资"])
def test_other_things_are_not_a_person(words):
    assert not wants_person(said(words))


def test_the_end_of_a_conversation():
    assert has_enough(said("没有了谢谢"))
    assert has_enough(said("好的再见"))
    assert not has_enough(said("没有身份证怎么办"))
    assert rejects(said("不对不是这个"))
    assert only_hello(said("喂你好"))
    assert not only_hello(said("你好我家停水了"))


@pytest.mark.parametrize(
    ("words", "readiness"),
    [
        ("居住证怎么办理", Readiness.COMPLETE),
        ("我家在海勃湾区那个", Readiness.UNFINISHED),
        ("我想问一下", Readiness.UNFINISHED),
        ("楼道里的灯坏掉好几天", Readiness.OPEN),
    ],
)
def test_the_last_words_say_whether_more_will_come(words, readiness):
    assert ending(words) is readiness
