"""How well do the pieces of a question fit each text of a collection?  BM25 over 1- and 2-grams, in flat arrays."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

K1 = 1.2  # BM25's saturation (data notes: tuned on the open half)


def grams(text: str) -> list[str]:
    """Every character and every pair of neighbours."""
    return [*text, *(text[i : i + 2] for i in range(len(text) - 1))]


class Postings:
    """BM25 over a fixed collection; scores are divided by what the question would score against itself."""

    def __init__(self, texts: Sequence[Iterable[str]], b: float = 0.4) -> None:
        """texts: the grams of each text."""
        self.size = len(texts)
        counted = [Counter(text) for text in texts]
        lengths = np.array([sum(c.values()) for c in counted], np.float32)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        self._term: dict[str, int] = {}
        terms, places, times = [], [], []
        for place, count in enumerate(counted):
            for gram, n in count.items():
                terms.append(self._term.setdefault(gram, len(self._term)))
                places.append(place)
                times.append(n)
        term = np.array(terms, np.int32)
        order = np.argsort(term, kind="stable")
        self._places = np.array(places, np.int32)[order]
        tf = np.array(times, np.float32)[order]
        frequency = np.bincount(term, minlength=len(self._term))
        self._starts = np.concatenate(([0], np.cumsum(frequency))).astype(np.int64)
        self._idf = np.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        norm = tf + K1 * (1 - b + b * lengths[self._places] / max(mean, 1e-6))
        self._weights = (np.repeat(self._idf, frequency) * tf * (K1 + 1) / norm).astype(np.float32)
        self._unknown = math.log(1 + (self.size + 0.5) / 0.5)

    def weight(self, gram: str) -> float:
        """How telling a gram is; one never seen is the most telling."""
        term = self._term.get(gram)
        return self._unknown if term is None else float(self._idf[term])

    def scores(self, question: Iterable[str]) -> NDArray[np.float32]:
        """One score per text, 0 to about 1."""
        found = np.zeros(self.size, np.float32)
        total = 0.0
        for gram in set(question):
            total += self.weight(gram)
            term = self._term.get(gram)
            if term is not None:
                part = slice(self._starts[term], self._starts[term + 1])
                found[self._places[part]] += self._weights[part]
        return found / np.float32(total or 1.0)
