"""How much does each likeness count, and how sure does it make us?  Learned numbers, kept in ranking.json.

How sure: by the share of the first candidate alone.  How like a wording the question sounds makes nobody sure: what no
article says is often asked in an article's words.
"""

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
# Probability from which on it is answered; by 5-fold cross-validation on the written test questions 0.1 - 0.4 %
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


@dataclass(frozen=True, slots=True)
class Calibration:
    """How sure a share makes us: a straight line from its log odds to those of being right."""

    slope: float = 1.0
    constant: float = 0.0

    def probability(self, share: float) -> float:
        """0..1, never above HIGHEST; the larger share is always the surer."""
        return HIGHEST / (1 + math.exp(-self.slope * log_odds(share) - self.constant))


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """Weights of the likenesses and of the ones that say `none of these`, and the calibration."""

    weights: Weights  # for the likenesses of one article
    none: Weights  # for the best value of each likeness among the candidates
    calibration: Calibration = Calibration()

    def shares(self, likenesses: Rows) -> tuple[Rows, Rows]:
        """(score of each article, share of each and last of `none of these`; the shares sum up to 1)."""
        scores = self.weights(likenesses)
        none = self.none(likenesses.max(axis=0))
        every = np.append(scores, none)
        powers = np.exp(every - every.max())
        return scores, powers / powers.sum()


def log_odds(share: float) -> float:
    """Of a share that is neither nothing nor all."""
    bounded = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(bounded / (1 - bounded))


def kept(ranking: Ranking) -> dict[str, Any]:
    """The numbers as JSON."""
    return {
        **{f"{name} {key}": value for name in ("weights", "none") for key, value in _told(getattr(ranking, name))},
        "calibration": [round(ranking.calibration.slope, 4), round(ranking.calibration.constant, 4)],
    }


def _told(weights: Weights) -> list[tuple[str, Any]]:
    return [(part, np.round(getattr(weights, part), 4).tolist()) for part in PARTS]


def read(numbers: dict[str, Any]) -> Ranking:
    """The way back."""
    return Ranking(_weights(numbers, "weights"), _weights(numbers, "none"), Calibration(*numbers["calibration"]))


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
