"""Which sentences may a caller have said, and how sure is each?  From what Vosk heard, segment by segment."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

READINGS = 3  # of one turn that are handed on
ASKED = 5  # of one segment that Vosk is asked for: some differ only in where the spaces are
KEPT = 8  # of a turn while its segments are put together
WORST = -1e4  # log likelihood where Vosk gives no number


@dataclass(frozen=True, slots=True)
class Reading:
    """One sentence as it may have been said, word by word; the natural logarithm of its likelihood, up to a constant.

    Vosk calls that number `confidence`.  It is the score of one path through the lattice, language and sound weighed as
    in the search, so the difference of two is the logarithm of their odds; by itself it grows with the sound's length.
    """

    spoken: tuple[str, ...]
    score: float

    @property
    def words(self) -> str:
        return "".join(self.spoken)


def heard(result: Mapping[str, object]) -> list[Reading]:
    """Vosk's result of one segment, asked for alternatives or not; best first, never empty."""
    listed = result.get("alternatives")
    told = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else [result]
    return [Reading(_spoken(str(one.get("text", ""))), _score(one.get("confidence"))) for one in told or [{}]]


def joined(text: str) -> str:
    return text.replace(" ", "").replace("[unk]", "").replace("<unk>", "")


def together(before: Sequence[Reading], segment: Sequence[Reading]) -> list[Reading]:
    """The readings of a turn with one segment more, likeliest first, at most KEPT; what sounds written alike is one."""
    found: dict[str, Reading] = {}
    for one in before:
        for more in segment:
            new = Reading(one.spoken + more.spoken, one.score + more.score)
            known = found.get(new.words)
            found[new.words] = new if known is None else Reading(known.spoken, _sum(known.score, new.score))
    return sorted(found.values(), key=lambda reading: -reading.score)[:KEPT]


def shares(readings: Sequence[Reading]) -> list[float]:
    """How sure each is, 0..1, among these: together one."""
    if not readings:
        return []
    best = max(reading.score for reading in readings)
    odds = [math.exp(reading.score - best) for reading in readings]
    return [one / sum(odds) for one in odds]


def _spoken(text: str) -> tuple[str, ...]:
    return tuple(word for word in (joined(part) for part in text.split()) if word)


def _score(told: object) -> float:
    score = told if isinstance(told, int | float) else 0.0
    return float(score) if math.isfinite(score) else WORST


def _sum(one: float, other: float) -> float:
    """The logarithm of the sum of what two logarithms stand for."""
    return max(one, other) + math.log1p(math.exp(-abs(one - other)))
