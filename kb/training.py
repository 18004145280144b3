"""How are the numbers of ranking.json learned?  Pairwise logistic weights, then a calibration; in numpy."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.article import Article
from kb.index import Hit, Index
from kb.ranking import SHIPPED, Ranking, evidence
from kb.synonyms import Synonyms

Matrix = NDArray[np.float64]
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


def all_hits(index: Index, questions: Sequence[Question]) -> list[list[Hit]]:
    return [[hit for _, hit in index._hits(q.text)] for q in questions]


def learn(hits: Sequence[Sequence[Hit]], questions: Sequence[Question]) -> Ranking:
    """Weights and calibration from the hits of many questions."""
    rows, wanted = [], []
    for found, question in zip(hits, questions, strict=True):
        right = next((h for h in found if h.article.id == question.article), None)
        if right is None:
            continue
        for rival in sorted((h for h in found if h is not right), key=lambda h: -h.score)[:RIVALS]:
            difference = np.subtract(right.features, rival.features)
            rows += [difference, -difference]
            wanted += [1.0, 0.0]
    weights = logistic(np.array(rows), np.array(wanted), WEIGHT_DECAY)
    ranking = Ranking(tuple(float(w) for w in weights))
    x, y = [], []
    for found, question in zip(hits, questions, strict=True):
        if not found:
            continue
        ordered = sorted(((ranking.score(h.features), h) for h in found), key=lambda s: -s[0])
        x.append([*evidence(ordered[0][1].features, [s for s, _ in ordered]), 1.0])
        y.append(float(ordered[0][1].article.id == question.article))
    calibration = logistic(np.array(x), np.array(y), CALIBRATION_DECAY, keep_last=True)
    return Ranking(ranking.weights, tuple(float(c) for c in calibration))


def train(articles: Sequence[Article], questions: Sequence[Question], synonyms: Synonyms) -> Ranking:
    """Learn from all questions and write ranking.json."""
    index = Index(articles, synonyms, Ranking())
    ranking = learn(all_hits(index, questions), questions)
    kept = {
        "weights": [round(w, 5) for w in ranking.weights],
        "calibration": [round(c, 5) for c in ranking.calibration],
    }
    SHIPPED.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return ranking
