"""Which matter does an operator mean who types a few characters, hanzi or their spelling?  Pure, over the catalogue."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from routing import matters
from routing.catalogue import Leaf, shipped

SUGGESTED = 5  # matters offered from the words of a call
FOUND = 20  # matters a search shows
SPELLED = 8  # sayings of a matter that are found by their spelling; with all of them every matter would come up


@dataclass(frozen=True, slots=True)
class Matter:
    code: str
    zh: str
    top: str
    because: str = ""


@lru_cache(maxsize=512)
def spelled(code: str) -> tuple[str, ...]:
    """How the names and sayings of a leaf are typed: nuanqibure and nqbr for 暖气不热."""
    leaf = shipped().leaves[code]
    texts = (leaf.zh, *leaf.cues, *leaf.said[:SPELLED])
    whole = ["".join(lazy_pinyin(text)) for text in texts]
    initials = ["".join(lazy_pinyin(text, style=Style.FIRST_LETTER)) for text in texts]
    return (*whole, *initials)


def search_matters(words: str) -> list[Matter]:
    """Matters whose name, class, code or spelling contains the words; then what the words sound like."""
    leaves = shipped().leaves
    wanted = words.strip().lower()
    if not wanted:
        return [Matter(leaf.code, leaf.zh, leaf.top) for leaf in leaves.values()]
    direct = [leaf for leaf in leaves.values() if _names(leaf, wanted)]
    if wanted.isascii():
        typed = wanted.replace(" ", "").replace("'", "")
        direct += [leaf for leaf in leaves.values() if any(typed in spelling for spelling in spelled(leaf.code))]
    ranked = [] if wanted.isascii() else [leaves[r.code] for r in matters.rank(wanted)]
    return [Matter(leaf.code, leaf.zh, leaf.top) for leaf in dict.fromkeys([*direct, *ranked])][:FOUND]


def _names(leaf: Leaf, wanted: str) -> bool:
    return wanted in leaf.zh or wanted in leaf.top or leaf.code.startswith(wanted)


def suggest_matters(texts: Iterable[str]) -> list[Matter]:
    """The likeliest matters of what a caller said, best first."""
    leaves = shipped().leaves
    return [Matter(r.code, r.zh, leaves[r.code].top, r.because) for r in matters.rank("".join(texts))][:SUGGESTED]
