"""What is talked about, in the office's words?  An editable table, read on hanzi and on sound.

One group a line, the office's word first; a word may stand in several groups.  The first character says what a line is:
none a matter, `?` a way of asking (an intent), `-` talk that carries nothing, `#` a remark
(so is `~`, which older tables have).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kb.pinyin import encode

FIRST = 0xF0000  # code point of the first group: the second private-use plane holds one character per group
LONGEST = 9  # characters; no word of the table is longer
BY_SOUND = 0.7  # what a word counts that was only heard: other words sound the same
ONLY_HEARD = 0.4  # what a word that was not written so counts beside one that was, where both cannot be
WITHIN = 0.4  # what a word counts that stands inside a longer one (公积金 in 公积金贷款)
SECOND = 0.7  # what the second and further groups of a word count


@dataclass(frozen=True, slots=True)
class Spotted:
    """A known word in a text."""

    start: int
    length: int
    word: int  # number of the word
    trust: float  # 1 when written so, BY_SOUND when it only sounds so
    inside: bool  # of a longer known word


@dataclass(frozen=True, slots=True)
class Reading:
    """A text seen through the table: what was meant -> how surely, 0..1."""

    matters: dict[int, float]  # by number of the group
    intents: dict[int, float]
    words: dict[int, float]


class Synonyms:
    """The table, ready to read texts with."""

    def __init__(self, lines: Iterable[str], further: Iterable[str] = ()) -> None:
        """further: words that are known, though they stand in no group."""
        self.names: list[str] = []  # of the groups
        self._intent: set[int] = set()
        self._talk: set[str] = set()
        groups: dict[str, list[int]] = {}
        for line in lines:
            words = line.split()
            if not words or words[0].startswith(("#", "~")):
                continue
            match words[0]:
                case "-":
                    self._talk.update(words[1:])
                case "?":
                    self._intent.add(self._add(words[1:], groups))
                case _:
                    self._add(words, groups)
        self._number(groups, further)

    def _add(self, words: list[str], groups: dict[str, list[int]]) -> int:
        group = len(self.names)
        self.names.append(words[0])
        for word in words:
            groups.setdefault(word, []).append(group)
        return group

    def _number(self, groups: dict[str, list[int]], further: Iterable[str]) -> None:
        talk = [word for word in self._talk if len(word) >= 2 and word not in groups]
        first = [*groups, *talk]
        self.words = list(dict.fromkeys((*first, *(w for w in further if 2 <= len(w) <= LONGEST))))
        self._silent = frozenset(range(len(groups), len(first)))  # numbers of the words that are mere talk
        self._groups = [tuple(groups.get(word, ())) for word in self.words]
        self._written = {word: n for n, word in enumerate(self.words)}
        self._heard: dict[str, int] = {}
        for word, n in self._written.items():
            if len(word) >= 2:  # single syllables sound like too much else
                self._heard.setdefault(encode(word), n)
        self._begins: dict[str, list[int]] = {}  # first two characters or sounds -> lengths of words, longest first
        for text in (*self._written, *self._heard):
            lengths = self._begins.setdefault(text[:2], [])
            if len(text) not in lengths:
                lengths.append(len(text))
        for lengths in self._begins.values():
            lengths.sort(reverse=True)

    def _at(self, words: str, sounds: str, start: int) -> list[tuple[int, int, float]]:
        """(length, word, trust) of the known words that begin here, longest first."""
        written = self._begins.get(words[start : start + 2])
        heard = self._begins.get(sounds[start : start + 2])
        single = self._written.get(words[start])
        if written is None and heard is None and single is None:
            return []
        found: list[tuple[int, int, float]] = []
        for length in sorted({*written, *heard}, reverse=True) if written and heard else written or heard or ():
            end = start + length
            word = self._written.get(words[start:end]) if end <= len(words) and length > 1 else None
            if word is not None:
                found.append((length, word, 1.0))
            elif heard and end <= len(sounds) and (other := self._heard.get(sounds[start:end])) is not None:
                found.append((length, other, BY_SOUND))
        if single is not None:
            found.append((1, single, 1.0))
        return found

    def spot(self, words: str, sounds: str) -> Iterator[Spotted]:
        """The known words that divide the text best, from left to right, and after each those inside it.

        Not the first that fits: 办离婚登记 is not 办理 with something left over, though 办离 sounds like it.
        """
        known = [self._at(words, sounds, start) for start in range(len(words))]
        covered = silent = 0
        for start, length in enumerate(_divided(known)):
            if start < silent:
                continue
            for other, word, trust in known[start]:
                inside = start + other <= covered
                if inside and other == 1:
                    continue  # a character inside a word says nothing of its own
                if not inside and other != length:
                    continue  # across the end of a word, or shorter than the one that was chosen
                covered = max(covered, start + other)
                if word in self._silent:
                    silent = start + other
                    break
                yield Spotted(start, other, word, trust, inside)

    def read(self, words: str, sounds: str) -> Reading:
        """words: normalised; sounds: its encode()."""
        reading = Reading({}, {}, {})
        for found in self.spot(words, sounds):
            share = found.trust * (WITHIN if found.inside else 1.0)
            if found.length > 1:
                reading.words[found.word] = max(reading.words.get(found.word, 0.0), found.trust)
            for place, group in enumerate(self._groups[found.word]):
                target = reading.intents if group in self._intent else reading.matters
                target[group] = max(target.get(group, 0.0), share * (1.0 if place == 0 else SECOND))
        return reading

    def stream(self, words: str, sounds: str) -> str:
        """One character per known word (its group) or unknown syllable, talk left out."""
        told: list[str] = []
        known = [self._at(words, sounds, start) for start in range(len(words))]
        lengths, start = _divided(known), 0
        while start < len(words):
            length = max(lengths[start], 1)
            word = next((w for n, w, _ in known[start] if n == lengths[start]), -1)
            if word >= 0 and self._groups[word]:
                told.append(chr(FIRST + self._groups[word][0]))
            elif word not in self._silent and words[start : start + length] not in self._talk:
                told.append(sounds[start : start + length])
            start += length
        return "".join(told)

    def groups(self) -> list[list[str]]:
        """The words of each matter."""
        listed: list[list[str]] = [[] for _ in self.names]
        for word, numbers in zip(self.words, self._groups, strict=True):
            for group in numbers:
                if group not in self._intent:
                    listed[group].append(word)
        return [words for words in listed if words]

    def groups_of(self, word: int) -> tuple[int, ...]:
        """The groups a word stands in."""
        return self._groups[word]

    def talk(self) -> frozenset[str]:
        """Words that carry nothing."""
        return frozenset(self._talk)


def _divided(known: Sequence[Sequence[tuple[int, int, float]]]) -> list[int]:
    """How long the word is that is chosen at each character, 0 for none: together they are worth the most.

    known: (length, word, trust) of what begins at each character, longest first.  A word is worth the square of its
    length, so that one long word counts more than its parts, and ONLY_HEARD of that when it is not written so.
    """
    worth = [0.0] * (len(known) + 1)
    chosen = [0] * len(known)
    for start in range(len(known) - 1, -1, -1):
        worth[start] = worth[start + 1]
        for length, _, trust in known[start]:
            value = (1.0 if trust == 1.0 else ONLY_HEARD) * length * length + worth[start + length]
            if value > worth[start]:
                worth[start], chosen[start] = value, length
    taken, start = [0] * len(known), 0
    while start < len(known):
        taken[start] = chosen[start]
        start += max(chosen[start], 1)
    return taken
