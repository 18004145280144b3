"""Which pieces do the articles hold, and how telling is each?

A piece is a number: of a character or a pair (as written, as heard), of a matter, of an intent, of a known word.
"""

from collections.abc import Sequence
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from kb.grams import PAIR, Floats, Ints, find, keys, pieces
from kb.meaning import Meaning, Spelled
from kb.pinyin import encode
from kb.synonyms import Reading

DULL = 0.35  # weight of pieces that are mere talk ("我想", "那个")
KIND = 44  # bits under the kind of a piece


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
    seen, of_seen = pieces([t.words for t in texts])
    heard, of_heard = pieces([t.sounds for t in texts])
    meant, of_meant, sure = _meant(texts)
    key = np.concatenate((seen, heard | Kind.HEARD << KIND, meant))
    text = np.concatenate((of_seen, of_heard, of_meant))
    trust = np.concatenate((np.ones(len(seen) + len(heard), np.float32), sure))
    order = np.lexsort((key, text))
    key, text, trust = key[order], text[order], trust[order]
    new = np.ones(len(key), bool)
    new[1:] = (key[1:] != key[:-1]) | (text[1:] != text[:-1])
    return key[new], text[new], trust[new]


def cut_one(words: Ints, sounds: Ints, reading: Reading) -> tuple[Ints, Floats]:
    """(key, how surely) of the distinct pieces of one text, by the keys() of its words and of its sounds; sorted."""
    meant = ((Kind.MATTER, reading.matters), (Kind.INTENT, reading.intents), (Kind.WORD, reading.words))
    key = [kind << KIND | piece for kind, found in meant for piece in sorted(found)]
    sure = [found[piece] for _, found in meant for piece in sorted(found)]
    trust = np.ones(len(words) + len(sounds) + len(key), np.float32)
    trust[len(words) + len(sounds) :] = sure
    return np.concatenate((words, sounds | Kind.HEARD << KIND, np.array(key, np.int64))), trust


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
        talk = meaning.synonyms.talk()
        dull = {int(k) for w in talk for k in keys(w)}
        dull |= {int(k) | Kind.HEARD << KIND for w in talk for k in keys(encode(w)) if k >= PAIR}
        self._dull = np.array(sorted(dull), np.int64)
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
        known = at >= 0
        told = self._weigh(key, np.zeros(len(key), np.int64))
        told[known] = self._telling[at[known]]
        return told
