"""How are the numbers of ranking.json learned?  In numpy, from questions whose article is known.

The scores of a question's candidates and of `none of these` are made to give the right one the largest share (softmax).
The calibration is learned from shares given by weights that had not seen the question, and is lowered: each step of it
counts one answer more than were given.

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
from kb.ranking import SHIPPED, Ranking, evidence, kept

Matrix = NDArray[np.float64]
RIVALS = 20  # candidates a question is learned from, the right one among them
STEPS = 300
RATE = 0.02  # of Adam
DECAY = 1e-2  # of the weights
INNER = 4  # parts of the cross-validation the calibration is learned by
STEP = 40  # questions at least in one step of the calibration


@dataclass(frozen=True, slots=True)
class Question:
    """An utterance and the article that answers it; None when none does."""

    text: str
    article: str | None
    said: str = ""  # the same for every noisy copy of one utterance

    @property
    def matter(self) -> str:
        """Questions of one matter are learned from together or not at all."""
        return self.article or self.said or self.text


@dataclass(frozen=True, slots=True)
class Lessons:
    """Questions laid out for learning: row 0.. are candidates, the last is `none of these`."""

    likenesses: Matrix  # [questions, RIVALS, features]
    there: NDArray[np.bool_]  # [questions, RIVALS]
    right: NDArray[np.int64]  # place of the right one; RIVALS: none of these

    def of(self, chosen: NDArray[np.bool_]) -> "Lessons":
        return Lessons(self.likenesses[chosen], self.there[chosen], self.right[chosen])


def compare_all(index: Index, questions: Sequence[Question]) -> list[Compared]:
    """The nearest articles of every question."""
    return [index.compare(q.text) for q in questions]


def lessons(compared: Sequence[Compared], questions: Sequence[Question]) -> Lessons:
    """The candidates with the best first scores (the last likeness) of every question."""
    width = max(c.features.shape[1] for c in compared)
    likenesses = np.zeros((len(compared), RIVALS, width))
    there = np.zeros((len(compared), RIVALS), bool)
    right = np.full(len(compared), RIVALS, np.int64)
    for n, (found, question) in enumerate(zip(compared, questions, strict=True)):
        order = np.argsort(-found.features[:, -1], kind="stable")[:RIVALS]
        likenesses[n, : len(order)] = found.features[order]
        there[n, : len(order)] = True
        for place, candidate in enumerate(order.tolist()):
            if found.articles[candidate].id == question.article:
                right[n] = place
    return Lessons(likenesses, there, right)


def weigh(learned: Lessons) -> tuple[Matrix, Matrix]:
    """(weights, weights of `none of these` with its constant last), by Adam on the softmax."""
    values = learned.likenesses[learned.there]
    middle, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    z = (learned.likenesses - middle) / spread * learned.there[:, :, None]
    best = np.where(learned.there[:, :, None], z, -9.0).max(axis=1)
    size, width = len(z), z.shape[2]
    wanted = np.zeros((size, RIVALS + 1))
    wanted[np.arange(size), learned.right] = 1.0
    w = np.zeros(2 * width + 1)  # weights, those of none, the constant
    first, second = np.zeros_like(w), np.zeros_like(w)
    for step in range(STEPS):
        scores = np.where(learned.there, z @ w[:width], -1e9)
        every = np.column_stack((scores, best @ w[width:-1] + w[-1]))
        powers = np.exp(every - every.max(axis=1, keepdims=True))
        wrong = (powers / powers.sum(axis=1, keepdims=True) - wanted) / size
        gradient = np.concatenate(
            (
                np.einsum("qr,qrf->f", wrong[:, :RIVALS], z) + DECAY * w[:width],
                best.T @ wrong[:, RIVALS] + DECAY * w[width:-1],
                [wrong[:, RIVALS].sum()],
            )
        )
        first = 0.9 * first + 0.1 * gradient
        second = 0.99 * second + 0.01 * gradient**2
        rate = RATE * (1 - step / STEPS) + 1e-4
        w -= rate * first / (1 - 0.9 ** (step + 1)) / (np.sqrt(second / (1 - 0.99 ** (step + 1))) + 1e-8)
    none = w[width:-1] / spread
    weights = w[:width] / spread
    # a score's own constant falls out between candidates, but not against `none of these`
    constant = w[-1] - middle @ none + middle @ weights
    return weights, np.append(none, constant)


def learn(compared: Sequence[Compared], questions: Sequence[Question]) -> Ranking:
    """Weights and calibration from the comparisons of many questions."""
    every = lessons(compared, questions)
    part = np.array(folds(questions, INNER))
    seen, right = [], []
    for fold in range(INNER):
        weights, none = weigh(every.of(part != fold))
        unsure = Ranking(tuple(weights.tolist()), tuple(none.tolist()), (), ())
        for n in np.flatnonzero(part == fold).tolist():
            if len(compared[n].articles):
                scores, shares = unsure.shares(compared[n].features)
                order = np.argsort(-scores, kind="stable")
                second = shares[order[1]] if len(order) > 1 else 0.0
                seen.append((*evidence(float(shares[order[0]]), float(second), float(shares[-1])), 1.0))
                right.append(compared[n].articles[int(order[0])].id == questions[n].article)
    x, y = np.array(seen), np.array(right, float)
    sure = logistic(x, y, 1.0)
    weights, none = weigh(every)
    return Ranking(tuple(weights.tolist()), tuple(none.tolist()), tuple(sure.tolist()), tuple(rising(x @ sure, y)))


def rising(z: Matrix, right: Matrix) -> list[tuple[float, float]]:
    """Steps (z, share right) that only rise, each of STEP questions at least and lowered by one wrong answer."""
    order = np.argsort(z, kind="stable")
    steps: list[list[float]] = []  # sum of z, right, number
    for start in range(0, len(order), STEP):
        chosen = order[start : start + STEP]
        steps.append([float(z[chosen].sum()), float(right[chosen].sum()), float(len(chosen))])
        while len(steps) > 1 and steps[-2][1] / steps[-2][2] >= steps[-1][1] / steps[-1][2]:
            last = steps.pop()
            steps[-1] = [a + b for a, b in zip(steps[-1], last, strict=True)]
    return [(total / number, good / (number + 1)) for total, good, number in steps]


def logistic(x: Matrix, y: Matrix, decay: float) -> Matrix:
    """Newton's method for L2-regularised logistic regression; the last column is the constant and is not decayed."""
    w = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], decay)
    penalty[-1] = 1e-6
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, x.T @ (p - y) + penalty * w)
        w -= step
        if np.abs(step).max() < 1e-6:
            break
    return w


def folds(questions: Sequence[Question], number: int) -> list[int]:
    """Which part of a cross-validation each question belongs to: all of one matter stay together."""
    places = {a: n % number for n, a in enumerate(sorted({q.matter for q in questions}, key=_shuffled))}
    return [places[q.matter] for q in questions]


def _shuffled(name: str) -> int:
    return zlib.crc32(name.encode())


def cross_validated(index: Index, questions: Sequence[Question], number: int = 5) -> list[tuple[Question, Ranking]]:
    """Each question with the numbers learned from the others: what to measure with."""
    compared, part = compare_all(index, questions), folds(questions, number)
    learned = []
    for fold in range(number):
        chosen = [n for n, p in enumerate(part) if p != fold]
        learned.append(learn([compared[n] for n in chosen], [questions[n] for n in chosen]))
    return [(question, learned[p]) for question, p in zip(questions, part, strict=True)]


def write(ranking: Ranking, file: Path = SHIPPED) -> None:
    """Keep the numbers where the lookup reads them."""
    file.write_text(json.dumps(kept(ranking), indent=1) + "\n", encoding="utf-8")
