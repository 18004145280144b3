"""How are the weights of the emergency judgement learned?

`python -m routing.training.emergency FILE.jsonl ...` reads lines {"text", "danger", "self_harm"} (true or false)
and writes emergency_weights.json.  Adagrad on the logistic loss with L2, in numpy; seeded, so repeatable.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.text import plain
from routing.emergency_cues import find
from routing.emergency_weights import SHIPPED, Weights, gram_scale, pieces

EPOCHS = 40
RATE = 0.2
DECAY = 2e-4
RARE = 2  # pieces seen less often say nothing
SMALL = 0.01  # weights below it are dropped from the file


@dataclass(frozen=True, slots=True)
class Sentence:
    """One utterance and what it was."""

    text: str
    danger: bool
    self_harm: bool = False
    weight: float = 1.0


def learn(sentences: Sequence[Sentence], seed: int = 7) -> Weights:
    """Weights from sentences; the two kinds count alike however many there are of each."""
    listed = [list(pieces(plain(s.text), find(plain(s.text)))) for s in sentences]
    counts = Counter(piece for row in listed for piece in row)
    number = {piece: i for i, piece in enumerate(p for p, n in counts.items() if n >= RARE or p[0] == "*")}
    rows = []
    for sentence, row in zip(sentences, listed, strict=True):
        scale = gram_scale(plain(sentence.text))
        known = [p for p in row if p in number]
        rows.append((np.array([number[p] for p in known]), np.array([1.0 if p[0] == "*" else scale for p in known])))
    columns = [
        fit(rows, np.array([float(y) for y in wanted]), np.array([s.weight for s in sentences]), len(number), seed)
        for wanted in ([s.danger for s in sentences], [s.self_harm for s in sentences])
    ]
    table = {
        piece: (round(float(columns[0][i]), 3), round(float(columns[1][i]), 3))
        for piece, i in number.items()
        if max(abs(columns[0][i]), abs(columns[1][i])) >= SMALL
    }
    return Weights(table)


def fit(
    rows: Sequence[tuple[NDArray[np.int64], NDArray[np.float64]]],
    wanted: NDArray[np.float64],
    importance: NDArray[np.float64],
    width: int,
    seed: int,
) -> NDArray[np.float64]:
    w, g2 = np.zeros(width), np.full(width, 1e-8)
    share = max(1e-3, float((wanted * importance).sum() / importance.sum()))
    order = np.random.RandomState(seed)
    for epoch in range(EPOCHS):
        for i in order.permutation(len(rows)):
            places, values = rows[i]
            p = 1 / (1 + np.exp(-np.clip(w[places] @ values, -30, 30)))
            balance = importance[i] * (0.5 / share if wanted[i] else 0.5 / (1 - share))
            gradient = balance * (p - wanted[i]) * values + DECAY * w[places]
            g2[places] += gradient**2
            w[places] -= RATE / (1 + epoch / 10) * gradient / np.sqrt(g2[places])
    return w


def read(files: Iterable[Path]) -> list[Sentence]:
    found = []
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found.append(Sentence(row["text"], bool(row["danger"]), bool(row.get("self_harm"))))
    return found


def main() -> None:
    weights = learn(read(map(Path, sys.argv[1:])))
    SHIPPED.write_text(json.dumps(weights.table, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(weights.table)} weights")


if __name__ == "__main__":
    main()
