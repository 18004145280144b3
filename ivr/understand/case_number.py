"""Which case does the caller name?  Fourteen digits with a check digit, keyed or said one by one."""

from ivr.line import Heard
from kb.pinyin import syllables
from kb.text import plain
from routing.cases import valid_number

DIGITS = 14
WRITTEN = frozenset("0123456789零〇一幺二两三四五六七八九")  # characters that are digits beyond doubt
# By sound, since the recogniser writes 幺 as 要 and 零 as 灵; nobody says ten among digits, so shi may be si.
SOUNDS = {
    "lin": "0", "dong": "0", "yi": "1", "yao": "1", "er": "2", "lian": "2", "san": "3", "si": "4", "wu": "5",
    "liu": "6", "qi": "7", "ba": "8", "jiu": "9", "gou": "9",
}  # fmt: skip


def case_number(heard: Heard) -> str | None:
    """The number, or None when it is not one that was ever given out: the check digit tells.

    In 工单号是零三… the 是 sounds like a four; of several valid readings the one with the most written digits is meant,
    and of those the last, because people lead up to a number.
    """
    if heard.key:
        return heard.key if valid_number(heard.key) else None
    said = [
        (digit, char in WRITTEN)
        for char, sound in zip(plain(heard.words), syllables(heard.words), strict=True)
        if (digit := sound if sound.isascii() and sound.isdigit() else SOUNDS.get(sound, ""))
    ]
    windows = [(at, said[at : at + DIGITS]) for at in range(len(said) - DIGITS + 1)]
    found = [
        (sum(written for _, written in window), at, number)
        for at, window in windows
        if valid_number(number := "".join(digit for digit, _ in window))
    ]
    return max(found)[2] if found else None
