"""How are the weights of the emergency judgement learned?

`python -m routing.training.emergency` reads the sentences beside this file, mishears each several times, fits a
logistic model of danger and a softmax of its kind in numpy (L-BFGS, seeded, so repeatable; two minutes), and writes
routing/emergency_weights.json.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit, softmax

from kb.pinyin import syllable_of
from routing.emergency_signs import features, read, vocabulary
from routing.emergency_weights import SHIPPED, Weights
from routing.training.noise import Channel

Vector = NDArray[np.float64]
HERE = Path(__file__).parent
DANGERS = ("emergency_cries", "emergency_described")
COLLECTED = (
    *DANGERS,
    "emergency_look_alikes",
    "emergency_resembling",
    "emergency_collected",
    "emergency_ordinary",
    "emergency_calls",
    "emergency_everyday",
)
RATES = (0.0, 0.1, 0.2, 0.2, 0.3)  # character errors per character of the copies
COPIES = 10  # misheard copies of a sentence; ordinary questions, of which there are many, get a third
DECAY = 3.0  # L2 of the model of danger; by cross-validation, with the two below
SMOOTH = 0.5  # sentences added to every count
LEAST_REACH = 0.25
KIND_DECAY = 1.0
SMALL = 0.005  # weights below it are not kept
KIND_SMALL = 0.05
# Open sentences name a family; the kinds it may be.
FAMILIES = {
    "medical": ("medical", "gas"),
    "fire": ("fire", "rescue", "lift", "disaster", "forest", "medical", "gas", "traffic", "power"),
    "police": ("police", "fraud", "missing", "threat"),
    "utility": ("gas", "power", "water", "rescue", "lift", "medical"),
    "selfharm": ("crisis",),
    "mine": ("disaster",),
}


# How far one feature of each sort reaches; grams by sound and pairs of ideas are many, so each says less.
REACH = {"h": 1.0, "s": 1.0, "c": 2.0, "C": 1.5, "i": 1.0, "I": 0.7}
PAIR_REACH = 0.5


def reach(feature: str) -> float:
    return REACH[feature[0]] * (PAIR_REACH if "<" in feature else 1.0)


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
    danger = 0.5 if kind == "ask" else row.get("danger", float(name in DANGERS))
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
    """Sparse rows of the features seen in at least `least` sentences, each as far as it reaches."""

    def __init__(self, rows: Sequence[Heard], least: int, wanted: Callable[[str], bool] = lambda _: True) -> None:
        holders: Counter[str] = Counter()
        for _, same in groupby(rows, key=lambda row: row.sentence.text):
            holders.update(frozenset().union(*(row.found for row in same)))
        self.names = sorted(f for f, held in holders.items() if held >= least and wanted(f))
        number = {name: at for at, name in enumerate(self.names)}
        picked = [sorted(number[f] for f in row.found if f in number) for row in rows]
        columns = np.array([at for p in picked for at in p])
        ends = np.cumsum([0, *map(len, picked)])
        self.reach = np.array([reach(name) for name in self.names])
        self.rows = sparse.csr_matrix((self.reach[columns], columns, ends), shape=(len(rows), len(self.names)))
        self.back = self.rows.T.tocsr()


def learn(rows: Sequence[Heard]) -> Weights:
    return Weights(learn_danger(rows), learn_kinds([r for r in rows if r.sentence.kinds]))


def learn_danger(rows: Sequence[Heard]) -> dict[str, float]:
    x = Matrix(rows, least=2)
    y = np.array([r.sentence.danger for r in rows])
    weight = np.array([r.weight for r in rows])
    said = telling(x.back, y, weight)
    seen, back = x.rows @ sparse.diags(said), sparse.diags(said) @ x.back

    def loss(w: Vector) -> tuple[float, Vector]:
        z = seen @ w
        error = weight * (expit(z) - y)
        return float((weight * (np.logaddexp(0, z) - y * z)).sum() + DECAY / 2 * w @ w), back @ error + DECAY * w

    w = said * x.reach * descend(loss, np.zeros(len(x.names)), steps=60)
    return {name: float(v) for name, v in zip(x.names, w, strict=True) if abs(v) >= SMALL}


def telling(back: sparse.csr_matrix, y: Vector, weight: Vector) -> Vector:
    """How far each feature's share among dangers differs from its share elsewhere: what tells nothing reaches little.

    The scaling of Wang & Manning (2012), "Baselines and Bigrams": absolute log ratio of smoothed shares.
    """
    danger, other = back @ (weight * y) + SMOOTH, back @ (weight * (1 - y)) + SMOOTH
    reached: Vector = LEAST_REACH + np.abs(np.log(danger / danger.sum()) - np.log(other / other.sum()))
    return reached


def learn_kinds(rows: Sequence[Heard]) -> dict[str, dict[str, float]]:
    kinds = [kind for kind in vocabulary().kinds if kind != "silent"]
    x = Matrix(rows, least=2, wanted=lambda f: "<" not in f)
    allowed = np.array([[kind in r.sentence.kinds for kind in kinds] for r in rows])
    weight = np.array([r.weight for r in rows])[:, None]

    def loss(flat: Vector) -> tuple[float, Vector]:
        w = flat.reshape(len(x.names), len(kinds))
        p = softmax(x.rows @ w, axis=1)
        inside = (p * allowed).sum(axis=1, keepdims=True) + 1e-12
        back = x.back @ (weight * (p - p * allowed / inside)) + KIND_DECAY * w
        return float(-(weight * np.log(inside)).sum() + KIND_DECAY / 2 * flat @ flat), back.ravel()

    found = descend(loss, np.zeros(len(x.names) * len(kinds)), steps=60).reshape(len(x.names), len(kinds))
    w = found * x.reach[:, None]
    rows_kept = (
        (name, {kind: float(v) for kind, v in zip(kinds, row, strict=True) if abs(v) >= KIND_SMALL})
        for name, row in zip(x.names, w, strict=True)
    )
    return {name: row for name, row in rows_kept if row}


def descend(f: Callable[[Vector], tuple[float, Vector]], start: Vector, steps: int) -> Vector:
    found: Vector = minimize(f, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 8}).x
    return found


def written(feature: str) -> str:
    """Sounds are codes only within one process; in the file they are syllables with a space after each."""
    if feature[0] != "s":
        return feature
    return "s" + "".join(c if c in "^$_" else f"{syllable_of(c)} " for c in feature[1:])


def save(weights: Weights, path: Path = SHIPPED) -> None:
    kinds = list(vocabulary().kinds)
    kept = {
        "kinds": kinds,
        "danger": {written(f): round(w, 3) for f, w in weights.danger.items()},
        "kind": {
            written(f): {str(kinds.index(k)): round(w, 2) for k, w in row.items()}
            for f, row in weights.kinds.items()
            if row
        },
    }
    path.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    save(learn(heard(sentences())))
