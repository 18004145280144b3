"""How is a feature named in a file?  Sounds are codes only within one process; in a file they are syllables."""

import re

from kb.pinyin import code, syllable_of

SYLLABLE = re.compile(r"[^ _^$]+")


def coded(feature: str) -> str:
    """A stored feature as this process's features() names it; stored syllables are written out, a space after each."""
    if feature[0] != "s":
        return feature
    return "s" + SYLLABLE.sub(lambda said: code(said[0]), feature[1:]).replace(" ", "")


def written(feature: str) -> str:
    """The way back."""
    if feature[0] != "s":
        return feature
    return "s" + "".join(c if c in "^$_" else f"{syllable_of(c)} " for c in feature[1:])
