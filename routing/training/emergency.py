"""How are the weights of the emergency judgement learned?

`python -m routing.training.emergency` reads the sentences beside this file and, as ordinary business, those of the
catalogue of matters, mishears each several times, fits logistic models of danger and of self-harm and a softmax of
what a sentence is about in numpy (L-BFGS, seeded, so repeatable; some minutes), and writes
routing/emergency_weights.json and routing/emergency_topics.npz.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit, softmax

from kb.text import normalise
from routing import emergency_topics
from routing.catalogue import shipped
from routing.emergency_features import written
from routing.emergency_signs import features, read, vocabulary
from routing.emergency_topics import Topics, pack
from routing.emergency_weights import SELF_HARM, SHIPPED, Weights
from routing.training.noise import Channel

Vector = NDArray[np.float64]
HERE = Path(__file__).parent
DANGERS = ("emergency_cries", "emergency_described", "emergency_told", "emergency_crisis")
COLLECTED = (
    *DANGERS,
    "emergency_look_alikes",
    "emergency_resembling",
    "emergency_collected",
    "emergency_ordinary",
    "emergency_calls",
    "emergency_everyday",
    "emergency_crisis_look_alikes",
    "emergency_business",
    "emergency_replies",
)
# Matters whose callers may be in danger, or nearly: their sentences are not taught as ordinary business.
NEAR_DANGER = {"0102", "0107", "0109", "0805", "0903", "1206", "1302", "1303", "1405", "1408", "1409", "1608"}
BUSINESS = "matters ordinary"
TELLINGS = "tellings ordinary"
RATES = (0.0, 0.1, 0.2, 0.2, 0.3)  # character errors per character of the copies
TELLINGS_WEIGHT = 0.5  # of one telling, which is short and one of many
COPIES = 6  # misheard copies of a sentence; ordinary questions, of which there are many, get a third, matters one
DECAY = 3.0  # L2 of the model of danger; by cross-validation, with the two below
SMOOTH = 0.5  # sentences added to every count
LEAST_REACH = 0.25
TOPIC_DECAY = 1.0
SMALL = 0.005  # weights below it are not kept
HARM_SMALL = 0.01
TOPIC_LEVELS = 31  # steps of a stored weight on either side of zero
TOPIC_LEAST = 3  # sentences that hold a feature of the topics
# Open sentences name a family; the kinds it may be.
FAMILIES = {
    "medical": ("medical", "gas"),
    "fire": ("fire", "rescue", "lift", "disaster", "forest", "medical", "gas", "traffic", "power"),
    "police": ("police", "fraud", "missing", "threat"),
    "utility": ("gas", "power", "water", "rescue", "lift", "medical"),
    "selfharm": ("crisis",),
    "mine": ("disaster",),
}


# What look-alikes are about, where their row says so; the rest of ordinary talk is about a class of matters.
TALK = ("inquiry", "past", "figurative", "complaint", "lookalike", "hypothetical", "story", "everyday")
STORIES = {"film": "story", "news": "story", "drill": "story", "look_alike": "lookalike", "denial": "lookalike"}

# How far one feature of each sort reaches; grams by sound and pairs of ideas are many, so each says less.
REACH = {"h": 1.0, "s": 1.0, "c": 2.0, "C": 1.5, "i": 1.0, "I": 0.7}
PAIR_REACH = 0.5


def reach(feature: str) -> float:
    return REACH[feature[0]] * (PAIR_REACH if "<" in feature else 1.0)


@dataclass(frozen=True, slots=True)
class Sentence:
    """danger: 1 yes, 0 no, 0.5 only a question can tell.  kinds: what it may be; empty when nobody said.

    talk: what it is about when there is no danger: one of TALK, the class of a matter, or "" when nobody said.
    """

    text: str
    danger: float
    kinds: tuple[str, ...]
    source: str
    weight: float
    talk: str = ""


def sentences(names: Sequence[str] = COLLECTED) -> list[Sentence]:
    rows = []
    for name in names:
        for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            rows.append(sentence(json.loads(line), name))
    rows += tellings()
    return rows + business({normalise(row.text) for row in rows})


def tellings() -> list[Sentence]:
    """How people tell what they want of the city, one a line; most by authors who knew nothing of the cues.

    Taken from the knowledge's table of situations without those near danger, and without words of danger.
    """
    lines = (HERE / "emergency_tellings.txt").read_text(encoding="utf-8").splitlines()
    return [Sentence(line, 0.0, (), TELLINGS, TELLINGS_WEIGHT) for line in lines]


def business(known: Collection[str]) -> list[Sentence]:
    """What callers say who only want something of the city."""
    said = [(t, leaf.code[:2]) for leaf in shipped().leaves.values() for t in leaf.said if leaf.code not in NEAR_DANGER]
    return [Sentence(text, 0.0, (), BUSINESS, 1.0, top) for text, top in said if normalise(text) not in known]


def sentence(row: dict[str, Any], name: str) -> Sentence:
    kind = row["kind"]
    danger = 0.5 if kind == "ask" else row.get("danger", float(name in DANGERS))
    kinds = FAMILIES.get(kind, (kind,)) if name == "emergency_collected" else FAMILIES.get(kind, (kind,))[:1]
    known = tuple(k for k in kinds if k in vocabulary().kinds) if danger == 1 else ()
    talk = STORIES.get(kind, kind) if danger == 0 else ""
    return Sentence(row["text"], danger, known, row.get("source", name), row.get("weight", 1.0), talk)


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
        times = 1 if one.source in {BUSINESS, TELLINGS} else max(1, copies // 3) if ordinary(one) else copies
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
    x = Matrix(rows, least=2)
    harm = np.array([float(r.sentence.kinds == (SELF_HARM,)) for r in rows])
    return Weights(
        danger=learn_one(x, rows, np.array([r.sentence.danger for r in rows]), SMALL),
        harm=learn_one(x, rows, harm, HARM_SMALL),
        topics=learn_topics([r for r in rows if r.sentence.danger != 0.5]),
    )


def learn_one(x: Matrix, rows: Sequence[Heard], y: Vector, small: float) -> dict[str, float]:
    """Of one yes or no: danger, or self-harm."""
    weight = np.array([r.weight for r in rows])
    said = telling(x.back, y, weight)
    seen, back = x.rows @ sparse.diags(said), sparse.diags(said) @ x.back

    def loss(w: Vector) -> tuple[float, Vector]:
        z = seen @ w
        error = weight * (expit(z) - y)
        return float((weight * (np.logaddexp(0, z) - y * z)).sum() + DECAY / 2 * w @ w), back @ error + DECAY * w

    w = said * x.reach * descend(loss, np.zeros(len(x.names)), steps=60)
    return {name: float(v) for name, v in zip(x.names, w, strict=True) if abs(v) >= small}


def telling(back: sparse.csr_matrix, y: Vector, weight: Vector) -> Vector:
    """How far each feature's share among dangers differs from its share elsewhere: what tells nothing reaches little.

    The scaling of Wang & Manning (2012), "Baselines and Bigrams": absolute log ratio of smoothed shares.
    """
    danger, other = back @ (weight * y) + SMOOTH, back @ (weight * (1 - y)) + SMOOTH
    reached: Vector = LEAST_REACH + np.abs(np.log(danger / danger.sum()) - np.log(other / other.sum()))
    return reached


def learn_topics(rows: Sequence[Heard]) -> Topics:
    kinds = tuple(vocabulary().kinds)
    tops = sorted({leaf.code[:2] for leaf in shipped().leaves.values()})
    names = (*kinds, *TALK, *tops)
    x = Matrix(rows, least=TOPIC_LEAST)
    # A sentence that may be about several topics teaches whichever the model thinks likeliest among them.
    allowed = np.array([_allowed(r.sentence, kinds, tops, names) for r in rows], np.float32)
    weight = np.array([r.weight for r in rows], np.float32)[:, None]
    held, back = x.rows.astype(np.float32), x.back.astype(np.float32)

    def loss(flat: Vector) -> tuple[float, Vector]:
        w = flat.reshape(-1, len(names)).astype(np.float32)
        p = softmax(held @ w, axis=1)
        inside = (p * allowed).sum(axis=1, keepdims=True) + 1e-9
        slope = back @ (weight * (p - p * allowed / inside)) + TOPIC_DECAY * w
        missed = float(-(weight * np.log(inside)).sum() + TOPIC_DECAY / 2 * np.square(w).sum())
        return missed, slope.ravel().astype(np.float64)

    found = descend(loss, np.zeros(len(x.names) * len(names)), steps=40).reshape(-1, len(names))
    return pack(names, len(kinds), x.names, found * x.reach[:, None], TOPIC_LEVELS)


def _allowed(one: Sentence, kinds: Sequence[str], tops: Sequence[str], names: Sequence[str]) -> list[bool]:
    if one.danger == 1:
        may: Collection[str] = one.kinds or kinds
    else:
        may = (one.talk,) if one.talk in names else tops
    return [name in may for name in names]


def descend(f: Callable[[Vector], tuple[float, Vector]], start: Vector, steps: int) -> Vector:
    found: Vector = minimize(f, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 8}).x
    return found


def save(weights: Weights, path: Path = SHIPPED, topics: Path = emergency_topics.SHIPPED) -> None:
    kept = {
        "danger": {written(f): round(w, 3) for f, w in weights.danger.items()},
        "harm": {written(f): round(w, 3) for f, w in weights.harm.items()},
    }
    path.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    np.savez_compressed(
        topics,
        names=np.array(" ".join(weights.topics.names)),
        dangers=np.array(weights.topics.dangers),
        features=np.array("\n".join(map(written, weights.topics.row))),
        weight=weights.topics.weight,
        step=np.array(weights.topics.step),
    )


if __name__ == "__main__":
    save(learn(heard(sentences())))
