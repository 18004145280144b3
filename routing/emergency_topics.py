"""What is a sentence about: which kind of danger, or which ordinary matter?  A softmax over the signs of a sentence.

Beside the plain yes or no of emergency_weights.py it knows that danger is many things and ordinary talk many others.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routing.emergency_features import coded

SHIPPED = Path(__file__).with_name("emergency_topics.npz")
LEAST = 1e-6  # probability, 0..1, below which nothing is told apart


@dataclass(frozen=True, slots=True)
class Topics:
    """names: first the kinds of danger, `dangers` of them, then what else calls are about, one column each."""

    names: tuple[str, ...]
    dangers: int
    row: dict[str, int]
    weight: NDArray[np.int8]
    step: float  # what 1 of `weight` stands for

    def shares(self, found: Iterable[str]) -> NDArray[np.float64]:
        """Probability of each topic; they add up to 1."""
        rows = [at for feature in found if (at := self.row.get(feature)) is not None]
        total = self.weight[rows].sum(axis=0, dtype=np.int64) * self.step
        shares = np.exp(total - total.max())
        return np.asarray(shares / shares.sum(), np.float64)

    def odds(self, shares: NDArray[np.float64]) -> float:
        """Log odds of danger."""
        return _odds(float(shares[: self.dangers].sum()))

    def odds_of(self, kind: str, shares: NDArray[np.float64]) -> float:
        return _odds(float(shares[self.names.index(kind)]))

    def kinds(self, shares: NDArray[np.float64]) -> dict[str, float]:
        """Probability of each kind, given that there is danger; likeliest first."""
        whole = float(shares[: self.dangers].sum())
        told = zip(self.names, shares[: self.dangers].tolist(), strict=False)
        return {kind: share / whole for kind, share in sorted(told, key=lambda pair: -pair[1])}


def _odds(share: float) -> float:
    share = min(max(share, LEAST), 1 - LEAST)
    return math.log(share / (1 - share))


def pack(names: Sequence[str], dangers: int, features: Sequence[str], w: NDArray[np.float64], levels: int) -> Topics:
    """In whole steps, where 0 takes no room in the file; features that then say nothing are left out."""
    step = float(np.quantile(np.abs(w).max(axis=1), 0.99)) / levels
    weight = np.clip(np.rint(w / step), -levels, levels).astype(np.int8)
    kept: list[int] = np.flatnonzero(weight.any(axis=1)).tolist()
    return Topics(tuple(names), dangers, {features[at]: i for i, at in enumerate(kept)}, weight[kept], step)


@cache
def shipped() -> Topics:
    """What routing/training/emergency.py learned."""
    with np.load(SHIPPED) as kept:
        return Topics(
            names=tuple(str(kept["names"]).split()),
            dangers=int(kept["dangers"]),
            row={coded(name): at for at, name in enumerate(str(kept["features"]).split("\n"))},
            weight=kept["weight"],
            step=float(kept["step"]),
        )
