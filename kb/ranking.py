"""How much does each likeness count, and how sure does it make us?  Learned numbers, kept in ranking.json.

How sure: by the shares of the candidates.  Among those that are sure (SURE), closeness orders: how like the wording the
question is written and sounds.  Who speaks of a situation in words of their own is understood, but the few surest
mistakes are there.  Closeness alone makes nobody sure: what no article says is often asked in an article's words.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.likeness import FEATURES

SHIPPED = Path(__file__).with_name("ranking.json")
PARTS = ("alone", "sums", "least", "worth", "constant")
HIGHEST = 0.999  # probability that is never passed, however sure the evidence
CLOSE = tuple(FEATURES.index(name) for name in ("sound ratio", "word ratio"))
# Probability from which on it is answered; by 5-fold cross-validation on the written test questions 0.7 %
# of all calls then got a wrong answer (`make bench-kb` with their file, 2026-11).
SURE = 0.95
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


Steps = tuple[tuple[float, float], ...]  # (what is weighed, probability), both rising


@dataclass(frozen=True, slots=True)
class Calibration:
    """From what makes one sure to a probability."""

    evidence: tuple[float, ...]  # for each value of `evidence`, then the constant
    knots: Steps  # by the weighed evidence
    close: tuple[float, ...]  # what each of CLOSE adds to it among the sure
    surest: Steps  # by that sum

    def probability(self, first: float, second: float, none: float, likenesses: Sequence[float] | Rows) -> float:
        """Share of such best hits that were right, 0..1; rather too low than too high."""
        z = self.weigh(first, second, none)
        p = _along(self.knots, z)
        if p < SURE:
            return p
        return max(SURE, _along(self.surest, z + self.closeness(likenesses)))

    def weigh(self, first: float, second: float, none: float) -> float:
        """The evidence of the shares as one number."""
        values = (*evidence(first, second, none), 1.0)
        return sum(w * v for w, v in zip(self.evidence, values, strict=True))

    def closeness(self, likenesses: Sequence[float] | Rows) -> float:
        return sum(w * float(likenesses[n]) for w, n in zip(self.close, CLOSE, strict=True))


def _along(steps: Steps, z: float) -> float:
    at, p = zip(*steps, strict=True)
    beyond = 1.0 - math.exp(min(0.0, at[-1] - z))  # who is surer than the last step still ranks above it
    return float(np.interp(z, at, p) + max(0.0, HIGHEST - p[-1]) * beyond)


UNSURE = Calibration((1.0, 0.0, 0.0, 0.0), ((0.0, 0.0),), (0.0, 0.0), ((0.0, SURE),))


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Weights of the likenesses and of the ones that say `none of these`, and the calibration."""

    weights: Weights  # for the likenesses of one article
    none: Weights  # for the best value of each likeness among the candidates
    calibration: Calibration = UNSURE

    def shares(self, likenesses: Rows) -> tuple[Rows, Rows]:
        """(score of each article, share of each and last of `none of these`; the shares sum up to 1)."""
        scores = self.weights(likenesses)
        none = self.none(likenesses.max(axis=0))
        every = np.append(scores, none)
        powers = np.exp(every - every.max())
        return scores, powers / powers.sum()

    def probability(self, first: float, second: float, none: float, likenesses: Sequence[float] | Rows) -> float:
        """That the first hit is the one meant, 0..1, by the shares and the first hit's likenesses."""
        return self.calibration.probability(first, second, none, likenesses)


def evidence(first: float, second: float, none: float) -> tuple[float, float, float]:
    """What makes one sure: the share of the first, its lead over the second, and the share of `none of these`."""
    return _odds(first), math.log(max(first, 1e-6)) - math.log(max(second, 1e-6)), _odds(none)


def _odds(share: float) -> float:
    kept = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def kept(ranking: Ranking) -> dict[str, Any]:
    """The numbers as JSON."""
    sure = ranking.calibration
    return {
        **{f"{name} {key}": value for name in ("weights", "none") for key, value in _told(getattr(ranking, name))},
        "evidence": [round(w, 4) for w in sure.evidence],
        "knots": [[round(z, 4), round(p, 4)] for z, p in sure.knots],
        "close": [round(w, 4) for w in sure.close],
        "surest": [[round(z, 4), round(p, 4)] for z, p in sure.surest],
    }


def _told(weights: Weights) -> list[tuple[str, Any]]:
    return [(part, np.round(getattr(weights, part), 4).tolist()) for part in PARTS]


def read(numbers: dict[str, Any]) -> Ranking:
    """The way back."""
    knots, surest = (tuple((float(z), float(p)) for z, p in numbers[name]) for name in ("knots", "surest"))
    sure = Calibration(tuple(numbers["evidence"]), knots, tuple(numbers["close"]), surest)
    return Ranking(_weights(numbers, "weights"), _weights(numbers, "none"), sure)


def _weights(numbers: dict[str, Any], name: str) -> Weights:
    alone, sums, least, worth, constant = (np.array(numbers[f"{name} {part}"], np.float64) for part in PARTS)
    return Weights(alone, sums, least, worth, float(constant))


def unlearned(width: int) -> Ranking:
    """Numbers under which all articles are alike: to compare by before anything is learned.  width: likenesses."""
    nothing = Weights(np.zeros(width), np.zeros((width, 1)), np.zeros(1), np.zeros(1), 0.0)
    return Ranking(nothing, nothing)


def shipped() -> Ranking:
    """The numbers learned on the sample city's questions."""
    return read(json.loads(SHIPPED.read_text(encoding="utf-8")))
