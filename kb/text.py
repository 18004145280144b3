"""What is left of a question when spelling, spaces and fillers are taken away?"""

import re
import unicodedata

KEPT = re.compile(r"[\u4e00-\u9fff0-9A-Z]+")
FILLERS = re.compile(r"嗯+|呃+|啊(?=.)|哦|喂+|就是说|那个那个")
POLITE = re.compile(r"^(你好|您好|请问一下|请问|我想问一下|想问一下|问一下|我想问|咨询一下|我想咨询一下|麻烦问一下)+")
ASIDES = re.compile(r"就是|然后|那个|这个(?=.)|哎")
DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


def plain(text: str) -> str:
    """Hanzi, digits and capital Latin letters only."""
    return "".join(KEPT.findall(unicodedata.normalize("NFKC", text).upper()))


def normalise(text: str) -> str:
    """The question as the lookup sees it: plain, digits as hanzi, without fillers and courtesies.  Idempotent."""
    words = plain(text).translate(DIGITS)
    while True:
        shorter = POLITE.sub("", FILLERS.sub("", words))
        if shorter == words or not shorter:
            return words
        words = shorter


def essence(text: str) -> str:
    """What is compared: the normalised question without the asides people put into a sentence.  Idempotent."""
    words = normalise(text)
    while True:
        shorter = normalise(ASIDES.sub("", words))
        if shorter == words or not shorter:
            return words
        words = shorter
