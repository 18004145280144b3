"""What do many texts say, laid flat?  Cut into pieces and placed among the situations; large collections by processes.

Texts are laid a few thousand at a time, so that what is only needed meanwhile stays small.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from kb.grams import Floats, Ints, spread
from kb.meaning import Meaning, Spelled
from kb.situations import KEPT
from kb.vocabulary import cut

AT_ONCE = 4096  # texts
LARGE = 20_000  # texts; from here on processes share the work
STEP = 127  # directions are kept as whole numbers -STEP..STEP
BOUND = 300.0  # seconds until what other processes were to lay is laid here


@dataclass(frozen=True, slots=True)
class Laid:
    """Some texts."""

    words: list[str]
    sounds: list[str]
    key: Ints  # pieces, each once per text
    row: Ints  # the text that holds it
    trust: Floats
    nearest: NDArray[np.uint16]  # [texts, KEPT] situations
    nearness: NDArray[np.float16]
    directions: NDArray[np.int8]

    def of(self, chosen: Ints) -> "Laid":
        """The texts of these numbers, in this order."""
        starts = np.searchsorted(self.row, np.arange(len(self.words) + 1))
        place, row = spread(starts, chosen)
        return Laid(
            [self.words[n] for n in chosen.tolist()],
            [self.sounds[n] for n in chosen.tolist()],
            self.key[place],
            row,
            self.trust[place],
            self.nearest[chosen],
            self.nearness[chosen],
            self.directions[chosen],
        )


def lay(texts: Sequence[Spelled], meaning: Meaning) -> Laid:
    """These, in this process."""
    key, row, trust = cut(texts)
    places = meaning.place(texts)
    return Laid(
        [text.words for text in texts],
        [text.sounds for text in texts],
        key,
        row,
        trust,
        places.nearest.astype(np.uint16),
        places.nearness.astype(np.float16),
        np.rint(places.directions * STEP).astype(np.int8),
    )


def lay_all(texts: Sequence[str], meaning: Meaning) -> Laid:
    """These, spelled here or, when they are many, by as many processes as there are processors."""
    chunks = [texts[n : n + AT_ONCE] for n in range(0, len(texts), AT_ONCE)]
    processors = len(os.sched_getaffinity(0))
    if len(texts) < LARGE or processors < 2:
        return _together([_chunk(chunk, meaning) for chunk in chunks])
    global _lent
    _lent = meaning  # reaches the forked processes without being copied
    try:
        with ProcessPoolExecutor(processors, get_context("fork"), threadpool_limits, (1,)) as pool:
            return _together(list(pool.map(_lent_chunk, chunks, timeout=BOUND)))
    except (OSError, TimeoutError):
        return _together([_chunk(chunk, meaning) for chunk in chunks])
    finally:
        _lent = None


_lent: Meaning | None = None


def _lent_chunk(texts: Sequence[str]) -> Laid:
    assert _lent is not None
    return _chunk(texts, _lent)


def _chunk(texts: Sequence[str], meaning: Meaning) -> Laid:
    return lay([meaning.spell(text) for text in texts], meaning)


def _together(parts: Sequence[Laid]) -> Laid:
    if not parts:
        nothing = np.zeros(0, np.int64)
        floats = np.zeros((0, KEPT), np.float16)
        none = np.zeros((0, 0), np.int8)
        return Laid([], [], nothing, nothing, np.zeros(0, np.float32), floats.astype(np.uint16), floats, none)
    before = np.cumsum([0, *(len(part.words) for part in parts)])
    return Laid(
        [text for part in parts for text in part.words],
        [text for part in parts for text in part.sounds],
        np.concatenate([part.key for part in parts]),
        np.concatenate([part.row + n for part, n in zip(parts, before, strict=False)]),
        np.concatenate([part.trust for part in parts]),
        np.concatenate([part.nearest for part in parts]),
        np.concatenate([part.nearness for part in parts]),
        np.concatenate([part.directions for part in parts]),
    )
