"""Which word of the people is which word of the office?  An editable table, applied on hanzi and on sound."""

import re
from collections.abc import Iterable
from pathlib import Path

from kb.pinyin import encode

SHIPPED = Path(__file__).parent / "sample" / "synonyms.txt"


class Synonyms:
    """One group a line, the office's word first; the longest match wins."""

    def __init__(self, lines: Iterable[str]) -> None:
        groups = [line.split() for line in lines if line.strip() and not line.startswith("#")]
        self._words = {word: group[0] for group in groups for word in group[1:]}
        # by sound only words of two syllables and more: single syllables sound like too much else
        self._sounds = {encode(w): encode(office) for w, office in self._words.items() if len(w) >= 2}
        self._by_word = _either(self._words)
        self._by_sound = _either(self._sounds)

    def words(self, text: str) -> str:
        """The text in the office's words."""
        return self._by_word.sub(lambda m: self._words[m[0]], text) if self._words else text

    def sounds(self, codes: str) -> str:
        """The same on syllable codes, so that it still works when the recogniser wrote homophones."""
        return self._by_sound.sub(lambda m: self._sounds[m[0]], codes) if self._sounds else codes


def _either(table: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, table), key=len, reverse=True)))


def shipped() -> Synonyms:
    """The table that comes with the sample knowledge."""
    return Synonyms(SHIPPED.read_text(encoding="utf-8").splitlines())
