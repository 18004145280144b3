"""What is the caller's trouble, in the words of many callers?  An editable table of situations.

One situation a line: the office's names for it (separated by spaces), then, each after a `|`, ways people tell it.  A
text is placed among the situations by the pieces it shares with them, in hanzi and by sound; two texts that share no
word are alike when they are placed alike.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

from kb import synonyms
from kb.grams import Floats, Postings, keys
from kb.pinyin import encode

SHIPPED = Path(__file__).parent / "sample" / "situations.txt"
KEPT = 10  # situations a text is placed among
SHARP = 3.0  # power by which the nearest outweigh the others
PAIR = 1 << 21  # keys of pairs are larger
DULL = 0.35  # weight of pieces that are mere talk


class Situations:
    """The table, ready to place texts in."""

    def __init__(self, lines: Iterable[str], talk: frozenset[str] = frozenset()) -> None:
        cells = [line.strip().split("|") for line in lines if line.strip() and not line.startswith("#")]
        self.names = [row[0].split()[0] for row in cells]
        texts = [(n, text) for n, row in enumerate(cells) for text in (*row[0].split(), *row[1:]) if text]
        self._owner = np.array([n for n, _ in texts], np.int64)
        words = [text for _, text in texts]
        sounds = [encode(text) for text in words]
        dull_words = {int(k): DULL for w in talk for k in keys(w)}
        dull_sounds = {int(k): DULL for w in talk for k in keys(encode(w)) if k > PAIR}
        self._words = Postings(words, self._owner, b=0.3, dull=dull_words)
        self._sounds = Postings(sounds, self._owner, b=0.3, dull=dull_sounds)
        self._each_word = Postings(words, dull=dull_words)
        self._each_sound = Postings(sounds, dull=dull_sounds)

    def nearness(self, words: str, sounds: str) -> Floats:
        """How near a text is to each situation, 0 to about 1: as a whole, and by its nearest telling."""
        whole = self._words.scores(words) + self._sounds.scores(sounds)
        each = self._each_word.scores(words) + self._each_sound.scores(sounds)
        best = np.zeros(len(self.names), np.float32)
        np.maximum.at(best, self._owner, each)
        return np.asarray((whole + best) / 4, np.float32)

    def place(self, nearness: Floats) -> Floats:
        """The few nearest situations as a vector of length 1 (or 0)."""
        vector = np.zeros(len(self.names), np.float32)
        kept = np.argsort(-nearness)[:KEPT]
        vector[kept] = nearness[kept] ** SHARP
        return np.asarray(vector / (np.linalg.norm(vector) or 1.0), np.float32)


@cache
def shipped() -> Situations:
    """The table that comes with the sample knowledge."""
    return Situations(SHIPPED.read_text(encoding="utf-8").splitlines(), synonyms.shipped().talk())
