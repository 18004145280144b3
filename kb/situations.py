"""What is the caller's trouble, in the words of many callers?  An editable table of situations.

One situation a line: the office's names for it (separated by spaces), then, each after a `|`, ways people tell it.  A
text is placed among the situations in two ways, both by the pieces it shares with them in hanzi and by sound: by BM25,
the few nearest, sharpened; and as a direction in the space the lines span (latent semantic analysis, computed from the
table at start), where pieces that stand in the same lines lie close.  Two texts that share no word are alike when they
are placed alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.grams import HEARD, PAIR, Floats, Ints, Postings, distinct, find, keys, spread, told
from kb.pinyin import encode
from kb.text import normalise

KEPT = 10  # situations a text is placed among
SHARP = 3.0  # power by which the nearest outweigh the others
DULL = 0.35  # weight of pieces that are mere talk ("我想", "那个")
WIDTH = 192  # dimensions of the space
RIDGE = 0.6  # keeps its weak dimensions from shouting
AT_ONCE = 256  # texts placed, or common pieces compared, in one step
RARE = 40  # lines; pieces that no more hold are compared pair by pair
ROUNDS, SPARE = 8, 64  # of the search for the strongest directions: steps, and columns beyond those wanted


@dataclass(frozen=True, slots=True)
class Places:
    """Where some texts stand: one row each."""

    nearest: Ints  # [texts, KEPT] numbers of situations
    nearness: Floats  # [texts, KEPT] of length 1 (or 0)
    directions: Floats  # [texts, WIDTH] of length 1 (or 0)


def rows(lines: Iterable[str]) -> list[list[str]]:
    """The table's lines, each as its normalised tellings."""
    cells = [line.strip().split("|") for line in lines if line.strip() and not line.startswith("#")]
    told = [[normalise(text) for text in (*row[0].split(), *row[1:])] for row in cells]
    return [[text for text in row if text] for row in told]


def spanning(key: Ints) -> NDArray[np.bool_]:
    """Whether a piece is one of those the space is made of: all but single sounds."""
    return (key < HEARD) | (key >= HEARD + PAIR)


def pieces_of_talk(talk: Iterable[str]) -> set[int]:
    """Keys of what words consist of that carry nothing; single sounds belong to other words too."""
    found = np.concatenate([keys(word, encode(word)) for word in talk] or [np.zeros(0, np.int64)])
    return set(found[spanning(found)].tolist())


