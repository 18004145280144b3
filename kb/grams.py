"""How well do the pieces of a text fit each text of a collection?  1- and 2-grams as numbers, BM25 in flat arrays."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

K1 = 1.2  # BM25's saturation (data notes: tuned on the open half)
PAIR = 1 << 21  # keys of pairs are larger
HEARD = 1 << 44  # in the keys of sounds
BREAK = 10  # code point between texts that are cut together
COMMON = 0.05  # share of the collection; pieces that more hold are kept as whole rows, which add up faster

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]


def points(text: str) -> Ints:
    """The code points of a text."""
    return np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.int64)


def keys(words: str, sounds: str) -> Ints:
    """The distinct pieces of one text as in told(), sorted."""
    seen, heard = points(words), points(sounds)
    found = np.concatenate((seen, seen[:-1] << 21 | seen[1:], heard | HEARD, heard[:-1] << 21 | heard[1:] | HEARD))
    found.sort()
    return found[np.append(True, np.diff(found) != 0)] if len(found) else found


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


def told(words: Sequence[str], sounds: Sequence[str]) -> tuple[Ints, Ints]:
    """pieces() of texts as written and, with HEARD in their keys, as they sound."""
    seen, of_seen = pieces(words)
    heard, of_heard = pieces(sounds)
    return np.concatenate((seen, heard | HEARD)), np.concatenate((of_seen, of_heard))


def distinct(key: Ints, row: Ints) -> Ints:
    """Places of the first entry of each key in each row, by row and key."""
    order = np.lexsort((key, row))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(key[order]) != 0) | (np.diff(row[order]) != 0)
    return order[new]


class Postings:
    """BM25 over a fixed collection, as written plus as heard, each divided by what the text gets from itself."""

    def __init__(
        self, words: Sequence[str], sounds: Sequence[str], owner: Ints, b: float, dull: Mapping[int, float]
    ) -> None:
        """owner: number of the collected text each string belongs to.  dull: weight factor of some pieces."""
        self.size = int(owner.max()) + 1
        found, place = told(words, sounds)
        part = 2 * owner[place] + (found >= HEARD)
        lengths = np.bincount(part, minlength=2 * self.size).astype(np.float32)
        mean = np.maximum(lengths.reshape(-1, 2).mean(axis=0), 1e-6)
        self._keys, term = np.unique(found, return_inverse=True)
        pair, times = np.unique(term * self.size + owner[place], return_counts=True)
        term, self._places = np.divmod(pair, self.size)
        frequency = np.bincount(term, minlength=len(self._keys))
        factor = np.array([dull.get(int(k), 1.0) for k in self._keys], np.float32)
        self._idf = np.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32) * factor
        self._unknown = float(np.log(1 + (self.size + 0.5) / 0.5))
        self._dull = np.array(sorted(dull), np.int64)
        self._factor = np.array([*(dull[int(k)] for k in self._dull), 1.0], np.float32)  # the last: of the others
        tf = times.astype(np.float32)
        heard = (self._keys[term] >= HEARD).astype(np.int64)
        norm = tf + K1 * (1 - b + b * lengths[2 * self._places + heard] / mean[heard])
        weights = self._idf[term] * tf * (K1 + 1) / norm
        common = frequency > COMMON * self.size
        self._row = np.where(common, np.cumsum(common) - 1, -1)  # of each piece among the common ones
        self._common = np.zeros((int(common.sum()), self.size), np.float32)
        often = common[term]
        self._common[self._row[term[often]], self._places[often]] = weights[often]
        self._places, self._weights = self._places[~often], weights[~often].astype(np.float64)  # as bincount adds
        self._starts = np.concatenate(([0], np.cumsum(np.where(common, 0, frequency))))

    def _shares(self, wanted: Ints, row: Ints, rows: int) -> tuple[Ints, Floats]:
        """(where each piece stands, -1: nowhere; what it counts); an unseen piece is the most telling."""
        at = find(self._keys, wanted)
        telling = self._idf[at]
        unseen = np.flatnonzero(at < 0)
        if len(unseen):
            dull = find(self._dull, wanted[unseen])
            telling[unseen] = self._unknown * np.where(dull >= 0, self._factor[dull], np.float32(1.0))
        part = 2 * row + (wanted >= HEARD)
        total = np.maximum(np.bincount(part, telling, 2 * rows), 1e-6).astype(np.float32)
        return at, np.asarray(1 / total[part], np.float32)

    def score(self, wanted: Ints) -> Floats:
        """scores() of one text."""
        at, share = self._shares(wanted, np.zeros(len(wanted), np.int64), 1)
        share, at = share[at >= 0], at[at >= 0]
        position, of = spread(self._starts, at)
        summed = np.bincount(self._places[position], self._weights[position] * share[of], self.size)
        among = self._row[at]
        return np.asarray(summed + share[among >= 0] @ self._common[among[among >= 0]], np.float32)

    def scores(self, wanted: Ints, row: Ints, rows: int) -> Floats:
        """[rows, size], 0 to about 2, half of it for what is written.  wanted: distinct pieces of each row."""
        at, share = self._shares(wanted, row, rows)
        share, row, at = share[at >= 0], row[at >= 0], at[at >= 0]
        position, of = spread(self._starts, at)
        cell = row[of] * self.size + self._places[position]
        summed = np.bincount(cell, self._weights[position] * share[of], rows * self.size).reshape(rows, self.size)
        among = self._row[at]
        holds = np.zeros((rows, len(self._common)), np.float32)
        holds[row[among >= 0], among[among >= 0]] = share[among >= 0]
        return np.asarray(summed + holds @ self._common, np.float32)
