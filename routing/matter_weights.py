"""Which matter do the grams of a sentence speak for?  Softmax weights learned by routing/training/matters.py."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.pinyin import code

SHIPPED = Path(__file__).with_name("matter_weights.npz")
LONGEST = 3  # characters or syllables of a gram
BETWEEN = "_"  # stands for one syllable that may be misheard without harm


def features(words: str, sound: str) -> Iterator[str]:
    """Of normalised words and their encode()d sound: grams of both, and pairs with a syllable between."""
    yield from _grams("h", f"^{words}$")
    yield from _grams("s", f"^{sound}$")
    yield from (f"s{sound[at]}{BETWEEN}{sound[at + 2]}" for at in range(len(sound) - 2))


def _grams(mark: str, text: str) -> Iterator[str]:
    for size in range(1, LONGEST + 1):
        for at in range(len(text) - size + 1):
            gram = text[at : at + size]
            if gram not in {"^", "$"}:
                yield mark + gram


@dataclass(frozen=True, slots=True)
class Learned:
    """codes: the matters, one column each.  reach: how much a feature counts in the length of a sentence."""

    codes: tuple[str, ...]
    row: dict[str, int]
    reach: NDArray[np.float32]
    weight: NDArray[np.int8]
    step: float  # what 1 of `weight` stands for

    def scores(self, words: str, sound: str) -> NDArray[np.float64]:
        """Log odds up to a constant, in the order of `codes`; all zero where no feature is known."""
        rows = [at for f in dict.fromkeys(features(words, sound)) if (at := self.row.get(f)) is not None]
        total = self.weight[rows].sum(axis=0, dtype=np.int64) * self.step
        length = float(np.sqrt(np.square(self.reach[rows]).sum()))
        return np.asarray(total / length if length else total, np.float64)

    def knows(self, codes: Sequence[str]) -> bool:
        return set(codes) <= set(self.codes)


@cache
def shipped() -> Learned:
    """Sounds are codes only within one process; in the file they are syllables with a space between."""
    with np.load(SHIPPED) as kept:
        names = str(kept["features"]).split("\n")
        return Learned(
            codes=tuple(str(kept["codes"]).split()),
            row={_coded(name): at for at, name in enumerate(names)},
            reach=kept["reach"].astype(np.float32),
            weight=kept["weight"],
            step=float(kept["step"]),
        )


def _coded(name: str) -> str:
    if name[0] != "s":
        return name
    return "s" + "".join(said if said in {"^", "$", BETWEEN} else code(said) for said in name[1:].split(" "))
