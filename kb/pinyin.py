"""How does a question sound, when the ear confuses what Mandarin speakers confuse?"""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from kb.text import normalise, plain

# Longest first; each pair is one sound to a telephone ear.
INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"))
FINALS = (("iang", "ian"), ("uang", "uan"), ("ang", "an"), ("eng", "en"), ("ing", "in"), ("v", "u"))
PRIVATE = 0xE000  # first code point of the private-use area; some 300 folded syllables follow

_codes: dict[str, str] = {}


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


@lru_cache(maxsize=65536)
def syllables(text: str) -> tuple[str, ...]:
    """Folded toneless syllables, one per character of the plain text; phrases are read as phrases (银行 -> in han)."""
    read: list[str] = []
    words = plain(text)
    for part, said in zip(_runs(words), map(_read, _runs(words)), strict=True):
        read += said if len(said) == len(part) else [fold(s) for s in map(_alone, part)]
    return tuple(read)


def _runs(words: str) -> list[str]:
    """Stretches of hanzi, and every other character alone."""
    runs: list[str] = []
    for char in words:
        hanzi = "\u4e00" <= char <= "\u9fff"
        if runs and hanzi and "\u4e00" <= runs[-1][-1] <= "\u9fff":
            runs[-1] += char
        else:
            runs.append(char)
    return runs


def _read(part: str) -> list[str]:
    return [fold(s) for s in lazy_pinyin(part, style=Style.NORMAL, v_to_u=False)]


def _alone(char: str) -> str:
    return str(lazy_pinyin(char, style=Style.NORMAL)[0])


def code(syllable: str) -> str:
    """The private-use character that stands for a folded syllable within this process."""
    known = _codes.get(syllable)
    if known is None:
        known = _codes[syllable] = chr(PRIVATE + len(_codes))
    return known


@lru_cache(maxsize=65536)
def encode(text: str) -> str:
    """One private-use character per character of the plain text, so that string distances run per syllable."""
    return "".join(map(code, syllables(text)))


def encode_question(text: str) -> str:
    """encode() of the normalised text."""
    return encode(normalise(text))
