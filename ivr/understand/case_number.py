"""Which case does the caller name?  Fourteen digits with a check digit, keyed or said one by one."""

from ivr.line import Heard
from kb.pinyin import syllables
from routing.cases import valid_number

DIGITS = 14
# By sound, since the recogniser writes 幺 as 要 and 零 as 灵; nobody says ten among digits, so shi may be si.
SOUNDS = {
    "lin": "0", "dong": "0", "yi": "1", "yao": "1", "er": "2", "lian": "2", "san": "3", "si": "4", "wu": "5",
    "liu": "6", "qi": "7", "ba": "8", "jiu": "9", "gou": "9",
}  # fmt: skip


def case_number(heard: Heard) -> str | None:
    """The number, or None when it is not one that was ever given out: the check digit tells."""
    if heard.key:
        return heard.key if valid_number(heard.key) else None
    said = "".join(c if c.isascii() and c.isdigit() else SOUNDS.get(c, "") for c in syllables(heard.words))
    return next((part for at in range(len(said) - DIGITS + 1) if valid_number(part := said[at : at + DIGITS])), None)
