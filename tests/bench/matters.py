"""How often is the right matter first, or among three, on sentences nothing has seen?

`python -m tests.bench.matters [--noise RATE ...]` (some minutes; learning needs the extra `training`).  Two ways:

held: three sentences a matter of catalogue.yaml are asked; known are only those of catalogue_described.yaml, whose
author had not read them, and the weights are learned from those alone.  Once without the cues, and once with them: the
author of the cues had read the asked sentences, so that row flatters.
folds: every sentence is asked of a catalogue and of weights that do not know it, FOLDS folds by a hash of its text.
Most of these sentences were written to differ from each other, many are fragments: harder than callers.

Each clean and misheard (routing/training/noise.py).  Then, per way, how far the probabilities can be believed: of the
answers between two probabilities, how many were right.  Written to run/bench-matters.json as well.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import yaml

from routing.catalogue import DESCRIBED, Leaf, read, shipped
from routing.catalogue import SHIPPED as CATALOGUE
from routing.matters import Matters
from routing.training.matters import FOLDS, fold, known_without, learn, sentences
from routing.training.noise import Channel

BINS = (0.0, 0.2, 0.35, 0.5, 0.65, 0.75, 0.85, 0.95, 1.01)


@dataclass(frozen=True, slots=True)
class Asked:
    way: str
    noise: float
    right: int  # place of the right matter, 0 first; -1 not among three
    probability: float
    ms: float


def asked(way: str, asking: Matters, texts: Iterable[tuple[str, str]], rates: Iterable[float]) -> Iterator[Asked]:
    texts = list(texts)
    channel, dice = Channel(text for _, text in texts), random.Random(7)
    for rate in rates:
        for code, text in texts:
            heard = channel.corrupt(text, rate, dice) if rate else text
            began = time.perf_counter()
            ranked = asking.rank(heard, shown=3)
            ms = 1000 * (time.perf_counter() - began)
            codes = [r.code for r in ranked]
            yield Asked(way, rate, codes.index(code) if code in codes else -1, ranked[0].probability, ms)


def held(rates: list[float]) -> Iterator[Asked]:
    texts = [(leaf.code, said) for leaf in read(CATALOGUE).leaves.values() for said in leaf.said[:3]]
    described = yaml.safe_load(DESCRIBED.read_text(encoding="utf-8"))
    leaves = [replace(leaf, said=tuple(described[leaf.code].split(" / "))) for leaf in shipped().leaves.values()]
    bare = [replace(leaf, cues=()) for leaf in leaves]
    learned = learn(sentences(leaves), [leaf.code for leaf in leaves])
    yield from asked("held, no cues", Matters(bare, learned=learned), texts, rates)
    yield from asked("held, with cues", Matters(leaves, learned=learned), texts, rates)


def folds(rates: list[float]) -> Iterator[Asked]:
    leaves = list(shipped().leaves.values())
    for number in range(FOLDS):
        known = known_without(leaves, number)
        asking = Matters(known, learned=learn(sentences(known), [leaf.code for leaf in leaves]))
        yield from asked("folds", asking, _in_fold(leaves, number), rates)


def _in_fold(leaves: Iterable[Leaf], number: int) -> Iterator[tuple[str, str]]:
    for leaf in leaves:
        yield from ((leaf.code, said) for said in leaf.said if fold(said) == number)


def table(rows: list[Asked]) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    for way, rate in dict.fromkeys((row.way, row.noise) for row in rows):
        those = [row for row in rows if (row.way, row.noise) == (way, rate)]
        times = sorted(row.ms for row in those)
        lines.append(
            {
                "way": way,
                "noise": rate,
                "sentences": len(those),
                "top1": round(sum(row.right == 0 for row in those) / len(those), 3),
                "top3": round(sum(row.right >= 0 for row in those) / len(those), 3),
                "ms_p50": round(times[len(times) // 2], 2),
                "ms_p99": round(times[int(0.99 * len(times))], 2),
            }
        )
    return lines


def believed(rows: list[Asked]) -> list[dict[str, object]]:
    """Of the answers with a probability from `p_from` on, below the next: how many, their mean, how many were right."""
    lines: list[dict[str, object]] = []
    for way, rate in dict.fromkeys((row.way, row.noise) for row in rows):
        for low, high in pairwise(BINS):
            those = [r for r in rows if (r.way, r.noise) == (way, rate) and low <= r.probability < high]
            if those:
                mean = sum(r.probability for r in those) / len(those)
                right = sum(r.right == 0 for r in those) / len(those)
                lines.append(
                    {"way": way, "noise": rate, "p_from": low, "answers": len(those)}
                    | {"mean_p": round(mean, 2), "right": round(right, 2)}
                )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noise", type=float, nargs="*", default=[0.0, 0.1, 0.2, 0.3], help="character error rates")
    parser.add_argument("--way", choices=["held", "folds"], help="only one of the two")
    chosen = parser.parse_args()
    rows: list[Asked] = []
    for way, ask in (("held", held), ("folds", folds)):
        if chosen.way in {None, way}:
            rows += ask(chosen.noise)
    lines = [*table(rows), *believed(rows)]
    for line in lines:
        print(json.dumps(line, ensure_ascii=False))
    kept = Path(os.environ.get("HOTLINE_HOME", "run")) / "bench-matters.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps({"method": __doc__, "rows": lines}, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
