"""How well do the pieces of a text fit each text of a collection?  1- and 2-grams as numbers, BM25 in flat arrays."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

K1 = 1.2  # BM25's saturation (data notes: tuned on the open half)
PAIR = 1 << 21  # keys of pairs are larger
BREAK = 10  # code point between texts that are cut together
COMMON = 0.05  # share of the collection; pieces that more hold are kept as whole rows, which add up faster

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]


def points(text: str) -> Ints:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)


def keys(text: str) -> Ints:
    """A number for every distinct character and pair of neighbours."""
    one = points(text)
    return np.unique(np.concatenate((one, one[:-1] << 21 | one[1:])))


def pieces(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """(key, number of the text) for every character and pair of neighbours of every text, with repetitions."""
    every = points("\n".join([*texts, ""]))
    sign = every != BREAK
    place = np.cumsum(~sign)  # the break that ends a text already counts as the next one
    both = sign[:-1] & sign[1:]
    found = np.concatenate((every[sign], (every[:-1] << 21 | every[1:])[both]))
    return found, np.concatenate((place[sign], place[:-1][both]))


def find(sorted_keys: Ints, wanted: Ints) -> Ints:
    """Where each wanted key stands, -1 where it does not."""
    if not len(sorted_keys):
        return np.full(len(wanted), -1, np.int64)
    at = np.minimum(np.searchsorted(sorted_keys, wanted), len(sorted_keys) - 1)
    return np.where(sorted_keys[at] == wanted, at, -1)


def spread(starts: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Positions of everything the rows of a ragged array hold, and for each the place of its row in `rows`."""
    first = starts[rows]
    sizes = starts[rows + 1] - first
    row = np.repeat(np.arange(len(rows)), sizes)
    before = np.cumsum(sizes) - sizes
    return np.arange(len(row)) + np.repeat(first - before, sizes), row


class Postings:
    """BM25 over a fixed collection; scores are divided by what the text would score against itself."""

    def __init__(self, texts: Sequence[str], owner: Ints, b: float, dull: Mapping[int, float]) -> None:
        """owner: number of the collected text each string belongs to.  dull: weight factor of some pieces."""
        self.size = int(owner.max()) + 1
        found, place = pieces(texts)
        place = owner[place]
        lengths = np.bincount(place, minlength=self.size).astype(np.float32)
        self._keys, term = np.unique(found, return_inverse=True)
        pair, times = np.unique(term * self.size + place, return_counts=True)
        self._places = pair % self.size
        frequency = np.bincount(pair // self.size, minlength=len(self._keys))
        factor = np.array([dull.get(int(k), 1.0) for k in self._keys], np.float32)
        self._idf = np.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32) * factor
        self._unknown = float(np.log(1 + (self.size + 0.5) / 0.5))
        self._dull = np.array(sorted(dull), np.int64)
        self._factor = np.array([*(dull[int(k)] for k in self._dull), 1.0], np.float32)  # the last: of the others
        tf = times.astype(np.float32)
        norm = tf + K1 * (1 - b + b * lengths[self._places] / max(float(lengths.mean()), 1e-6))
        weights = np.repeat(self._idf, frequency) * tf * (K1 + 1) / norm
        common = frequency > COMMON * self.size
        self._row = np.where(common, np.cumsum(common) - 1, -1)  # of each piece among the common ones
        self._common = np.zeros((int(common.sum()), self.size), np.float32)
        often = np.repeat(common, frequency)
        self._common[np.repeat(self._row, frequency)[often], self._places[often]] = weights[often]
        self._places, self._weights = self._places[~often], weights[~often].astype(np.float64)  # as bincount adds
        self._starts = np.concatenate(([0], np.cumsum(np.where(common, 0, frequency))))

    def _telling(self, wanted: Ints) -> tuple[Ints, Floats]:
        """(where each piece stands, -1: nowhere, how telling it is)."""
        at = find(self._keys, wanted)
        telling = self._idf[at]
        unseen = np.flatnonzero(at < 0)
        if len(unseen):
            dull = find(self._dull, wanted[unseen])
            telling[unseen] = self._unknown * np.where(dull >= 0, self._factor[dull], np.float32(1.0))
        return at, telling

    def score(self, wanted: Ints) -> Floats:
        """scores() of one text."""
        at, telling = self._telling(wanted)
        known = at[at >= 0]
        position, _ = spread(self._starts, known)
        summed = np.bincount(self._places[position], self._weights[position], self.size)
        common = self._common[self._row[known[self._row[known] >= 0]]].sum(axis=0)
        return np.asarray((summed + common) / max(float(telling.sum()), 1e-6), np.float32)

    def scores(self, wanted: Ints, row: Ints, rows: int) -> Floats:
        """[rows, size], 0 to about 1.  wanted: distinct pieces of each row; an unseen piece is the most telling."""
        at, telling = self._telling(wanted)
        known = at >= 0
        total = np.bincount(row, telling, rows)
        first = self._starts[at[known]]
        sizes = self._starts[at[known] + 1] - first
        ends = np.cumsum(sizes)
        position = np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - (ends - sizes), sizes)
        cell = np.repeat(row[known] * self.size, sizes) + self._places[position]
        summed = np.bincount(cell, self._weights[position], rows * self.size).reshape(rows, self.size)
        among = self._row[at[known]]
        holds = np.zeros((rows, len(self._common)), np.float32)
        holds[row[known][among >= 0], among[among >= 0]] = 1.0
        return np.asarray((summed + holds @ self._common) / np.maximum(total, 1e-6)[:, None], np.float32)
