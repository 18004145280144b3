"""How are the numbers of ranking.json learned?  In numpy, from questions whose article is known.

The scores of a question's candidates and of `none of these` are made to give the right one the largest share (softmax).
A score is what the likenesses are worth alone and, through a few switches (a hidden layer), together.
The calibration is learned from shares given by weights that had not seen the question.

`python -m kb train --articles A --queries Q ...` writes them.  The shipped ones come from questions about the sample
articles (kb/sample): 732 of one hand, each clean and with 10, 20 and 30 % simulated recognition errors, and of another
587 that share an article's words and ask for what no article says, and of two others 1251 in everyday words.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.index import Compared, Index
from kb.ranking import SHIPPED, Calibration, Ranking, Weights, kept, log_odds

Matrix = NDArray[np.float64]
Single = NDArray[np.float32]
RIVALS = 20  # candidates a question is learned from, the right one among them
NETS, SWITCHES = 2, 16  # small networks whose mean is taken; switches of each
RESTING = 0.2  # share of the switches that rest in a step
STEPS = 200
RATE = 0.02  # of Adam
DECAY = 2e-2  # of the weights
INNER = 4  # parts of the cross-validation the calibration is learned by


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


def weigh(learned: Lessons) -> tuple[Weights, Weights]:
    """(weights, weights of `none of these`): the mean of NETS small networks, each begun from other numbers."""
    values = learned.likenesses[learned.there]
    middle, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    z = ((learned.likenesses - middle) / spread * learned.there[:, :, None]).astype(np.float32)
    best = np.where(learned.there[:, :, None], z, np.float32(-9)).max(axis=1)
    nets = [_net(z[learned.there], best, learned, seed) for seed in range(NETS)]
    return (
        _raw([net[:4] for net in nets], 0.0, middle, spread),
        _raw([net[4:8] for net in nets], sum(float(net[8][0]) for net in nets) / NETS, middle, spread),
    )


def _net(z: Single, best: Single, learned: Lessons, seed: int) -> list[Single]:
    """By Adam on the softmax: alone, sums, least, worth of the weights; the same of `none of these`; its constant."""
    random = np.random.default_rng(seed)
    size, width = best.shape
    start = (0.0, 1.0, 0.0, 0.05)  # spread of the first numbers
    shapes = ((width,), (width, SWITCHES), (SWITCHES,), (SWITCHES,))
    net = [
        random.normal(0.0, much, shape).astype(np.float32) for shape, much in zip(shapes * 2, start * 2, strict=True)
    ]
    net[1] /= np.sqrt(width)
    net[5] /= np.sqrt(width)
    net.append(np.zeros(1, np.float32))
    first, second = [np.zeros_like(part) for part in net], [np.zeros_like(part) for part in net]
    wanted = np.zeros((size, RIVALS + 1), np.float32)
    wanted[np.arange(size), learned.right] = 1.0
    every = np.full((size, RIVALS + 1), -1e9, np.float32)
    there = np.column_stack((learned.there, np.zeros(size, bool)))
    for step in range(STEPS):
        # some switches rest in each step, so that none relies on another
        awake = (random.random(SWITCHES) > RESTING).astype(np.float32) / np.float32(1 - RESTING)
        opened, none_opened = np.maximum(z @ net[1] + net[2], 0) * awake, np.maximum(best @ net[5] + net[6], 0)
        every[there] = z @ net[0] + opened @ net[3]
        every[:, RIVALS] = best @ net[4] + none_opened @ net[7] + net[8]
        powers = np.exp(every - every.max(axis=1, keepdims=True))
        wrong = (powers / powers.sum(axis=1, keepdims=True) - wanted) / np.float32(size)
        gradient = [
            *_downhill(z, opened, wrong[there], net[:4], awake),
            *_downhill(best, none_opened, wrong[:, RIVALS], net[4:8], np.float32(1)),
            wrong[:, RIVALS].sum(keepdims=True),
        ]
        rate = RATE * (1 - step / STEPS) + 1e-4
        for n, part in enumerate(gradient):
            first[n] = 0.9 * first[n] + 0.1 * part
            second[n] = 0.99 * second[n] + 0.01 * part**2
            smooth = np.sqrt(second[n] / (1 - 0.99 ** (step + 1))) + 1e-8
            net[n] = np.asarray(net[n] - rate * first[n] / (1 - 0.9 ** (step + 1)) / smooth, np.float32)
    return net


def _downhill(
    z: Single, opened: Single, wrong: Single, net: Sequence[Single], awake: Single | np.float32
) -> tuple[Single, ...]:
    alone, sums, _, worth = net
    through = wrong[:, None] * worth * (opened > 0) * awake
    return (
        z.T @ wrong + DECAY * alone,
        z.T @ through + DECAY * sums,
        through.sum(axis=0),
        opened.T @ wrong + DECAY * worth,
    )


def _raw(nets: Sequence[Sequence[Single]], constant: float, middle: Matrix, spread: Matrix) -> Weights:
    """The nets as one, for likenesses as they are instead of standardised."""
    alone = np.mean([net[0] for net in nets], axis=0) / spread
    sums = np.concatenate([net[1] for net in nets], axis=1) / spread[:, None]
    least = np.concatenate([net[2] for net in nets]) - middle @ sums
    return Weights(alone, sums, least, np.concatenate([net[3] for net in nets]) / NETS, constant - middle @ alone)


def learn(compared: Sequence[Compared], questions: Sequence[Question]) -> Ranking:
    """Weights and calibration from the comparisons of many questions."""
    every = lessons(compared, questions)
    part = np.array(folds(questions, INNER))
    seen, right = [], []
    for fold in range(INNER):
        unsure = Ranking(*weigh(every.of(part != fold)))
        for n in np.flatnonzero(part == fold).tolist():
            if len(compared[n].articles):
                scores, shares = unsure.shares(compared[n].features)
                first = int(scores.argmax())
                seen.append(float(shares[first]))
                right.append(compared[n].articles[first].id == questions[n].article)
    return Ranking(*weigh(every), calibrated(seen, right))


def calibrated(shares: Sequence[float], right: Sequence[bool]) -> Calibration:
    """shares: of the first candidate of each question; right: whether it was the one meant."""
    odds = np.array([(log_odds(share), 1.0) for share in shares])
    slope, constant = logistic(odds, np.array(right, float), 1.0).tolist()
    return Calibration(slope, constant)


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
    lines = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in kept(ranking).items()]
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
