"""Which matter do these words belong to?  Leaves with probabilities and reasons, and one question when two are close.

Five witnesses, each on hanzi or on how the words sound (kb.pinyin folds what the ear confuses): words in common,
sounds in common, the nearest known sentence, the cues of the catalogue, and weights learned from its sentences.  What
an editor adds to the catalogue speaks through the first four at once, and through the last when it is learned anew.
How much each counts was fitted by cross-validation (routing/training/matters.py; tests/bench/matters.py measures).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kb.pinyin import encode
from kb.text import normalise
from routing import matter_weights
from routing.catalogue import Catalogue, Leaf, shipped
from routing.matter_bags import Bags, bag, grams
from routing.matter_weights import Learned

SHOWN = 5  # leaves in an answer
CLOSE = 0.6  # the second is close when it has at least this share of the first's probability
SURE = 0.75  # at or above this nobody needs to be asked
HEARD_SHARE = 0.7  # a cue that only sounds alike counts this much
SAME = 0.8  # likeness 0..1 of sounds from which a known sentence counts as said again

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the witnesses, in log odds."""

    words: float = 14.7
    sounds: float = 11.0
    nearest: float = 3.0
    again: float = 6.0  # chosen: the same sentence again outweighs all else
    cues: float = 1.85
    learned: float = 0.76


@dataclass(frozen=True, slots=True)
class Ranked:
    """One leaf; probability 0..1 over all leaves; `because` names what spoke for it."""

    code: str
    zh: str
    probability: float
    because: str