class Situations:
    """The table, ready to place texts in."""

    def __init__(self, table: Sequence[Sequence[str]], groups: Sequence[Sequence[str]], talk: frozenset[str]) -> None:
        """table: rows().  groups: words that mean the same, as further lines of the space.  talk: carries nothing."""
        self.names = [row[0] for row in table]
        texts = [text for row in table for text in row]
        owner = np.repeat(np.arange(len(table)), [len(row) for row in table])
        dull = dict.fromkeys(pieces_of_talk(talk), DULL)
        self._postings = Postings(texts, [encode(text) for text in texts], owner, 0.3, dull)
        self._span([*table, *groups], dull)

    def _span(self, lines: Sequence[Sequence[str]], dull: dict[int, float]) -> None:
        texts = [text for line in lines for text in line]
        owner = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
        key, text = told(texts, [encode(t) for t in texts])
        chosen = distinct(key, text)
        chosen = chosen[spanning(key[chosen])]
        key, text = key[chosen], text[chosen]
        self._keys, term = np.unique(key, return_inverse=True)
        cell, times = np.unique(term * len(lines) + owner[text], return_counts=True)
        piece, line = np.divmod(cell, len(lines))
        frequency = np.bincount(piece)
        telling = np.log(1 + len(lines) / frequency).astype(np.float32)
        telling *= np.array([dull.get(int(k), 1.0) for k in self._keys], np.float32)
        held = (times * 2.2 / (times + 1.2) * telling[piece]).astype(np.float32)
        held /= np.sqrt(np.bincount(line, held**2, len(lines)))[line].astype(np.float32) + 1e-9
        strength, shape = strongest(shared(piece, line, held, len(lines)), WIDTH)
        scaled = (shape / np.sqrt(np.maximum(strength, 0) + RIDGE)).astype(np.float32)
        starts = np.cumsum(frequency) - frequency
        self._direction = np.empty((len(self._keys), scaled.shape[1]), np.float16)
        for n in range(0, scaled.shape[1], 32):  # a few columns at once: the whole would be large
            part = scaled[line, n : n + 32] * held[:, None]
            self._direction[:, n : n + 32] = np.add.reduceat(part, starts, axis=0) * telling[:, None]

    def place(self, words: Sequence[str], sounds: Sequence[str]) -> Places:
        """words: normalised; sounds: their encode()."""
        parts = [self._place(words[n : n + AT_ONCE], sounds[n : n + AT_ONCE]) for n in range(0, len(words), AT_ONCE)]
        if not parts:
            return Places(np.zeros((0, KEPT), np.int64), np.zeros((0, KEPT), np.float32), np.zeros((0, WIDTH), "f4"))
        return Places(
            np.concatenate([p.nearest for p in parts]),
            np.concatenate([p.nearness for p in parts]),
            np.concatenate([p.directions for p in parts]),
        )

    def place_one(self, key: Ints) -> Places:
        """Of one text, by the distinct keys of its pieces as in told()."""
        at = find(self._keys, key[spanning(key)])
        direction = self._direction[at[at >= 0]].astype(np.float32).sum(axis=0, keepdims=True)
        return _sharpened(self._postings.score(key)[None], unit(direction))

    def _place(self, words: Sequence[str], sounds: Sequence[str]) -> Places:
        key, text = told(words, sounds)
        chosen = distinct(key, text)
        key, text = key[chosen], text[chosen]
        near = self._postings.scores(key, text, len(words))
        return _sharpened(near, self._directions(key[spanning(key)], text[spanning(key)], len(words)))

    def _directions(self, key: Ints, text: Ints, texts: int) -> Floats:
        at = find(self._keys, key)
        at, text = at[at >= 0], text[at >= 0]
        summed = np.zeros((texts, WIDTH), np.float32)
        if len(at):
            new = np.flatnonzero(np.diff(text, prepend=-1))  # the pieces of a text stand together
            summed[text[new]] = np.add.reduceat(self._direction[at].astype(np.float32), new, axis=0)
        return unit(summed)


def _sharpened(near: Floats, directions: Floats) -> Places:
    kept = np.argpartition(-near, KEPT, axis=1)[:, :KEPT]
    return Places(kept, unit(near[np.arange(len(near))[:, None], kept] ** SHARP), directions)


def shared(piece: Ints, line: Ints, held: Floats, lines: int) -> Floats:
    """[lines, lines] how much each two lines have in common.  One entry per piece a line holds, sorted by piece."""
    frequency = np.bincount(piece)
    starts = np.concatenate(([0], np.cumsum(frequency)))
    rare = np.flatnonzero(frequency[piece] <= RARE)
    other, mine = spread(starts, piece[rare])
    mine = rare[mine]
    cell = line[mine] * lines + line[other]
    common = np.asarray(np.bincount(cell, held[mine] * held[other], lines * lines), np.float32).reshape(lines, lines)
    often = np.flatnonzero(frequency[piece] > RARE)
    _, column = np.unique(piece[often], return_inverse=True)
    for n in range(0, int(column.max(initial=-1)) + 1, AT_ONCE):
        chosen = (column >= n) & (column < n + AT_ONCE)
        block = np.zeros((lines, AT_ONCE), np.float32)
        block[line[often][chosen], column[chosen] - n] = held[often][chosen]
        common += block @ block.T
    return common


def strongest(common: Floats, width: int) -> tuple[Floats, Floats]:
    """(eigenvalues rising, eigenvectors as columns), the `width` largest; by subspace iteration, which is quick."""
    columns = min(len(common), width + SPARE)
    span = np.random.default_rng(12345).standard_normal((len(common), columns)).astype(np.float32)
    for _ in range(ROUNDS):
        span = np.linalg.qr(common @ span)[0]
    strength, turn = np.linalg.eigh(span.T @ common @ span)
    return strength[-width:], span @ turn[:, -width:]


def lengths(vectors: Floats) -> Floats:
    """Of each row."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), np.float32)


def unit(vectors: Floats) -> Floats:
    """Each row at length 1; a row of nothing stays so."""
    return np.asarray(vectors / np.maximum(lengths(vectors), 1e-9)[:, None], np.float32)
