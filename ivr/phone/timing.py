"""When did the caller stop, and when did the answer begin?  Measured on two recordings that share one clock."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE = 8000  # Hz
WINDOW = 0.01  # s
LOUD = 400.0  # RMS of 32767, about -38 dBFS; a rendered voice lies at 1500..4000, codec noise under 30
GAP = 0.6  # s; shorter gaps belong to the same stretch of speech


@dataclass(frozen=True, slots=True)
class Stretch:
    """Somebody spoke from `began` to `ended` (s)."""

    began: float
    ended: float


def stretches(samples: NDArray[np.int16], gap: float = GAP) -> list[Stretch]:
    """The stretches of speech in a recording."""
    n = int(RATE * WINDOW)
    windows = samples[: len(samples) // n * n].astype(np.float32).reshape(-1, n)
    loud = np.sqrt((windows**2).mean(axis=1)) > LOUD
    edges = np.flatnonzero(np.diff(np.concatenate(([0], loud.astype(int), [0]))))
    found: list[Stretch] = []
    for began, ended in zip(edges[0::2] * WINDOW, edges[1::2] * WINDOW, strict=True):
        if found and began - found[-1].ended < gap:
            found[-1] = Stretch(found[-1].began, float(ended))
        else:
            found.append(Stretch(float(began), float(ended)))
    return found


@dataclass(frozen=True, slots=True)
class Turn:
    """One utterance of the caller and what came back."""

    stopped: float
    answer_began: float | None
    cut_in: bool  # the other side spoke before the caller had finished

    @property
    def latency(self) -> float | None:
        return None if self.answer_began is None else self.answer_began - self.stopped


def turns(said: NDArray[np.int16], heard: NDArray[np.int16], spoken: Sequence[Stretch]) -> list[Turn]:
    """One Turn per utterance; `spoken` are the times (s) between which each was played."""
    mine = stretches(said, gap=0.0)
    theirs = stretches(heard, gap=0.3)
    found = []
    for played in spoken:
        within = [s for s in mine if played.began - 0.1 <= s.began <= played.ended + 0.3]
        if not within:
            continue
        began, stopped = within[0].began, within[-1].ended
        cut_in = any(began + 0.1 < s.began < stopped for s in theirs)
        after = [s.began for s in theirs if s.began >= stopped]
        found.append(Turn(stopped, after[0] if after else None, cut_in))
    return found
