"""How good is the lookup on questions whose article is known?"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kb.answer import weigh
from kb.index import Index
from kb.ranking import SURE, Ranking
from kb.training import Question


@dataclass(frozen=True, slots=True)
class Trial:
    """One question asked."""

    probability: float  # of the first hit
    place: int  # of the right article among the hits, from 0; 99 when it is not there
    answerable: bool
    milliseconds: float

    @property
    def right(self) -> bool:
        return self.place == 0


def trial(index: Index, question: Question, ranking: Ranking) -> Trial:
    """Ask one question."""
    began = time.perf_counter()
    hits = index.search(question.text)
    took = 1000 * (time.perf_counter() - began)
    ids = [hit.article.id for hit in hits]
    choices = weigh(hits, ranking)
    p = choices[0].probability if choices else 0.0
    place = ids.index(question.article) if question.article in ids else 99
    return Trial(p, place, question.article is not None, took)


def coverage(trials: Sequence[Trial], precision: float) -> float:
    """Largest share of the answerable questions answered rightly while `precision` of the answers are right."""
    right, best = 0, 0
    for given, one in enumerate(sorted(trials, key=lambda t: -t.probability), 1):
        right += one.right
        if right >= precision * given:
            best = right
    return best / max(1, sum(t.answerable for t in trials))


def reliability(trials: Sequence[Trial], step: float = 0.1) -> list[dict[str, float]]:
    """Per band of probability: how many questions, what was promised on average, what was right."""
    table = []
    for band in range(round(1 / step)):
        part = [t for t in trials if min(int(t.probability / step), round(1 / step) - 1) == band]
        if part:
            table.append(
                {
                    "from": round(band * step, 3),
                    "questions": len(part),
                    "promised": round(sum(t.probability for t in part) / len(part), 3),
                    "right": round(sum(t.right for t in part) / len(part), 3),
                }
            )
    return table


def figures(trials: Sequence[Trial]) -> dict[str, Any]:
    """Everything worth reading, as JSON values."""
    known = [t for t in trials if t.answerable]
    took = sorted(t.milliseconds for t in trials)
    sure = [t for t in trials if t.probability >= SURE]

    def among(places: int) -> float:
        return round(sum(t.place < places for t in known) / max(1, len(known)), 4)

    return {
        "questions": len(trials),
        "answerable": len(known),
        "recall_at_1": among(1),
        "recall_at_2": among(2),
        "recall_at_3": among(3),
        "coverage_at_0.95": round(coverage(trials, 0.95), 4),
        "coverage_at_0.99": round(coverage(trials, 0.99), 4),
        "answered": round(sum(t.right for t in sure) / max(1, len(known)), 4),
        "wrong_answers": round(sum(not t.right for t in sure) / max(1, len(trials)), 4),
        "reliability": reliability(trials),
        "ms_p50": round(took[len(took) // 2], 2),
        "ms_p99": round(took[int(len(took) * 0.99)], 2),
    }
