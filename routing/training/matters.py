"""How are the weights learned that tell the matters apart?

`python -m routing.training.matters` takes the sentences of the catalogue, mishears each a few times, fits a softmax
over the grams of words and sounds in numpy (L-BFGS, seeded, so repeatable; some minutes), and writes
routing/matter_weights.npz.  `python -m routing.training.matters weigh` fits how much each witness of routing/matters.py
counts and prints it: every sentence is asked of a catalogue and of weights that do not know it.
"""

import hashlib
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from kb.pinyin import encode, syllable_of
from kb.text import normalise
from routing.catalogue import Leaf, shipped
from routing.matter_weights import BETWEEN, SHIPPED, Learned, features
from routing.matters import Matters
from routing.training.noise import Channel

Matrix = NDArray[np.float32]
RATES = (0.0, 0.1, 0.2, 0.2, 0.3)  # character errors per character of the copies
COPIES = 2  # misheard copies of a sentence
LEAST = 3  # sentences that hold a feature; rarer ones are left out
DECAY = 0.1  # L2; anything from 0.003 to 0.1 did alike
STEPS = 40
GRAM = {1: 0.7, 2: 1.0, 3: 1.0}  # by length: how far a feature reaches, beside its rarity
LEVELS = 31  # steps of a stored weight on either side of zero
FOLDS = 3


@dataclass(frozen=True, slots=True)
class Said:
    code: str
    text: str


def sentences(leaves: Iterable[Leaf]) -> list[Said]:
    return [Said(leaf.code, text) for leaf in leaves for text in (*leaf.said, leaf.zh)]


@dataclass(frozen=True, slots=True)
class Heard:
    """One way a sentence was heard; all ways of one sentence together weigh 1."""

    said: Said
    found: frozenset[str]
    weight: float


def found(text: str) -> frozenset[str]:
    words = normalise(text)
    return frozenset(features(words, encode(words)))


def heard(listed: Sequence[Said], copies: int = COPIES, seed: int = 7) -> list[Heard]:
    rng = random.Random(seed)
    channel = Channel(one.text for one in listed)
    rows = []
    for one in listed:
        texts = [one.text, *(channel.corrupt(one.text, rng.choice(RATES), rng) for _ in range(copies))]
        rows += [Heard(one, found(text), 1 / len(texts)) for text in texts]
    return rows


class Grams:
    """The features worth a weight, and sentences as rows of length 1 over them."""

    def __init__(self, rows: Sequence[Heard], least: int = LEAST) -> None:
        by_sentence: dict[str, set[str]] = {}
        for row in rows:
            by_sentence.setdefault(row.said.text, set()).update(row.found)
        holders = Counter(feature for held in by_sentence.values() for feature in held)
        self.names = sorted(feature for feature, n in holders.items() if n >= least)
        self._number = {name: at for at, name in enumerate(self.names)}
        rarity = np.log(1 + len(by_sentence) / np.array([holders[name] for name in self.names]))
        self.reach = (rarity * np.array([GRAM[len(name) - 1] for name in self.names])).astype(np.float32)

    def matrix(self, rows: Sequence[frozenset[str]]) -> sparse.csr_matrix:
        picked = [sorted(at for feature in row if (at := self._number.get(feature)) is not None) for row in rows]
        columns = np.array([at for p in picked for at in p], np.int32)
        ends = np.cumsum([0, *map(len, picked)])
        made = sparse.csr_matrix((self.reach[columns], columns, ends), shape=(len(rows), len(self.names)))
        lengths = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
        return (sparse.diags(1 / np.maximum(lengths, 1e-9)) @ made).tocsr().astype(np.float32)


def learn(listed: Sequence[Said], codes: Sequence[str]) -> Learned:
    rows = heard(listed)
    grams = Grams(rows)
    x = grams.matrix([row.found for row in rows])
    y = np.array([codes.index(row.said.code) for row in rows])
    w = fit(x, y, np.array([row.weight for row in rows], np.float32), len(codes))
    return packed(codes, grams, w)


