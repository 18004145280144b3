"""How likely is danger, how likely self-harm, and which danger is it?  Learned weights over the signs of a sentence."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from routing import emergency_topics
from routing.emergency_features import coded
from routing.emergency_signs import Signs, features
from routing.emergency_topics import Topics

SHIPPED = Path(__file__).with_name("emergency_weights.json")
SELF_HARM = "crisis"


@dataclass(frozen=True, slots=True)
class Share:
    """How two opinions, both in log odds, make one: the yes or no, and the topics."""

    base: float
    plain: float
    topics: float


# By cross-validation over the sentences of routing/training, clean and misheard; half a unit was added to the
# first base, a quarter to the second, when twenty thousand tellings of ordinary matters were learned from, so that as
# many dangers are noticed as before.
DANGER = Share(base=1.12, plain=0.67, topics=0.45)
HARM = Share(base=1.86, plain=0.75, topics=0.36)


@dataclass(frozen=True, slots=True)
class Weighed:
    """Probabilities, 0..1: of danger, of self-harm (the caller's or another's), of each kind given there is danger."""

    danger: float
    self_harm: float
    kinds: dict[str, float]


@dataclass(frozen=True, slots=True)
class Weights:
    """danger, harm: feature -> weight."""

    danger: dict[str, float]
    harm: dict[str, float]
    topics: Topics

    def weigh(self, found: Iterable[str]) -> Weighed:
        found = tuple(found)
        shares = self.topics.shares(found)
        return Weighed(
            mixed(DANGER, summed(self.danger, found), self.topics.odds(shares)),
            mixed(HARM, summed(self.harm, found), self.topics.odds_of(SELF_HARM, shares)),
            self.topics.kinds(shares),
        )


def summed(weights: Mapping[str, float], found: Iterable[str]) -> float:
    return math.fsum(weights.get(feature, 0.0) for feature in found)


def mixed(share: Share, plain: float, topics: float) -> float:
    total = share.base + share.plain * plain + share.topics * topics
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def evidence(signs: Signs, ended: bool) -> tuple[str, ...]:
    """Each feature once, in a fixed order, so that the same words weigh the same in every process."""
    return tuple(dict.fromkeys(features(signs, ended)))


@cache
def shipped() -> Weights:
    """What routing/training/emergency.py learned."""
    kept = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return Weights(
        danger={coded(feature): weight for feature, weight in kept["danger"].items()},
        harm={coded(feature): weight for feature, weight in kept["harm"].items()},
        topics=emergency_topics.shipped(),
    )
