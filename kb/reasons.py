"""Why was this article thought of?  In Chinese, for the editor."""

from collections.abc import Mapping

from rapidfuzz.distance import Indel

from kb.pinyin import encode, plain_syllables
from kb.text import normalise

NAMED = (
    ("words covered", 0.5, "known words covered", "说到的词"),
    ("situations", 0.4, "situations alike", "常见说法"),
    ("direction", 0.5, "direction alike", "意思相近"),
)


def because(asked: str, phrasing: str, likenesses: Mapping[str, float]) -> str:
    """「社保卡丢了怎么补办」 相同：社保卡 补办；听作：找（着 zhao）；常见说法 0.82"""
    same, heard = matched(asked, normalise(phrasing))
    parts = [f"「{phrasing}」"]
    if same:
        parts.append("相同：" + " ".join(same))
    if heard:
        parts.append("听作：" + " ".join(f"{a}→{b}" for a, b in heard))
    parts += [f"{name} {likenesses[key]:.2f}" for _, least, key, name in NAMED if likenesses.get(key, 0.0) >= least]
    return "；".join(parts)


def matched(asked: str, phrasing: str) -> tuple[list[str], list[tuple[str, str]]]:
    """(stretches written alike, pairs that only sound alike with their syllables) of two normalised texts."""
    same: list[str] = []
    heard: list[tuple[str, str]] = []
    for block in Indel.opcodes(encode(asked), encode(phrasing)):
        if block.tag != "equal":
            continue
        mine, theirs = asked[block.src_start : block.src_end], phrasing[block.dest_start : block.dest_end]
        run = ""
        for a, b in zip(mine, theirs, strict=True):
            if a == b:
                run += a
                continue
            same += [run] if run else []
            run = ""
            heard.append((a + plain_syllables(a), b + plain_syllables(b)))
        same += [run] if run else []
    return same, heard
