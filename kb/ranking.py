"""How much does each likeness count, and how sure does it make us?  Learned numbers, kept in ranking.json."""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHIPPED = Path(__file__).with_name("ranking.json")
PARTS = ("alone", "sums", "least", "worth", "constant")
HIGHEST = 0.999  # probability that is never passed, however sure the evidence
Rows = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """What likenesses are worth: each alone, and some only together."""

    alone: Rows  # of each likeness
    sums: Rows  # [likenesses, switches] a switch is open as far as its sum is above nought
    least: Rows  # [switches] constant of each sum
    worth: Rows  # [switches] what each open switch adds
    constant: float

    def __call__(self, likenesses: Rows) -> Rows:
        opened = np.maximum(likenesses @ self.sums + self.least, 0.0)
        return np.asarray(likenesses @ self.alone + opened @ self.worth + self.constant)


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Weights of the likenesses and of the ones that say `none of these`, and the calibration."""

    weights: Weights  # for the likenesses of one article
    none: Weights  # for the best value of each likeness among the candidates
    evidence: tuple[float, ...]  # for each value of `evidence`, then the constant
    knots: tuple[tuple[float, float], ...]  # (evidence weighed together, probability), both rising

    def shares(self, likenesses: Rows) -> tuple[Rows, Rows]:
        """(score of each article, share of each and last of `none of these`; the shares sum up to 1)."""
        scores = self.weights(likenesses)
        none = self.none(likenesses.max(axis=0))
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
        **{f"{name} {key}": value for name in ("weights", "none") for key, value in _told(getattr(ranking, name))},
        "evidence": [round(w, 4) for w in ranking.evidence],
        "knots": [[round(z, 4), round(p, 4)] for z, p in ranking.knots],
    }


def _told(weights: Weights) -> list[tuple[str, Any]]:
    return [(part, np.round(getattr(weights, part), 4).tolist()) for part in PARTS]


def read(numbers: dict[str, Any]) -> Ranking:
    """The way back."""
    return Ranking(
        _weights(numbers, "weights"),
        _weights(numbers, "none"),
        tuple(numbers["evidence"]),
        tuple((float(z), float(p)) for z, p in numbers["knots"]),
    )


def _weights(numbers: dict[str, Any], name: str) -> Weights:
    alone, sums, least, worth, constant = (np.array(numbers[f"{name} {part}"], np.float64) for part in PARTS)
    return Weights(alone, sums, least, worth, float(constant))


def unlearned(width: int) -> Ranking:
    """Numbers under which all articles are alike: to compare by before anything is learned.  width: likenesses."""
    nothing = Weights(np.zeros(width), np.zeros((width, 1)), np.zeros(1), np.zeros(1), 0.0)
    return Ranking(nothing, nothing, (1.0, 0.0, 0.0, 0.0), ((0.0, 0.0),))


def shipped() -> Ranking:
    """The numbers learned on the sample city's questions."""
    return read(json.loads(SHIPPED.read_text(encoding="utf-8")))
