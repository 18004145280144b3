"""An operator finds a matter by typing."""

import pytest

from agent_console.matter_search import search_matters, suggest_matters


@pytest.mark.parametrize("typed", ["暖气", "暖器", "nuanqi", "nuan qi", "供热温度", "grwd"])
def test_heating_is_found_as_written_as_it_sounds_and_as_it_is_spelled(typed):
    assert "供热温度不达标" in [m.zh for m in search_matters(typed)][:3]


def test_an_empty_search_shows_the_whole_catalogue():
    assert len(search_matters(" ")) > 100


def test_a_code_is_found_by_its_beginning():
    assert [m.code for m in search_matters("0101")] == ["0101"]


def test_the_words_of_a_call_suggest_a_matter():
    assert suggest_matters(["我家暖气不热", "没有人管"])[0].zh == "供热温度不达标"


def test_silence_suggests_nothing():
    assert suggest_matters([]) == []
