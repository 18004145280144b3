"""Which pieces do the articles hold, and how telling is each?

A piece is a number: of a character or a pair (as written, as heard), of a matter, of an intent, of a known word.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from kb.grams import HEARD, Floats, Ints, distinct, find, told
from kb.meaning import Meaning, Spelled
from kb.situations import DULL, pieces_of_talk
from kb.synonyms import Reading

KIND = HEARD.bit_length() - 1  # bits under the kind of a piece: HEARD is Kind.HEARD there


class Kind(IntEnum):
    """What a piece is made of."""

    WRITTEN = 0
    HEARD = 1
    MATTER = 2
    INTENT = 3
    WORD = 4


KINDS = len(Kind)


def cut(texts: Sequence[Spelled]) -> tuple[Ints, Ints, Floats]:
    """(key, number of the text, how surely) of every distinct piece of every text, by text and key."""
    said, of_said = told([t.words for t in texts], [t.sounds for t in texts])
    meant, of_meant, sure = _meant(texts)
    key, text = np.concatenate((said, meant)), np.concatenate((of_said, of_meant))
    trust = np.concatenate((np.ones(len(said), np.float32), sure))
    chosen = distinct(key, text)
    return key[chosen], text[chosen], trust[chosen]


def cut_one(said: Ints, reading: Reading) -> tuple[Ints, Floats]:
    """(key, how surely) of the distinct pieces of one text, by those of its words and sounds; sorted."""
    meant = ((Kind.MATTER, reading.matters), (Kind.INTENT, reading.intents), (Kind.WORD, reading.words))
    key = [kind << KIND | piece for kind, found in meant for piece in sorted(found)]
    sure = [found[piece] for _, found in meant for piece in sorted(found)]
    return np.concatenate((said, np.array(key, np.int64))), np.array([1.0] * len(said) + sure, np.float32)


def _meant(texts: Sequence[Spelled]) -> tuple[Ints, Ints, Floats]:
    key: list[int] = []
    text: list[int] = []
    sure: list[float] = []
    for number, spelled in enumerate(texts):
        reading = spelled.reading
        for kind, found in (
            (Kind.MATTER, reading.matters),
            (Kind.INTENT, reading.intents),
            (Kind.WORD, reading.words),
        ):
            for piece, trust in found.items():
                key.append(kind << KIND | piece)
                text.append(number)
                sure.append(trust)
    return np.array(key, np.int64), np.array(text, np.int64), np.array(sure, np.float32)


class Vocabulary:
    """Every piece of a collection, sorted, with what it tells."""

    def __init__(self, key: Ints, size: int, meaning: Meaning) -> None:
        """key: the pieces of `size` articles, each once per article."""
        self.keys, frequency = np.unique(key, return_counts=True)
        self._size = size
        self._dull = np.array(sorted(pieces_of_talk(meaning.synonyms.talk())), np.int64)
        self._words = np.array(meaning.telling, np.float32)
        self._telling: Floats = self._weigh(self.keys, frequency)

    def _weigh(self, key: Ints, frequency: Ints) -> Floats:
        telling: Floats = np.log(1 + (self._size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        telling[find(self._dull, key) >= 0] *= DULL
        word = key >> KIND == Kind.WORD
        telling[word] = self._words[key[word] & (1 << KIND) - 1]
        return telling

    def told(self, places: NDArray[np.int32]) -> Floats:
        """How telling the pieces at these places of `keys` are."""
        return self._telling[places]

    def telling(self, key: Ints) -> Floats:
        """How telling pieces are; those no article holds are the most."""
        at = find(self.keys, key)
        known, new = np.flatnonzero(at >= 0), np.flatnonzero(at < 0)
        weights = np.empty(len(key), np.float32)
        weights[known] = self._telling[at[known]]
        if len(new):
            weights[new] = self._weigh(key[new], np.zeros(len(new), np.int64))
        return weights
