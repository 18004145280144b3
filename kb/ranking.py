"""How much does each likeness count, and how sure does it make us?  Learned numbers, kept in ranking.json."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SHIPPED = Path(__file__).with_name("ranking.json")
FEATURES = (
    "sound grams",
    "word grams",
    "stream grams",
    "article sound grams",
    "article word grams",
    "article stream grams",
    "sound ratio",
    "sound within",
    "half-syllable ratio",
    "word ratio",
    "stream ratio",
    "wording covered",
    "matters asked covered",
    "matters of the wording covered",
    "matters alike",
    "matters within the article",
    "near matters within the article",
    "intents asked covered",
    "intents of the wording covered",
    "intents apart",
    "situations alike",
)
# hand weights, before anything was learned
COLD_START = (0.6, 0.5, 1.5, 0.3, 0.3, 0.8, 0.4, 0.2, 0.4, 0.4, 0.4, 0.4, 0.6, 0.4, 0.6, 0.4, 0.2, 0.2, 0.2, -0.1, 0.8)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Weights of the features (in their order), and of the calibration."""

    weights: tuple[float, ...] = COLD_START
    calibration: tuple[float, ...] = ()  # one per value of `evidence`, then the constant

    def score(self, features: Sequence[float]) -> float:
        """The order of the hits."""
        return sum(w * f for w, f in zip(self.weights, features, strict=True))

    def probability(self, best: Sequence[float], scores: Sequence[float]) -> float:
        """Share of such best hits that were right (0..1); 0 without a calibration."""
        if not self.calibration:
            return 0.0
        values = evidence(best, scores)
        z = sum(w * v for w, v in zip(self.calibration, (*values, 1.0), strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def evidence(best: Sequence[float], scores: Sequence[float]) -> tuple[float, ...]:
    """What makes one sure: the score, the lead over the next ones, coverage both ways, and the features themselves."""
    first, second, third = (*scores, 0.0, 0.0, 0.0)[:3]
    covered, asked = best[11], best[2]
    return (first, first - second, second - third, covered * asked, math.sqrt(max(0.0, covered * asked)), *best)


def shipped() -> Ranking:
    """The numbers learned on the sample city's questions."""
    kept = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return Ranking(tuple(kept["weights"]), tuple(kept["calibration"]))
