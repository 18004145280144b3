"""How alike are words and what is known of each matter?  Bags of grams, compared by the cosine of tf-idf."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
SINGLE = 0.5  # what a gram of one character counts beside one of two


def grams(text: str) -> Counter[str]:
    """Single characters and pairs."""
    return Counter(text) + Counter(a + b for a, b in pairwise(text))


def bag(texts: Iterable[str]) -> Counter[str]:
    held: Counter[str] = Counter()
    for text in texts:
        held.update(grams(text))
    return held


class Bags:
    """Immutable once made."""

    def __init__(self, documents: Sequence[Counter[str]]) -> None:
        self._number = len(documents)
        count = Counter(gram for document in documents for gram in document)
        self._weight = {
            gram: math.log(1 + len(documents) / n) * (SINGLE if len(gram) == 1 else 1.0) for gram, n in count.items()
        }
        holders: dict[str, list[tuple[int, float]]] = {gram: [] for gram in count}
        for at, document in enumerate(documents):
            values = self._values(document)
            length = math.sqrt(math.fsum(v * v for v in values.values())) or 1.0
            for gram, value in values.items():
                holders[gram].append((at, value / length))
        # Few matters hold a gram, so a sentence is compared along its grams and not along all matters.
        self._holders = {
            gram: (np.array([at for at, _ in held]), np.array([value for _, value in held]))
            for gram, held in holders.items()
        }

    def _values(self, document: Mapping[str, int]) -> dict[str, float]:
        return {gram: (1 + math.log(n)) * self._weight[gram] for gram, n in document.items() if gram in self._weight}

    def compare(self, document: Mapping[str, int]) -> Vector:
        """0..1 per document of the collection."""
        total = np.zeros(self._number)
        values = self._values(document)
        for gram, value in values.items():
            at, held = self._holders[gram]
            total[at] += value * held
        length = math.sqrt(math.fsum(v * v for v in values.values()))
        return total / length if length else total
