"""How much does each likeness count, and how sure does it make us?  Learned numbers, kept in ranking.json."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHIPPED = Path(__file__).with_name("ranking.json")
HIGHEST = 0.999  # probability that is never passed, however sure the evidence
Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Weights of the likenesses (in their order) and of the ones that say `none of these`, and the calibration."""

    weights: tuple[float, ...]
    none: tuple[float, ...]  # for the best value of each likeness among the candidates; then the constant
    evidence: tuple[float, ...]  # for each value of `evidence`, then the constant
    knots: tuple[tuple[float, float], ...]  # (evidence weighed together, probability), both rising

    def shares(self, likenesses: Rows) -> tuple[Rows, Rows]:
        """(score of each article, share of each and last of `none of these`; the shares sum up to 1)."""
        scores = likenesses @ np.array(self.weights)
        none = float(likenesses.max(axis=0) @ np.array(self.none[:-1])) + self.none[-1]
        every = np.append(scores, none)
        powers = np.exp(every - every.max())
        return scores, powers / powers.sum()

    def probability(self, first: float, second: float, none: float) -> float:
        """Share of such best hits that were right, 0..1; rather too low than too high."""
        values = (*evidence(first, second, none), 1.0)
        z = sum(w * v for w, v in zip(self.evidence, values, strict=True))
        at, p = zip(*self.knots, strict=True)
        beyond = 1.0 - math.exp(min(0.0, at[-1] - z))  # who is surer than the last knot still ranks above it
        return float(np.interp(z, at, p) + max(0.0, HIGHEST - p[-1]) * beyond)


def evidence(first: float, second: float, none: float) -> tuple[float, float, float]:
    """What makes one sure: the share of the first, its lead over the second, and the share of `none of these`."""
    return _odds(first), math.log(max(first, 1e-6)) - math.log(max(second, 1e-6)), _odds(none)


def _odds(share: float) -> float:
    kept = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def kept(ranking: Ranking) -> dict[str, Any]:
    """The numbers as JSON."""
    return {
        "weights": [round(w, 4) for w in ranking.weights],
        "none": [round(w, 4) for w in ranking.none],
        "evidence": [round(w, 4) for w in ranking.evidence],
        "knots": [[round(z, 4), round(p, 4)] for z, p in ranking.knots],
    }


def read(numbers: dict[str, Sequence[Any]]) -> Ranking:
    """The way back."""
    return Ranking(
        tuple(numbers["weights"]),
        tuple(numbers["none"]),
        tuple(numbers["evidence"]),
        tuple((float(z), float(p)) for z, p in numbers["knots"]),
    )


def shipped() -> Ranking:
    """The numbers learned on the sample city's questions."""
    return read(json.loads(SHIPPED.read_text(encoding="utf-8")))
