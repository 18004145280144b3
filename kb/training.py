"""How are the numbers of ranking.json learned?  Pairwise logistic weights, then a calibration; in numpy.

`python -m kb train --articles A --queries Q ...` writes them.  The shipped ones come from 732 written test questions
about the 417 sample articles, each clean and with 10, 20 and 30 % simulated recognition errors.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.index import Compared, Index
from kb.ranking import COLD_START, SHIPPED, Ranking, evidence

Matrix = NDArray[np.float64]
ROUNDS = 2  # the rivals are chosen anew with the weights of the round before
RIVALS = 12  # wrong articles each right one is compared with
WEIGHT_DECAY = 1.0
CALIBRATION_DECAY = 0.3


@dataclass(frozen=True, slots=True)
class Question:
    """An utterance and the article that answers it; None when none does."""

    text: str
    article: str | None


def logistic(x: Matrix, y: Matrix, decay: float, keep_last: bool = False) -> Matrix:
    """Newton's method for L2-regularised logistic regression; the last column is not decayed when it is a constant."""
    w = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], decay)
    if keep_last:
        penalty[-1] = 1e-6
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (p - y) + penalty * w
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        w -= step
        if np.abs(step).max() < 1e-6:
            break
    return w


def compare_all(index: Index, questions: Sequence[Question]) -> list[Compared]:
    """The nearest articles of every question."""
    return [index.compare(q.text) for q in questions]


def learn(index: Index, compared: Sequence[Compared], questions: Sequence[Question]) -> Ranking:
    """Weights and calibration from the comparisons of many questions."""
    numbers = {article.id: n for n, article in enumerate(index.articles)}
    right = [
        np.flatnonzero(c.articles == numbers.get(q.article or "", -1)) for c, q in zip(compared, questions, strict=True)
    ]
    weights = np.array(COLD_START)
    for _ in range(ROUNDS):
        differences = []
        for found, at in zip(compared, right, strict=True):
            if len(at):
                order = np.argsort(-(found.features @ weights), kind="stable")
                rivals = order[order != at[0]][:RIVALS]
                differences.append(found.features[at[0]] - found.features[rivals])
        pairs = np.concatenate(differences)
        wanted = np.repeat((1.0, 0.0), len(pairs))
        weights = logistic(np.concatenate((pairs, -pairs)), wanted, WEIGHT_DECAY)
    x, y = [], []
    for found, at in zip(compared, right, strict=True):
        if len(found.articles):
            scores = found.features @ weights
            order = np.argsort(-scores, kind="stable")
            x.append([*evidence(found.features[order[0]].tolist(), scores[order[:3]].tolist()), 1.0])
            y.append(float(len(at) > 0 and order[0] == at[0]))
    calibration = logistic(np.array(x), np.array(y), CALIBRATION_DECAY, keep_last=True)
    return Ranking(tuple(map(float, weights)), tuple(map(float, calibration)))


def folds(questions: Sequence[Question], number: int) -> list[int]:
    """Which part of a cross-validation each question belongs to: all of one article's stay together."""
    places = {a: n % number for n, a in enumerate(sorted({q.article or q.text for q in questions}, key=_shuffled))}
    return [places[q.article or q.text] for q in questions]


def _shuffled(name: str) -> int:
    return zlib.crc32(name.encode())


def cross_validated(index: Index, questions: Sequence[Question], number: int = 5) -> list[tuple[Question, Ranking]]:
    """Each question with the numbers learned from the others: what to measure with."""
    compared, part = compare_all(index, questions), folds(questions, number)
    learned = []
    for fold in range(number):
        kept = [n for n, p in enumerate(part) if p != fold]
        learned.append(learn(index, [compared[n] for n in kept], [questions[n] for n in kept]))
    return [(question, learned[p]) for question, p in zip(questions, part, strict=True)]


def write(ranking: Ranking, file: Path = SHIPPED) -> None:
    """Keep the numbers where the lookup reads them."""
    kept = {
        "weights": [round(w, 5) for w in ranking.weights],
        "calibration": [round(c, 5) for c in ranking.calibration],
    }
    file.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
