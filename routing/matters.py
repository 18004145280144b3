"""Which matter do these words belong to?  Leaves with probabilities and reasons, and one question when two are close.

Four witnesses, each on hanzi or on how the words sound (kb.pinyin folds what the ear confuses): words in common,
sounds in common, the nearest known sentence, and the cues of the catalogue.  Weights and the temperature were fitted
by cross-validation over the catalogue's own sentences (tests/bench/matters.py prints the figures).
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kb.pinyin import encode
from kb.text import normalise
from routing.catalogue import Catalogue, Leaf, shipped

SHOWN = 5  # leaves in an answer
CLOSE = 0.6  # the second is close when it has at least this share of the first's probability
SURE = 0.75  # at or above this nobody needs to be asked
HEARD_SHARE = 0.7  # a cue that only sounds alike counts this much

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Weights:
    words: float = 1.56
    sounds: float = 1.64
    nearest: float = 0.56
    cues: float = 0.24
    temperature: float = 0.12  # of the softmax over the sum; lower is surer


@dataclass(frozen=True, slots=True)
class Ranked:
    """One leaf; probability 0..1 over all leaves; `because` names what spoke for it."""

    code: str
    zh: str
    probability: float
    because: str


def grams(text: str) -> Counter[str]:
    """Single characters and pairs."""
    return Counter(text) + Counter(a + b for a, b in pairwise(text))


class Bags:
    """Leaves as bags of grams, compared by the cosine of tf-idf."""

    def __init__(self, documents: Sequence[Counter[str]]) -> None:
        count = Counter(gram for bag in documents for gram in bag)
        self._index = {gram: i for i, gram in enumerate(count)}
        pairs = np.array([0.5 if len(gram) == 1 else 1.0 for gram in count], np.float32)
        idf = np.array([math.log(1 + len(documents) / n) for n in count.values()], np.float32)
        self._weight = idf * pairs
        self._matrix = np.stack([self._vector(bag) for bag in documents])

    def _vector(self, bag: Mapping[str, int]) -> Vector:
        vector = np.zeros(len(self._index), np.float32)
        for gram, n in bag.items():
            if (i := self._index.get(gram)) is not None:
                vector[i] = (1 + math.log(n)) * self._weight[i]
        length = float(np.linalg.norm(vector))
        return vector / length if length else vector

    def compare(self, bag: Mapping[str, int]) -> Vector:
        return np.asarray(self._matrix @ self._vector(bag), np.float32)


class Matters:
    """The catalogue, ready to be asked; immutable, so any thread may ask."""

    def __init__(self, leaves: Iterable[Leaf], weights: Weights = Weights()) -> None:
        self._leaves = list(leaves)
        self._weights = weights
        texts = [[normalise(t) for t in (*leaf.said, leaf.zh, *leaf.cues)] for leaf in self._leaves]
        self._words = Bags([_bag(t) for t in texts])
        self._sounds = Bags([_bag(map(encode, t)) for t in texts])
        self._known = [(i, normalise(t)) for i, leaf in enumerate(self._leaves) for t in (*leaf.said, leaf.zh)]
        self._known_codes = [encode(t) for _, t in self._known]
        self._cues = self._gather_cues()

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
        p = np.exp((total - total.max()) / self._weights.temperature)
        p /= p.sum()
        best = np.argsort(-p, kind="stable")[:shown]
        return tuple(
            Ranked(self._leaves[i].code, self._leaves[i].zh, round(float(p[i]), 4), self._because(spoken[0], int(i)))
            for i in best
        )

    def _score(self, words: str) -> NDArray[np.float64]:
        w = self._weights
        sound = encode(words)
        total = (
            w.words * self._words.compare(grams(words)).astype(np.float64)
            + w.sounds * self._sounds.compare(grams(sound))
            + w.nearest * self._nearest(sound)
        )
        for i, weight in self._cued(words, sound).items():
            total[i] += w.cues * weight
        return total

    def _nearest(self, sound: str) -> NDArray[np.float64]:
        best = np.zeros(len(self._leaves))
        ratios = process.cdist([sound], self._known_codes, scorer=fuzz.ratio, dtype=np.float32)[0]
        np.maximum.at(best, [i for i, _ in self._known], ratios / 100)
        return best

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
        near = max((t for i, t in self._known if i == index), key=lambda t: fuzz.ratio(encode(t), sound))
        parts.append(f"相近说法「{near}」")
        return "；".join(parts)


def _bag(texts: Iterable[str]) -> Counter[str]:
    bag: Counter[str] = Counter()
    for text in texts:
        bag += grams(text)
    return bag


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
    return Matters(shipped().leaves.values())


def rank(words: str, alternatives: Sequence[str] = (), catalogue: Catalogue | None = None) -> tuple[Ranked, ...]:
    """Over the shipped catalogue, which is made ready once, or over another."""
    if catalogue is None or catalogue is shipped():
        return _ready().rank(words, alternatives)
    return Matters(catalogue.leaves.values()).rank(words, alternatives)
