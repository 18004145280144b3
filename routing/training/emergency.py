"""How are the weights of the emergency judgement learned?

`python -m routing.training.emergency` reads the sentences beside this file, mishears each several times, fits a
logistic model of danger and a softmax of its kind in numpy (L-BFGS, seeded, so repeatable; two minutes), and writes
routing/emergency_weights.json.
"""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.pinyin import syllable_of
from routing.emergency_signs import features, read, vocabulary
from routing.emergency_weights import SHIPPED, Weights, reach
from routing.training.noise import Channel

Vector = NDArray[np.float64]
HERE = Path(__file__).parent
COLLECTED = ("emergency_cries", "emergency_look_alikes", "emergency_collected", "emergency_ordinary")
RATES = (0.0, 0.1, 0.2, 0.2, 0.3)  # character errors per character of the copies
COPIES = 10  # misheard copies of a sentence; ordinary questions, of which there are many, get a third
DECAY = 0.25  # L2 of the model of danger
KIND_DECAY = 0.1
SMALL = 0.01  # weights below it are not kept
# Open sentences name a family; the kinds it may be.
FAMILIES = {
    "medical": ("medical", "gas"),
    "fire": ("fire", "rescue", "lift", "disaster", "forest", "medical", "gas", "traffic", "power"),
    "police": ("police", "fraud", "missing", "threat"),
    "utility": ("gas", "power", "water", "rescue", "lift", "medical"),
    "selfharm": ("crisis",),
    "mine": ("disaster",),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """danger: 1 yes, 0 no, 0.5 only a question can tell.  kinds: what it may be; empty when nobody said."""

    text: str
    danger: float
    kinds: tuple[str, ...]
    source: str
    weight: float


def sentences(names: Sequence[str] = COLLECTED) -> list[Sentence]:
    rows = []
    for name in names:
        for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            rows.append(sentence(json.loads(line), name))
    return rows


def sentence(row: dict[str, Any], name: str) -> Sentence:
    kind = row["kind"]
    danger = 0.5 if kind == "ask" else row.get("danger", float(name == "emergency_cries"))
    kinds = FAMILIES.get(kind, (kind,)) if name == "emergency_collected" else FAMILIES.get(kind, (kind,))[:1]
    known = tuple(k for k in kinds if k in vocabulary().kinds) if danger == 1 else ()
    return Sentence(row["text"], danger, known, row.get("source", name), row.get("weight", 1.0))


def ordinary(one: Sentence) -> bool:
    return one.source.endswith("ordinary")


@dataclass(frozen=True, slots=True)
class Heard:
    """One way a sentence was heard."""

    sentence: Sentence
    found: frozenset[str]
    weight: float


def heard(listed: Sequence[Sentence], copies: int = COPIES, seed: int = 5) -> list[Heard]:
    """Each sentence as said and as misheard; together they weigh what the sentence weighs."""
    rng = random.Random(seed)
    channel = Channel(one.text for one in listed)
    rows = []
    for one in listed:
        times = max(1, copies // 3) if ordinary(one) else copies
        texts = [one.text, *(channel.corrupt(one.text, rng.choice(RATES), rng) for _ in range(times))]
        rows += [Heard(one, frozenset(features(read(text))), one.weight / len(texts)) for text in texts]
    return rows


class Matrix:
    """Sparse rows of features seen in at least `least` sentences."""

    def __init__(self, rows: Sequence[Heard], least: int, wanted: Callable[[str], bool] = lambda _: True) -> None:
        holders: dict[str, set[str]] = {}
        for row in rows:
            for feature in row.found:
                holders.setdefault(feature, set()).add(row.sentence.text)
        self.names = sorted(f for f, held in holders.items() if len(held) >= least and wanted(f))
        number = {name: at for at, name in enumerate(self.names)}
        picked = [sorted(number[f] for f in row.found if f in number) for row in rows]
        self._rows = np.repeat(np.arange(len(rows)), [len(p) for p in picked])
        self._columns = np.array([at for p in picked for at in p])
        self._values = np.array([reach(name) for name in self.names])[self._columns]
        self.height = len(rows)

    def times(self, w: Vector) -> Vector:
        return np.bincount(self._rows, self._values * w[self._columns], self.height).astype(np.float64)

    def back(self, g: Vector) -> Vector:
        return np.bincount(self._columns, self._values * g[self._rows], len(self.names)).astype(np.float64)


def learn(rows: Sequence[Heard]) -> Weights:
    return Weights(learn_danger(rows), learn_kinds([r for r in rows if r.sentence.kinds]))


def learn_danger(rows: Sequence[Heard]) -> dict[str, float]:
    x = Matrix(rows, least=2)
    y = np.array([r.sentence.danger for r in rows])
    weight = np.array([r.weight for r in rows])

    def loss(w: Vector) -> tuple[float, Vector]:
        z = x.times(w)
        error = weight * (1 / (1 + np.exp(-np.clip(z, -30, 30))) - y)
        return float((weight * (np.logaddexp(0, z) - y * z)).sum() + DECAY / 2 * w @ w), x.back(error) + DECAY * w

    w = descend(loss, np.zeros(len(x.names)))
    return {name: float(v) for name, v in zip(x.names, w, strict=True) if abs(v) >= SMALL}


def learn_kinds(rows: Sequence[Heard]) -> dict[str, dict[str, float]]:
    kinds = [kind for kind in vocabulary().kinds if kind != "silent"]
    x = Matrix(rows, least=3, wanted=lambda f: ("<" not in f and "_" not in f and len(f) <= 3) or f[0] in "cC")
    allowed = np.array([[kind in r.sentence.kinds for kind in kinds] for r in rows])
    weight = np.array([r.weight for r in rows])
    size = len(x.names)

    def loss(w: Vector) -> tuple[float, Vector]:
        z = np.stack([x.times(w[k * size : (k + 1) * size]) for k in range(len(kinds))], axis=1)
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        inside = (p * allowed).sum(axis=1) + 1e-12
        error = weight[:, None] * (p - p * allowed / inside[:, None])
        back = np.concatenate([x.back(error[:, k]) for k in range(len(kinds))])
        return float(-(weight * np.log(inside)).sum() + KIND_DECAY / 2 * w @ w), back + KIND_DECAY * w

    w = descend(loss, np.zeros(size * len(kinds)), steps=40).reshape(len(kinds), size)
    return {
        name: {kind: float(w[k, at]) for k, kind in enumerate(kinds) if abs(w[k, at]) >= 5 * SMALL}
        for at, name in enumerate(x.names)
    }


def descend(f: Callable[[Vector], tuple[float, Vector]], x: Vector, steps: int = 80, memory: int = 8) -> Vector:
    """L-BFGS with a backtracking line search."""
    value, gradient = f(x)
    moves: list[tuple[Vector, Vector]] = []
    for _ in range(steps):
        q, taken = gradient.copy(), []
        for s, y in reversed(moves):
            taken.append((s @ q) / (y @ s))
            q -= taken[-1] * y
        q *= (
            (moves[-1][0] @ moves[-1][1]) / (moves[-1][1] @ moves[-1][1])
            if moves
            else 1 / max(1.0, float(np.linalg.norm(q)))
        )
        for (s, y), a in zip(moves, reversed(taken), strict=True):
            q += (a - (y @ q) / (y @ s)) * s
        pace, fall = 1.0, float(gradient @ q)
        new, slope = f(x - q)
        while new > value - 1e-4 * pace * fall and pace > 1e-4:
            pace /= 2
            new, slope = f(x - pace * q)
        if (step := (-pace * q, slope - gradient))[0] @ step[1] > 1e-10:
            moves = [*moves, step][-memory:]
        x, done = x - pace * q, abs(value - new) < 1e-5 * abs(value)
        value, gradient = new, slope
        if done:
            break
    return x


def written(feature: str) -> str:
    """Sounds are codes only within one process; in the file they are syllables with a space after each."""
    if feature[0] != "s":
        return feature
    return "s" + "".join(c if c in "^$_" else f"{syllable_of(c)} " for c in feature[1:])


def save(weights: Weights, path: Path = SHIPPED) -> None:
    kinds = list(vocabulary().kinds)
    kept = {
        "kinds": kinds,
        "danger": {written(f): round(w, 2) for f, w in weights.danger.items()},
        "kind": {
            written(f): {str(kinds.index(k)): round(w, 2) for k, w in row.items()}
            for f, row in weights.kinds.items()
            if row
        },
    }
    path.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    save(learn(heard(sentences())))
