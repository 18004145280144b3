"""How likely is danger, and which?  Logistic weights over the signs of a sentence, summed in plain Python."""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kb.pinyin import code
from routing.emergency_signs import Signs, features

SHIPPED = Path(__file__).with_name("emergency_weights.json")
SYLLABLE = re.compile(r"[^ _^$]+")


@dataclass(frozen=True, slots=True)
class Weights:
    """danger: feature -> weight.  kinds: feature -> {kind: weight}."""

    danger: dict[str, float]
    kinds: dict[str, dict[str, float]]

    def probability(self, found: Iterable[str]) -> float:
        """Of danger, 0..1."""
        total = math.fsum(self.danger.get(feature, 0.0) for feature in found)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))

    def likeliest(self, found: Iterable[str]) -> dict[str, float]:
        """Probability of each kind, given that there is danger; likeliest first."""
        totals: dict[str, float] = {}
        for feature in found:
            for kind, weight in self.kinds.get(feature, {}).items():
                totals[kind] = totals.get(kind, 0.0) + weight
        top = max(totals.values(), default=0.0)
        shares = {kind: math.exp(total - top) for kind, total in totals.items()}
        whole = sum(shares.values())
        return {kind: share / whole for kind, share in sorted(shares.items(), key=lambda pair: -pair[1])}


def evidence(signs: Signs, ended: bool) -> tuple[str, ...]:
    """Each feature once, in a fixed order, so that the same words weigh the same in every process."""
    return tuple(dict.fromkeys(features(signs, ended)))


def coded(feature: str) -> str:
    """A stored sound feature (syllables written out) as this process's features() names it."""
    return SYLLABLE.sub(lambda said: code(said[0]), feature[1:]).replace(" ", "") if feature[0] == "s" else feature[1:]


@cache
def shipped() -> Weights:
    """What routing/training/emergency.py learned."""
    kept = json.loads(SHIPPED.read_text(encoding="utf-8"))
    kinds: list[str] = kept["kinds"]
    return Weights(
        danger={feature[0] + coded(feature): weight for feature, weight in kept["danger"].items()},
        kinds={
            feature[0] + coded(feature): {kinds[int(at)]: weight for at, weight in row.items()}
            for feature, row in kept["kind"].items()
        },
    )
