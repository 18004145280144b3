"""How well pieces of a text fit each text of a collection."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.grams import Floats, Ints, Postings, keys
from kb.pinyin import encode

COLLECTED = ["办理社保卡", "社保卡丢了", "水费怎么交", "交水费", "办理居住证", "证丢了怎么办", *["办"] * 20]
texts = st.lists(st.text(alphabet="办理社保卡丢了水费怎么交居住证哪", min_size=1, max_size=12), min_size=1, max_size=8)


def collected() -> Postings:
    return Postings(COLLECTED, [encode(text) for text in COLLECTED], np.arange(len(COLLECTED)), 0.3, {})


def said(text: str) -> Ints:
    return keys(text, encode(text))


@settings(max_examples=50, deadline=None)
@given(texts)
def test_a_text_fits_as_well_alone_as_among_many(asked):
    postings = collected()
    pieces = [said(text) for text in asked]
    row = np.repeat(np.arange(len(asked)), [len(p) for p in pieces])
    together = postings.scores(np.concatenate(pieces), row, len(asked))
    alone = np.array([postings.score(p) for p in pieces])
    assert np.allclose(together, alone, atol=1e-6)


def test_what_every_text_holds_tells_little_and_what_one_holds_much():
    fits = collected().score(said("办居住证"))
    assert fits.argmax() == COLLECTED.index("办理居住证")
    assert 0 < fits[COLLECTED.index("办")] < 0.4
    assert fits[COLLECTED.index("交水费")] == 0


def test_what_sounds_alike_fits_half_as_well_as_what_is_written_so():
    written, heard = (fit("交水费"), fit("教水费"))
    assert written > heard > 0.5 * written


def fit(text: str) -> float:
    fits: Floats = collected().score(said(text))
    return float(fits[COLLECTED.index("交水费")])
