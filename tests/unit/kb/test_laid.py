from datetime import date

import numpy as np
import pytest

from kb import laid, meaning, store
from kb.laid import lay, lay_all
from kb.pinyin import encode

SOME = [article.question for article in store.sample(date(2026, 3, 2))][:60]


def test_processes_lay_texts_as_one_process_does(monkeypatch: pytest.MonkeyPatch):
    city = meaning.shipped()
    here = lay([city.spell(text) for text in SOME], city)
    monkeypatch.setattr(laid, "LARGE", 10)
    monkeypatch.setattr(laid, "AT_ONCE", 16)
    monkeypatch.setattr(laid.os, "sched_getaffinity", lambda _: {0, 1})
    there = lay_all(SOME, city)
    assert there.words == here.words
    assert there.sounds == here.sounds == [encode(words) for words in here.words]
    for part in ("key", "row", "trust", "nearest", "nearness", "directions"):
        assert np.array_equal(getattr(there, part), getattr(here, part)), part


def test_texts_can_be_chosen_by_number_and_come_in_that_order():
    city = meaning.shipped()
    every = lay_all(SOME, city)
    two = every.of(np.array([7, 2, 7]))
    assert two.words == [every.words[7], every.words[2], every.words[7]]
    assert np.array_equal(two.key[two.row == 1], every.key[every.row == 2])


def test_nothing_is_laid_as_nothing():
    assert lay_all([], meaning.shipped()).words == []
