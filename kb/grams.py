"""How well do the pieces of a question fit each text of a collection?  BM25 over 1- and 2-grams, in flat arrays."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

K1 = 1.2  # BM25's saturation (data notes: tuned on the open half)
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def points(text: str) -> Ints:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)


def keys(text: str) -> Ints:
    """A number for every distinct character and pair of neighbours."""
    one = points(text)
    return np.unique(np.concatenate((one, one[:-1] << 21 | one[1:])))


class Postings:
    """BM25 over a fixed collection; scores are divided by what the question would score against itself."""

    def __init__(
        self, texts: Sequence[str], owner: Ints | None = None, b: float = 0.4, dull: Mapping[int, float] | None = None
    ) -> None:
        """owner: number of the text each string belongs to (default: one each).  dull: weight factor of some grams."""
        ends = np.cumsum(np.array([len(t) + 1 for t in texts], np.int64))
        every = points("\n".join([*texts, ""]))
        place = np.repeat(np.arange(len(texts)), np.diff(ends, prepend=0))
        if owner is not None:
            place = owner[place]
        self.size = int(place.max()) + 1 if len(place) else 0
        sign = every != 10
        both = sign[:-1] & sign[1:]
        gram = np.concatenate((every[sign], (every[:-1] << 21 | every[1:])[both]))
        where = np.concatenate((place[sign], place[:-1][both]))
        lengths = np.bincount(where, minlength=self.size).astype(np.float32)
        self._keys, term = np.unique(gram, return_inverse=True)
        pair, times = np.unique(term.astype(np.int64) * self.size + where, return_counts=True)
        term = pair // self.size
        self._places = (pair % self.size).astype(np.int32)
        frequency = np.bincount(term, minlength=len(self._keys))
        self._starts = np.concatenate(([0], np.cumsum(frequency))).astype(np.int64)
        self._idf = np.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        self._unknown = float(np.log(1 + (self.size + 0.5) / 0.5))
        self._dull = dict(dull or {})
        for key, factor in self._dull.items():
            at = int(np.searchsorted(self._keys, key))
            if at < len(self._keys) and self._keys[at] == key:
                self._idf[at] *= factor
        tf = times.astype(np.float32)
        norm = tf + K1 * (1 - b + b * lengths[self._places] / max(float(lengths.mean()), 1e-6))
        self._weights = np.repeat(self._idf, frequency) * (tf * (K1 + 1) / norm).astype(np.float32)

    def weights(self, wanted: Ints) -> tuple[Ints, Floats]:
        """Where each gram stands in this collection (-1: nowhere), and how telling it is; an unseen one is the most."""
        at = np.searchsorted(self._keys, wanted)
        at[at == len(self._keys)] = 0
        known = self._keys[at] == wanted if len(self._keys) else np.zeros(len(wanted), bool)
        telling = np.where(known, self._idf[at], np.float32(self._unknown)).astype(np.float32)
        for place in np.flatnonzero(~known):
            telling[place] *= self._dull.get(int(wanted[place]), 1.0)
        return np.where(known, at, -1), telling

    def scores(self, question: str) -> Floats:
        """One score per text, 0 to about 1."""
        found = np.zeros(self.size, np.float32)
        wanted = keys(question)
        if not len(wanted):
            return found
        at, telling = self.weights(wanted)
        for term in at[at >= 0]:
            part = slice(self._starts[term], self._starts[term + 1])
            found[self._places[part]] += self._weights[part]
        return found / np.float32(telling.sum() or 1.0)


class Bags:
    """Sets of weighted numbers, one set per text: what a text holds, whatever the order."""

    def __init__(self, bags: Sequence[Mapping[int, float]], width: int) -> None:
        """width: one more than the largest number."""
        sizes = np.array([len(b) for b in bags], np.int64)
        self._starts = np.concatenate(([0], np.cumsum(sizes)))
        self._ids = np.fromiter((n for b in bags for n in b), np.int32, int(sizes.sum()))
        self._held = np.fromiter((w for b in bags for w in b.values()), np.float32, int(sizes.sum()))
        self.width = width
        frequency = np.bincount(self._ids, self._held, minlength=width)
        self.telling = np.log(1 + (len(bags) + 0.5) / (frequency + 0.5)).astype(np.float32)
        self.own = self._sum(self._held * self.telling[self._ids])

    def _sum(self, values: Floats) -> Floats:
        total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
        return (total[self._starts[1:]] - total[self._starts[:-1]]).astype(np.float32)

    def shared(self, wanted: Floats, rows: Ints) -> Floats:
        """For each row the weight of what it holds of `wanted` (one value per number)."""
        first, sizes = self._starts[rows], self._starts[rows + 1] - self._starts[rows]
        ends = np.cumsum(sizes)
        flat = np.arange(int(ends[-1])) + np.repeat(first - ends + sizes, sizes)
        ids = self._ids[flat]
        held = np.minimum(wanted[ids], self._held[flat]) * self.telling[ids]
        total = np.concatenate(([0.0], np.cumsum(held, dtype=np.float64)))
        return np.asarray(total[ends] - total[ends - sizes], np.float32)

    def dense(self, bag: Mapping[int, float]) -> Floats:
        """A set as one value per number; numbers no text can hold are left out."""
        wanted = np.zeros(self.width, np.float32)
        for number, weight in bag.items():
            if number < self.width:
                wanted[number] = weight
        return wanted
