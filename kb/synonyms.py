"""What is talked about, in the office's words?  An editable table, read on hanzi and on sound.

One group a line, the office's word first; a word may stand in several groups.  The first character says what a line is:
none a matter, `?` a way of asking (an intent), `~` matters that are near each other, `-` talk that carries nothing,
`#` a remark.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kb.pinyin import encode

SHIPPED = Path(__file__).parent / "sample" / "synonyms.txt"
FIRST = 0xF0000  # code point of the first group: the second private-use plane holds one character per group
LONGEST = 9  # characters; no word of the table is longer
BY_SOUND = 0.7  # what a word counts that was only heard: other words sound the same
WITHIN = 0.4  # what a word counts that stands inside a longer one (公积金 in 公积金贷款)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text seen through the table."""

    stream: str  # one character per known word (its group) or unknown syllable, talk left out
    matters: dict[int, float]  # group -> how surely it is meant, 0..1
    intents: dict[int, float]


class Synonyms:
    """The table, ready to read texts with."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.names: list[str] = []  # of the groups
        self._intent: set[int] = set()
        self._groups: dict[str, list[int]] = {}
        self._heard: dict[str, list[int]] = {}
        self._talk: set[str] = set()
        near: list[list[str]] = []
        for line in lines:
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            match words[0]:
                case "-":
                    self._talk.update(words[1:])
                case "~":
                    near.append(words[1:])
                case "?":
                    self._intent.add(self._add(words[1:]))
                case _:
                    self._add(words)
        for word, groups in self._groups.items():
            if len(word) >= 2:  # single syllables sound like too much else
                self._heard.setdefault(encode(word), groups)
        number = {name: n for n, name in reversed(list(enumerate(self.names)))}
        self.near: dict[int, set[int]] = {}
        for words in near:
            known = [number[w] for w in words if w in number]
            for other in known[1:]:
                self.near.setdefault(known[0], set()).add(other)
                self.near.setdefault(other, set()).add(known[0])

    def _add(self, words: list[str]) -> int:
        group = len(self.names)
        self.names.append(words[0])
        for word in words:
            self._groups.setdefault(word, []).append(group)
        return group

    def _known(self, words: str, sounds: str, start: int, end: int) -> tuple[list[int], float] | None:
        groups = self._groups.get(words[start:end])
        if groups:
            return groups, 1.0
        groups = self._heard.get(sounds[start:end])
        return (groups, BY_SOUND) if groups else None

    def read(self, words: str, sounds: str) -> Reading:
        """words: normalised; sounds: its encode().  Longest word first, from left to right."""
        stream: list[str] = []
        matters: dict[int, float] = {}
        intents: dict[int, float] = {}
        start = 0
        while start < len(words):
            length, found = self._longest(words, sounds, start)
            if found:
                stream.append(chr(FIRST + found[0][0]))
                self._count(found, 1.0, matters, intents)
                self._inside(words, sounds, start, start + length, matters, intents)
            elif length == 1:
                stream.append(sounds[start])
            start += length
        return Reading("".join(stream), matters, intents)

    def _longest(self, words: str, sounds: str, start: int) -> tuple[int, tuple[list[int], float] | None]:
        """(characters, groups); no groups and more than 0 characters of talk, or one unknown character."""
        for length in range(min(LONGEST, len(words) - start), 0, -1):
            found = self._known(words, sounds, start, start + length)
            if found:
                return length, found
            if words[start : start + length] in self._talk:
                return length, None
        return 1, None

    def _inside(
        self, words: str, sounds: str, start: int, end: int, matters: dict[int, float], intents: dict[int, float]
    ) -> None:
        for left in range(start, end - 1):
            for right in range(left + 2, end + 1):
                if right - left < end - start:
                    found = self._known(words, sounds, left, right)
                    if found:
                        self._count(found, WITHIN, matters, intents)

    def _count(
        self, found: tuple[list[int], float], share: float, matters: dict[int, float], intents: dict[int, float]
    ) -> None:
        groups, trust = found
        for place, group in enumerate(groups):
            target = intents if group in self._intent else matters
            target[group] = max(target.get(group, 0.0), share * trust * (1.0 if place == 0 else 0.7))

    def talk(self) -> frozenset[str]:
        """Words that carry nothing."""
        return frozenset(self._talk)


@cache
def shipped() -> Synonyms:
    """The table that comes with the sample knowledge."""
    return Synonyms(SHIPPED.read_text(encoding="utf-8").splitlines())
