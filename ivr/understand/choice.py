"""Which of the two did the caller choose?"""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from ivr.line import Heard
from kb.pinyin import encode

NEITHER = re.compile(r"都不|不是|不对|没有|其他|别的|两个都不")
FIRST = re.compile(r"第?一个|第一|前面|前一|头一个|^一$|^幺$|^是的?$|^对的?$|^嗯")
SECOND = re.compile(r"第?二个|第二|后面|后一|另一个|^二$|^两$|^而$|地二|第儿")
LIKE = 55.0  # rapidfuzz ratio on syllable codes, 0..100: the caller repeats the question in own words
APART = 12.0  # points between the two, else it is not a choice


def like(said: str, question: str) -> float:
    """0..100; a part of the question, two syllables or more, is nearly as good as the whole."""
    part = 0.95 * fuzz.partial_ratio(said, question) if 2 <= len(said) <= len(question) else 0.0
    return max(fuzz.ratio(said, question), part)


def chosen(heard: Heard, questions: Sequence[str]) -> int | None:
    """The index chosen, -1 for "neither", None when it was not understood."""
    if heard.key:
        return int(heard.key) - 1 if heard.key in "12"[: len(questions)] else (-1 if heard.key in "3*#" else None)
    words = heard.words
    if NEITHER.search(words):
        return -1
    if SECOND.search(words) and len(questions) > 1:
        return 1
    if FIRST.search(words):
        return 0
    said = encode(words)
    likeness = sorted(((like(said, encode(q)), i) for i, q in enumerate(questions)), reverse=True)
    best, index = likeness[0]
    runner_up = likeness[1][0] if len(likeness) > 1 else 0.0
    return index if best >= LIKE and best - runner_up >= APART else None
