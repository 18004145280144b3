"""Was it solved, and is the citizen satisfied?  Said in their own words, or by key."""

from collections.abc import Sequence

from ivr.line import Heard
from kb.pinyin import encode

# In this order, because 没解决 holds 解决 and 不满意 holds 满意; matched by sound.
SOLVED = (
    ("partly", (
        "部分解决", "解决了一部分", "一部分", "解决一半", "解决了一半", "没全解决",
        "没有全部", "没完全", "差一点", "还差",
    )),
    ("no", (
        "没解决", "没有解决", "未解决", "没人管", "没处理", "没有处理",
        "还没", "还是老样子", "没有人", "没修", "没有", "不行",
        "没",
    )),
    ("yes", (
        "解决了", "已经解决", "解决", "处理好", "处理完", "弄好了",
        "修好了", "好了", "办好了", "是的", "对", "嗯",
        "有",
    )),
)  # fmt: skip
SATISFIED = (
    ("no", (
        "不满意", "不太满意", "很不满", "不怎么样", "不好", "太差",
        "很差", "差评", "不行",
    )),
    ("very", (
        "非常满意", "很满意", "特别满意", "十分满意", "相当满意", "太满意",
        "挺满意",
    )),
    ("ok", (
        "一般", "还行", "还可以", "基本满意", "凑合", "马马虎虎",
        "就那样", "比较满意",
    )),
    ("yes", (
        "满意", "好", "可以", "行", "嗯", "谢谢",
    )),
)  # fmt: skip
Meanings = Sequence[tuple[str, Sequence[str]]]


def solved(heard: Heard) -> str | None:
    """yes, partly or no (keys 1, 2, 3); None when it was none of them."""
    return {"1": "yes", "2": "partly", "3": "no"}.get(heard.key) if heard.key else meaning(heard.words, SOLVED)


def satisfied(heard: Heard) -> str | None:
    """very, yes, ok or no (keys 1 to 4); None when it was none of them."""
    keyed = {"1": "very", "2": "yes", "3": "ok", "4": "no"}
    return keyed.get(heard.key) if heard.key else meaning(heard.words, SATISFIED)


def meaning(words: str, meanings: Meanings) -> str | None:
    """The first meaning one of whose phrases was said; one character must be written so, more need only sound so."""
    said = encode(words)
    for value, phrases in meanings:
        if any(phrase in words or (len(phrase) > 1 and encode(phrase) in said) for phrase in phrases):
            return value
    return None