def fit(x: sparse.csr_matrix, y: NDArray[np.int64], weight: Matrix, classes: int) -> Matrix:
    """Weights, features by classes."""
    back, at = x.T.tocsr(), np.arange(len(y))

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        w = flat.reshape(-1, classes).astype(np.float32)
        z = x @ w
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z)
        whole = p.sum(axis=1, keepdims=True)
        likely = float((weight * (z[at, y] - np.log(whole[:, 0]))).sum())
        p /= whole
        p[at, y] -= 1
        slope = back @ (p * weight[:, None]) + DECAY * w
        return -likely + DECAY / 2 * float(np.square(w).sum()), slope.ravel().astype(np.float64)

    start = np.zeros(x.shape[1] * classes)
    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS, "maxcor": 6})
    return np.asarray(best.x.reshape(-1, classes), np.float32)


def packed(codes: Sequence[str], grams: Grams, w: Matrix) -> Learned:
    """In whole steps, where 0 takes no room in the file; features that then say nothing are left out."""
    w = w * grams.reach[:, None]
    step = float(np.quantile(np.abs(w).max(axis=1), 0.99)) / LEVELS
    weight = np.clip(np.rint(w / step), -LEVELS, LEVELS).astype(np.int8)
    telling = weight.any(axis=1)
    names = [name for name, told in zip(grams.names, telling, strict=True) if told]
    return Learned(
        tuple(codes), {name: at for at, name in enumerate(names)}, grams.reach[telling], weight[telling], step
    )


def written(feature: str) -> str:
    """Sounds are codes only within one process; in the file they are syllables with a space between."""
    if feature[0] != "s":
        return feature
    return "s" + " ".join(c if c in {"^", "$", BETWEEN} else syllable_of(c) for c in feature[1:])


def save(learned: Learned, path: Path = SHIPPED) -> None:
    np.savez_compressed(
        path,
        codes=np.array(" ".join(learned.codes)),
        features=np.array("\n".join(map(written, learned.row))),
        reach=learned.reach.astype(np.float16),
        weight=learned.weight,
        step=np.array(learned.step),
    )


def fold(text: str) -> int:
    return int(hashlib.sha256(normalise(text).encode()).hexdigest(), 16) % FOLDS


def known_without(leaves: Iterable[Leaf], number: int) -> list[Leaf]:
    return [replace(leaf, said=tuple(s for s in leaf.said if fold(s) != number)) for leaf in leaves]


WITNESSES = ("words", "sounds", "nearest", "cues", "learned")


def weigh() -> dict[str, float]:
    """Weights of the witnesses by the likelihood of sentences none of them knows, clean and at 20 % errors."""
    leaves = list(shipped().leaves.values())
    codes = [leaf.code for leaf in leaves]
    channel, dice = Channel(s.text for s in sentences(leaves)), random.Random(13)
    told, right = [], []
    for number in range(FOLDS):
        known = known_without(leaves, number)
        asking = Matters(known, learned=learn(sentences(known), codes))
        for leaf in leaves:
            for text in (s for s in leaf.said if fold(s) == number):
                for said in (text, channel.corrupt(text, 0.2, dice)):
                    witnessed = asking.witnesses(normalise(said))
                    told.append(np.stack([witnessed[name] for name in WITNESSES], axis=1).astype(np.float32))
                    right.append(codes.index(leaf.code))
        print(f"fold {number + 1} of {FOLDS}", file=sys.stderr, flush=True)
    x, y, at = np.stack(told), np.array(right), np.arange(len(right))

    def loss(w: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        z = x @ w.astype(np.float32)
        z -= z.max(axis=1, keepdims=True)
        p = np.exp(z)
        whole = p.sum(axis=1, keepdims=True)
        slope = np.einsum("nk,nkc->c", p / whole, x) - x[at, y].sum(axis=0)
        return float((np.log(whole[:, 0]) - z[at, y]).mean()), slope.astype(np.float64) / len(y)

    best = minimize(loss, np.ones(len(WITNESSES)), jac=True, method="L-BFGS-B")
    return dict(zip(WITNESSES, (round(float(w), 2) for w in best.x), strict=True))


if __name__ == "__main__":
    if sys.argv[1:] == ["weigh"]:
        print(weigh())
    else:
        every = list(shipped().leaves.values())
        save(learn(sentences(every), [leaf.code for leaf in every]))
