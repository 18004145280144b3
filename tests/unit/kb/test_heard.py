"""A caller's words as they may have been said: several readings, each with how sure the recogniser is."""

import io
import json
import sys
from datetime import date

import pytest

from kb import __main__ as door
from kb import ranking, store
from kb.answer import Answer, Clarify, choose
from kb.index import Index

SAID, OTHER = "居住证怎么办理", "灵活就业人员怎么交养老保险"
NUMBERS = ranking.shipped()


@pytest.fixture(scope="module")
def city() -> Index:
    return Index.build(store.sample(date(2026, 3, 2)))


def first(city: Index, *heard: object) -> str:
    return city.search(*heard)[0].article.id  # type: ignore[arg-type]


def test_the_reading_the_recogniser_is_surer_of_decides(city):
    residence, pension = first(city, SAID), first(city, OTHER)
    assert first(city, SAID, [OTHER], [0.9, 0.1]) == residence
    assert first(city, SAID, [OTHER], [0.1, 0.9]) == pension
    assert first(city, SAID, [OTHER]) == residence, "where nobody says how sure, the first counts most"


def test_what_a_hopeless_reading_says_changes_nothing(city):
    alone, beside = city.search(SAID), city.search(SAID, [OTHER], [1.0, 0.0])
    assert [hit.article.id for hit in beside[:1]] == [hit.article.id for hit in alone[:1]]
    assert beside[0].share == pytest.approx(alone[0].share, abs=1e-4)


def test_the_same_reading_twice_is_one(city):
    assert city.search(SAID, [SAID], [0.6, 0.4]) == city.search(SAID)


def test_a_misheard_reading_beside_a_right_one_is_no_doubt(city):
    alone, beside = city.search(SAID), city.search(SAID, ["巨猪正怎么版里"], [0.5, 0.4])
    assert beside[0].share == alone[0].share


def test_who_may_have_asked_either_of_two_things_is_asked_which(city):
    assert isinstance(choose(city.search(SAID), NUMBERS), Answer)
    both = choose(city.search(SAID, [OTHER], [0.5, 0.5]), NUMBERS)
    assert isinstance(both, Clarify)
    assert {choice.article for choice in both.choices} == {first(city, SAID), first(city, OTHER)}


def test_no_reading_with_words_is_no_question(city):
    assert city.search("。", ["，"], [0.5, 0.5]) == ()


def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *rows: dict[str, object]) -> list[str]:
    """The articles that `python -m kb ask` names, a line in, a line out."""
    monkeypatch.setattr(sys, "argv", ["kb", "ask", "--articles", str(store.SAMPLE)])
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(json.dumps(row) for row in rows)))
    assert door.main() == 0
    return [json.loads(line)["candidates"][0]["article"] for line in capsys.readouterr().out.splitlines()]


def test_at_the_door_readings_may_be_told_in_any_of_the_ways_they_are_kept(city, monkeypatch, capsys):
    pension = first(city, OTHER)
    answers = ask(
        monkeypatch,
        capsys,
        {"text": SAID},
        {"text": SAID, "alternatives": [OTHER], "confidences": [0.1, 0.9]},
        {"text": SAID, "alternatives": [SAID, OTHER], "confidences": [0.1, 0.9]},  # as in a call's record
        {"alternatives": [{"text": SAID, "confidence": 0.1}, {"text": OTHER, "confidence": 0.9}]},
        {"text": SAID, "alternatives": [SAID, OTHER]},
        {"text": SAID, "alternatives": []},
    )
    residence = first(city, SAID)
    assert answers == [residence, pension, pension, pension, residence, residence]


def test_a_log_likelihood_is_refused_in_words(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["kb", "ask", "--articles", str(store.SAMPLE)])
    row = {"text": SAID, "alternatives": [OTHER], "confidences": [237.9, 235.8]}
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(row)))
    assert door.main() == 2
    assert "a confidence is between 0 and 1" in capsys.readouterr().err
