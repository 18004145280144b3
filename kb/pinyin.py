"""How does a question sound, when the ear confuses what Mandarin speakers confuse?"""

import unicodedata
from functools import lru_cache
from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT
from pypinyin.seg.mmseg import p_set

from kb.text import normalise, plain

# Longest first; each pair is one sound to a telephone ear.
INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
FINALS = (("iang", "ian"), ("uang", "uan"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("v", "u"))
PRIVATE = 0xE000  # first code point of the private-use area; the folded syllables follow
# Every folded syllable there is.  Its place is its code, so codes are the same in every process.
SYLLABLES = tuple(Path(__file__).with_name("syllables.txt").read_text(encoding="utf-8").split())
CODES = {syllable: chr(PRIVATE + place) for place, syllable in enumerate(SYLLABLES)}


@lru_cache(maxsize=4096)
def fold(syllable: str) -> str:
    """One toneless syllable as the sound class it belongs to: zhang -> zan, nin -> lin."""
    for long, short in INITIALS:
        if syllable.startswith(long) and (len(syllable) > len(long)):
            syllable = short + syllable[len(long) :]
            break
    for long, short in FINALS:
        if syllable.endswith(long):
            return syllable[: -len(long)] + short
    return syllable


@lru_cache(maxsize=4096)
def toneless(reading: str) -> str:
    """zhòng -> zhong, lǜ -> lv."""
    letters = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(char for char in letters if not unicodedata.combining(char))


@lru_cache(maxsize=65536)
def _alone(char: str) -> str:
    """A character's commonest reading; what has none (digits, letters) stands for itself."""
    readings = PINYIN_DICT.get(ord(char))
    return fold(toneless(readings.split(",")[0])) if readings else char


@lru_cache(maxsize=65536)
def _phrase(phrase: str) -> tuple[str, ...]:
    read = tuple(fold(toneless(readings[0])) for readings in PHRASES_DICT[phrase])
    return read if len(read) == len(phrase) else tuple(map(_alone, phrase))


def _longest(words: str, start: int) -> int:
    """Length of the longest known phrase that begins here, at least 1 (forward maximum matching, as pypinyin cuts)."""
    found, end = 1, start + 2
    while end <= len(words) and (part := words[start:end]) in p_set:
        if part in PHRASES_DICT:
            found = end - start
        end += 1
    return found


@lru_cache(maxsize=8192)
def syllables(text: str) -> tuple[str, ...]:
    """Folded toneless syllables, one per character of the plain text; phrases are read as phrases (银行 -> in han)."""
    words, start = plain(text), 0
    read: list[str] = []
    while start < len(words):
        length = _longest(words, start)
        read += [_alone(words[start])] if length == 1 else _phrase(words[start : start + length])
        start += length
    return tuple(read)


def code(syllable: str) -> str:
    """The private-use character of a folded syllable; a letter, or a sign without a reading, stands for itself."""
    return CODES.get(syllable) or syllable[:1]


def syllable_of(char: str) -> str:
    """The folded syllable a code stands for."""
    place = ord(char) - PRIVATE
    return SYLLABLES[place] if 0 <= place < len(SYLLABLES) else char


@lru_cache(maxsize=8192)
def encode(text: str) -> str:
    """One private-use character per character of the plain text, so that string distances run per syllable."""
    return "".join(map(code, syllables(text)))


def encode_question(text: str) -> str:
    """encode() of the normalised text."""
    return encode(normalise(text))


def plain_syllables(text: str) -> str:
    """How characters are read, with tones and nothing folded: 着 -> zhe."""
    return "".join((PINYIN_DICT.get(ord(char)) or char).split(",")[0] for char in plain(text))
