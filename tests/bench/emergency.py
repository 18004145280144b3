"""How well is danger told from ordinary business, on sentences the weights have not seen?

`make bench-emergency`: the sentences of routing/training are dealt into FOLDS by a hash of their text; each fold is judged by
weights learned from the others, clean and misheard at 10, 20 and 30 % of the characters (routing/training/noise.py).
Printed and written to run/bench-emergency.json, per source of the sentences: recall (A, C, S or B on danger), how often
A and B fall on look-alikes and on ordinary callers, how often the service is right, and the time of one judgement.
Caution: the cues and guards of emergency_words.yaml were written by people who had read the sentences marked `open`
and `domain`, so only the weights are cross-validated, not the vocabulary.
"""

import argparse
import hashlib
import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.text import normalise
from routing.emergency import Action, Verdict, decide
from routing.emergency_signs import read
from routing.emergency_weights import Weights, evidence
from routing.training.emergency import Sentence, heard, learn, ordinary, sentences
from routing.training.noise import Channel

FOLDS = 3
RATES = (0.0, 0.1, 0.2, 0.3)
ALARM = {Action.A, Action.B, Action.C, Action.S}


def fold(text: str) -> int:
    return int(hashlib.sha256(normalise(text).encode()).hexdigest(), 16) % FOLDS


@dataclass(frozen=True, slots=True)
class Judged:
    sentence: Sentence
    rate: float
    verdict: Verdict
    ms: float


def judge(weights: Weights, text: str) -> Verdict:
    signs = read(text)
    found = evidence(signs, ended=True)
    return decide(signs, weights.probability(found), weights.likeliest(found), final=True)


def judged(rates: Sequence[float]) -> Iterator[Judged]:
    """Every sentence, by weights that do not know it."""
    listed = sentences()
    channel = Channel(one.text for one in listed)
    dice = random.Random(11)
    for number in range(FOLDS):
        weights = learn(heard([s for s in listed if fold(s.text) != number]))
        print(json.dumps({"fold": number + 1, "of": FOLDS}), flush=True)
        for one in (s for s in listed if fold(s.text) == number):
            for rate in rates:
                text = channel.corrupt(one.text, rate, dice) if rate else one.text
                began = time.perf_counter()
                verdict = judge(weights, text)
                yield Judged(one, rate, verdict, 1000 * (time.perf_counter() - began))


def group(one: Sentence) -> str:
    """Whose sentence, and what kind: only `open` and `domain` were written by others than the authors of the cues."""
    author = "collected" if one.source in {"open", "domain"} else "own"
    if ordinary(one):
        return "ordinary callers"
    if one.source == "everyday":
        return "everyday talk"
    if one.danger == 0.5:
        return f"{author}: only a question can tell"
    return f"{author}: {'danger' if one.danger else 'look-alikes'}"


def table(rows: Sequence[Judged]) -> list[dict[str, object]]:
    found: dict[tuple[str, float], list[Judged]] = defaultdict(list)
    for row in rows:
        found[group(row.sentence), row.rate].append(row)
    lines = []
    for (name, rate), those in sorted(found.items()):
        actions = Counter(row.verdict.action for row in those)
        number = len(those)
        line: dict[str, object] = {"group": name, "noise": rate, "sentences": number}
        line["noticed"] = round(sum(actions[a] for a in ALARM) / number, 4)
        line |= {f"share {a}": round(actions[a] / number, 4) for a in (Action.A, Action.B, Action.C, Action.S)}
        lines.append(line)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noise", type=float, nargs="*", default=list(RATES), help="character error rates")
    chosen = parser.parse_args()
    print(__doc__)
    rows = list(judged(chosen.noise))
    lines = table(rows)
    for line in lines:
        print(json.dumps(line, ensure_ascii=False))
    times = sorted(row.ms for row in rows)
    speed = {"judgement_ms_p50": round(times[len(times) // 2], 3), "p99": round(times[int(0.99 * len(times))], 3)}
    print(json.dumps(speed))
    kept = Path(os.environ.get("HOTLINE_HOME", "run")) / "bench-emergency.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    told = {"method": __doc__, "rows": lines, "speed": speed}
    kept.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