class Matters:
    """The catalogue, ready to be asked; immutable, so any thread may ask."""

    def __init__(self, leaves: Iterable[Leaf], weights: Weights = Weights(), learned: Learned | None = None) -> None:
        """`learned` is left out of account where it does not know every leaf."""
        self._leaves = list(leaves)
        self._weights = weights
        texts = [[normalise(t) for t in (*leaf.said, leaf.zh, *leaf.cues)] for leaf in self._leaves]
        self._words = Bags([bag(t) for t in texts])
        self._sounds = Bags([bag(map(encode, t)) for t in texts])
        self._known = [list(dict.fromkeys(map(normalise, (*leaf.said, leaf.zh)))) for leaf in self._leaves]
        self._known_sounds = [[encode(t) for t in those] for those in self._known]
        self._every_sound = [sound for those in self._known_sounds for sound in those]
        self._begins = np.cumsum([0, *(len(those) for those in self._known[:-1])])
        self._cues = self._gather_cues()
        codes = [leaf.code for leaf in self._leaves]
        self._learned = learned if learned is not None and learned.knows(codes) else None
        self._columns = [learned.codes.index(c) for c in codes] if learned and self._learned else []

    def _gather_cues(self) -> dict[str, tuple[str, float, list[int]]]:
        """cue -> (its sound, its weight, leaves): rare and long cues say more."""
        leaves: dict[str, list[int]] = {}
        for i, leaf in enumerate(self._leaves):
            for cue in dict.fromkeys(normalise(c) for c in (*leaf.cues, leaf.zh)):
                leaves.setdefault(cue, []).append(i)
        number = len(self._leaves)
        return {
            cue: (encode(cue), math.log(1 + number / len(at)) * math.sqrt(len(cue)), at) for cue, at in leaves.items()
        }

    def rank(self, words: str, alternatives: Sequence[str] = (), shown: int = SHOWN) -> tuple[Ranked, ...]:
        """The likeliest leaves, best first; `alternatives` are what else may have been said.  Empty for no words."""
        spoken = [s for s in dict.fromkeys(map(normalise, (words, *alternatives))) if s]
        if not spoken:
            return ()
        total = np.max([self._score(s) for s in spoken], axis=0)
        p = np.exp(total - total.max())
        p /= p.sum()
        best = np.argsort(-p, kind="stable")[:shown]
        return tuple(
            Ranked(self._leaves[i].code, self._leaves[i].zh, round(float(p[i]), 4), self._because(spoken[0], int(i)))
            for i in best
        )

    def _score(self, words: str) -> Vector:
        told = self.witnesses(words)
        w = self._weights
        total = (
            w.words * told["words"]
            + w.sounds * told["sounds"]
            + w.nearest * told["nearest"]
            + w.again * np.maximum(0.0, told["nearest"] - SAME) / (1 - SAME)
            + w.cues * told["cues"]
            + w.learned * told["learned"]
        )
        return np.asarray(total, np.float64)

    def witnesses(self, words: str) -> dict[str, Vector]:
        """What each says for every leaf, of normalised words."""
        sound = encode(words)
        cues = np.zeros(len(self._leaves))
        for i, weight in self._cued(words, sound).items():
            cues[i] = weight
        return {
            "words": self._words.compare(grams(words)),
            "sounds": self._sounds.compare(grams(sound)),
            "nearest": self._nearest(sound),
            "cues": cues,
            "learned": self._learned.scores(words, sound)[self._columns] if self._learned else np.zeros(len(cues)),
        }

    def _nearest(self, sound: str) -> Vector:
        ratios = process.cdist([sound], self._every_sound, scorer=fuzz.ratio, dtype=np.float32)[0]
        return np.asarray(np.maximum.reduceat(ratios, self._begins) / 100, np.float64)

    def _cued(self, words: str, sound: str) -> dict[int, float]:
        """Per leaf, what its cues add: each place of the sentence counts once, the heaviest cue first."""
        hits: dict[int, list[tuple[float, int, int]]] = {}
        for cue, (code, weight, leaves) in self._cues.items():
            at = words.find(cue)
            share = 1.0
            if at < 0 and len(code) > 1:
                at, share = sound.find(code), HEARD_SHARE
            if at < 0:
                continue
            for i in leaves:
                hits.setdefault(i, []).append((weight * share, at, at + len(cue)))
        return {i: _covered(found) for i, found in hits.items()}

    def _because(self, words: str, index: int) -> str:
        sound = encode(words)
        leaf = self._leaves[index]
        said = [c for c in dict.fromkeys((*leaf.cues, leaf.zh)) if normalise(c) in words]
        alike = [c for c in leaf.cues if c not in said and len(c) > 1 and encode(normalise(c)) in sound]
        parts = []
        if said:
            parts.append("说到" + "、".join(sorted(said, key=len, reverse=True)[:3]))
        if alike:
            parts.append("听起来像" + "、".join(sorted(alike, key=len, reverse=True)[:2]))
        _, _, near = process.extractOne(sound, self._known_sounds[index], scorer=fuzz.ratio)
        parts.append(f"相近说法「{self._known[index][near]}」")
        return "；".join(parts)


def _covered(found: list[tuple[float, int, int]]) -> float:
    """Sum of the weights of cues that do not overlap, heaviest first, on a scale where one good cue is about 1."""
    used: list[tuple[int, int]] = []
    total = 0.0
    for weight, begin, end in sorted(found, reverse=True):
        if all(end <= b or begin >= e for b, e in used):
            used.append((begin, end))
            total += weight
    return math.sqrt(total / 10)


def question(ranked: Sequence[Ranked]) -> str | None:
    """One question when the first two are close; None when it is clear, or nothing is known."""
    if len(ranked) < 2 or ranked[0].probability >= SURE or ranked[1].probability < CLOSE * ranked[0].probability:
        return None
    return f"您反映的是{_spoken(ranked[0].zh)}，还是{_spoken(ranked[1].zh)}？"


def _spoken(name: str) -> str:
    return name.split("(")[0]


@lru_cache(maxsize=1)
def _ready() -> Matters:
    return Matters(shipped().leaves.values(), learned=matter_weights.shipped())


def rank(words: str, alternatives: Sequence[str] = (), catalogue: Catalogue | None = None) -> tuple[Ranked, ...]:
    """Over the shipped catalogue, which is made ready once, or over another."""
    if catalogue is None or catalogue is shipped():
        return _ready().rank(words, alternatives)
    return Matters(catalogue.leaves.values(), learned=matter_weights.shipped()).rank(words, alternatives)
