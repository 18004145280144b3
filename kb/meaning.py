"""What does a text say, in every form that is compared?  The room's two tables, read together."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kb.kept import kept
from kb.pinyin import encode
from kb.situations import Places, Situations, rows
from kb.synonyms import Reading, Synonyms
from kb.text import essence

SYNONYMS, SITUATIONS = (Path(__file__).parent / "sample" / name for name in ("synonyms.txt", "situations.txt"))
READ_BY = (
    "meaning",
    "situations",
    "synonyms",
    "grams",
    "pinyin",
    "text",
)  # modules that read the tables
SHORT = 4  # characters: tellings of the situations up to here are words of their own


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text in the forms that are compared."""

    words: str  # its essence
    sounds: str  # one character per syllable
    reading: Reading


class Meaning:
    """Both tables."""

    def __init__(self, synonyms: Sequence[str], situations: Sequence[str]) -> None:
        """The lines of the two tables."""
        table = rows(situations)
        self.synonyms = Synonyms(synonyms, (text for row in table for text in row if len(text) <= SHORT))
        groups = self.synonyms.groups()
        self.situations = Situations(table, groups, self.synonyms.talk())
        self.telling = self._telling([*table, *groups])

    def _telling(self, lines: Sequence[Sequence[str]]) -> tuple[float, ...]:
        """How telling each known word is: the fewer lines hold it, the more."""
        number = {word: n for n, word in enumerate(self.synonyms.words)}
        held = [0] * len(number)
        for line in lines:
            text = "|".join(line)
            pairs = {text[a : a + n] for n in range(1, 10) for a in range(len(text) - n + 1)}
            for word in pairs & number.keys():
                held[number[word]] += 1
        return tuple(math.log(1 + len(lines) / max(1, n)) for n in held)

    def spell(self, text: str) -> Spelled:
        words = essence(text)
        sounds = encode(words)
        return Spelled(words, sounds, self.synonyms.read(words, sounds))

    def place(self, texts: Sequence[Spelled]) -> Places:
        """Where texts stand among the situations."""
        return self.situations.place([t.words for t in texts], [t.sounds for t in texts])


@cache
def shipped() -> Meaning:
    """The tables that come with the sample knowledge."""
    read = [Path(__file__).with_name(f"{module}.py") for module in READ_BY]
    return kept("meaning", [SYNONYMS, SITUATIONS, *read], work_out)


def work_out() -> Meaning:
    """The same, from the tables; takes seconds."""
    return Meaning(*(file.read_text(encoding="utf-8").splitlines() for file in (SYNONYMS, SITUATIONS)))
