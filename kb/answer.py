"""Answer, offer one or two, or leave it to a person?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kb.index import Hit
from kb.ranking import SURE, Ranking

NEARLY = 0.40  # from here on the likeliest one or two are read back
EXACT = 0.98  # at least, when what was heard is one published wording syllable for syllable
SECOND = 0.1  # share of the first's probability below which a second candidate is not worth the caller's time


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate."""

    article: str
    revision: int
    question: str
    spoken: str
    source: str
    probability: float


@dataclass(frozen=True, slots=True)
class Answer(Choice):
    """Sure enough to be said."""


@dataclass(frozen=True, slots=True)
class Clarify:
    """Nearly sure: the caller chooses among these."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A person knows better; `best` is for the operator's eyes."""

    best: tuple[Choice, ...]


Decision: TypeAlias = Answer | Clarify | Unknown


def weigh(hits: Sequence[Hit], ranking: Ranking) -> tuple[Choice, ...]:
    """Every hit with the probability that it is the one meant; best first."""
    if not hits:
        return ()
    first = hits[0].share
    p = ranking.calibration.probability(first)
    if hits[0].exact and not any(hit.exact for hit in hits[1:]):
        p = max(p, EXACT)
    rest = (1 - p) / max(1 - first, 1e-6)
    probabilities = [p, *(min(p, rest * hit.share) for hit in hits[1:])]
    return tuple(
        Choice(h.article.id, h.article.revision, h.article.question, h.article.spoken, h.article.source, round(q, 6))
        for h, q in zip(hits, probabilities, strict=True)
    )


def choose(hits: Sequence[Hit], ranking: Ranking) -> Decision:
    """Decide on the hits of one question, best first."""
    choices = weigh(hits, ranking)
    first = choices[0] if choices else None
    if first is None or first.probability < NEARLY:
        return Unknown(choices[:3])
    if first.probability >= SURE:
        return Answer(first.article, first.revision, first.question, first.spoken, first.source, first.probability)
    close = len(choices) > 1 and choices[1].probability > SECOND * first.probability
    return Clarify(choices[: 2 if close else 1])
