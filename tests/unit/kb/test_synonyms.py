"""Which known words a caller's sentence is made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.meaning import Spelled, shipped

TABLE = shipped().synonyms


def spotted(text: str) -> list[str]:
    """The words that divide the sentence, as the table writes them."""
    said: Spelled = shipped().spell(text)
    return [TABLE.words[found.word] for found in TABLE.spot(said.words, said.sounds) if not found.inside]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("我们要办离婚登记怎么办理", ["办", "离婚登记", "怎么办理"]),  # 办离 sounds like 办理, 登记怎 like 等级证
        ("给我爸办老年证", ["我爸", "办", "老年证"]),
        ("办时老年证要带什么", ["办事", "老年证", "带什么"]),
    ],
)
def test_a_word_that_was_said_is_not_torn_by_one_that_only_sounds_so(said, words):
    assert spotted(said) == words


@given(st.lists(st.sampled_from(TABLE.words), min_size=1, max_size=4).map("".join))
def test_the_words_of_a_sentence_stand_one_after_another_and_others_only_inside_them(text):
    said = shipped().spell(text)
    end = 0
    for found in TABLE.spot(said.words, said.sounds):
        if found.inside:
            assert found.start + found.length <= end
        else:
            assert found.start >= end
            end = found.start + found.length
        assert end <= len(said.words)


def test_a_known_word_by_itself_is_read_as_itself():
    grouped = [word for n, word in enumerate(TABLE.words) if len(word) > 1 and TABLE.groups_of(n)]
    assert [w for w in grouped[:400] if w not in spotted(w) and shipped().spell(w).words == w] == []
