"""Many short texts as one array of 16-bit code units, so that some of them are fetched, or all changed, in one step.

Normalised texts and their sounds hold only characters of one unit each.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kb.grams import Ints

Units = NDArray[np.uint16]


def pack(texts: Sequence[str]) -> tuple[Units, Ints]:
    """(all units, where each text begins and the last ends)."""
    units = np.frombuffer("".join(texts).encode("utf-16-le"), np.uint16)
    return units, np.concatenate(([0], np.cumsum([len(t) for t in texts]))).astype(np.int64)


def unpack(units: Units, lengths: Ints) -> list[str]:
    """The texts that stand one after another, of these lengths."""
    joined = units.tobytes().decode("utf-16-le")
    ends = np.cumsum(lengths).tolist()
    return [joined[a:b] for a, b in zip([0, *ends], ends, strict=False)]
