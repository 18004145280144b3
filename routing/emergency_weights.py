"""How sure is it?  A logistic model over pieces of signs and sounds and the findings of the cues."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.pinyin import syllables
from routing.emergency_cues import Findings

SHIPPED = Path(__file__).with_name("emergency_weights.json")


def pieces(said: str, found: Findings) -> Iterator[str]:
    """The names of all features of a sentence; each counts once."""
    sounds = syllables(said)
    seen: set[str] = set()
    for n in (1, 2, 3):
        for i in range(len(said) - n + 1):
            seen.add(said[i : i + n])
            seen.add(" ".join(sounds[i : i + n]))
    # where a sentence begins and ends says whether it tells or asks
    seen.add("^" + said[:2])
    seen.add(said[-2:] + "$")
    seen.add(said[-1:] + "$")
    yield from seen
    yield "*always"
    yield f"*sign {min(2, len(found.by_sign))} guard {min(1, len(found.guards))}"
    yield f"*sound {min(2, len(found.by_sound))} guard {min(1, len(found.guards))}"
    for guard in found.guards:
        yield f"*{guard}"
    for category in found.by_sign:
        yield f"*{category}"
    if found.cry:
        yield "*cry"


@dataclass(frozen=True, slots=True)
class Weights:
    """Feature -> (weight for danger, weight for self-harm); grams are scaled by the sentence's length."""

    table: dict[str, tuple[float, float]]

    def probabilities(self, said: str, found: Findings) -> tuple[float, float]:
        """Danger and self-harm, 0..1."""
        danger = harm = 0.0
        scale = gram_scale(said)
        for piece in pieces(said, found):
            weights = self.table.get(piece)
            if weights is not None:
                factor = 1.0 if piece[0] == "*" else scale
                danger += factor * weights[0]
                harm += factor * weights[1]
        return sigmoid(danger), sigmoid(harm)


def gram_scale(said: str) -> float:
    """Long stories have more grams, not more danger."""
    return 4.0 / math.sqrt(max(8, len(said)))


def sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


@lru_cache(maxsize=1)
def shipped() -> Weights:
    """The weights that come with the project (routing/training/emergency.py makes them)."""
    return Weights({name: (a, b) for name, (a, b) in json.loads(SHIPPED.read_text(encoding="utf-8")).items()})
