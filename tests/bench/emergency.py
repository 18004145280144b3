"""How well is danger told from ordinary business, on sentences the weights have not seen?

`make bench-emergency`: the sentences of routing/training are dealt into FOLDS by a hash of their text; each fold is
judged by weights learned from the others, clean and misheard at 10, 20 and 30 % of the characters
(routing/training/noise.py).  Printed and written to run/bench-emergency.json, per source of the sentences: noticed
(A, B, C or S), the share of each action, how often the service called is right, how many who mean to harm themselves
get a person (C), and the time of one judgement.  Where OFF_TOPIC_SENTENCES (or ../shared) has a list of public
everyday sentences, how often those are taken for danger.  Last, by the shipped weights, sentences of another hand
(tests/bench/another_hand) from which nothing was learned: 800 of danger, 400 near it and 400 plain.
Caution: the cues and guards of emergency_words.yaml were written by people who had read the sentences marked `open`
and `domain`, so only the weights are cross-validated, not the vocabulary.
"""

import argparse
import gzip
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
from routing.emergency import SELF_HARM, Action, Verdict, decide
from routing.emergency_signs import read, vocabulary
from routing.emergency_weights import Weights, evidence, shipped
from routing.training.emergency import Sentence, heard, learn, ordinary, sentences
from routing.training.noise import Channel

FOLDS = 3
RATES = (0.0, 0.1, 0.2, 0.3)
ALARM = {Action.A, Action.B, Action.C, Action.S}
OFF_TOPIC = Path(__file__).parents[3] / "shared" / "data" / "open" / "kb_100k.jsonl.gz"
OFF_TOPIC_NUMBER = 4000
ANOTHER_HAND = Path(__file__).with_name("another_hand")


def fold(text: str) -> int:
    return int(hashlib.sha256(normalise(text).encode()).hexdigest(), 16) % FOLDS


@dataclass(frozen=True, slots=True)
class Judged:
    group: str
    rate: float
    verdict: Verdict
    ms: float
    kinds: tuple[str, ...] = ()

    @property
    def right(self) -> bool | None:
        """Was the right service chosen?  None where none was, or nobody said which is right."""
        if not self.kinds or self.verdict.action not in {Action.A, Action.B}:
            return None
        return self.verdict.service in {vocabulary().kinds[kind]["service"] for kind in self.kinds}


def judge(weights: Weights, text: str) -> tuple[Verdict, float]:
    """The verdict, and how many milliseconds it took."""
    began = time.perf_counter()
    signs = read(text)
    found = evidence(signs, ended=True)
    verdict = decide(signs, weights.weigh(found), final=True)
    return verdict, 1000 * (time.perf_counter() - began)


def judged(rates: Sequence[float]) -> Iterator[Judged]:
    """Every sentence, by weights that do not know it; off-topic sentences by the first fold's."""
    listed = sentences()
    rows = heard(listed)
    channel = Channel(one.text for one in listed)
    dice = random.Random(11)
    for number in range(FOLDS):
        weights = learn([row for row in rows if fold(row.sentence.text) != number])
        print(json.dumps({"fold": number + 1, "of": FOLDS}), flush=True)
        for one in (s for s in listed if fold(s.text) == number):
            for rate in rates:
                text = channel.corrupt(one.text, rate, dice) if rate else one.text
                yield Judged(group(one), rate, *judge(weights, text), one.kinds)
        if number == 0:
            yield from (Judged("off topic, public", 0.0, *judge(weights, text)) for text in off_topic())
    yield from by_another_hand(rates)


def by_another_hand(rates: Sequence[float]) -> Iterator[Judged]:
    """Sentences of an author nothing was learned from, by the shipped weights."""
    dice = random.Random(1)
    for name, who in (("danger", "danger"), ("no_danger", "ordinary")):
        rows = [json.loads(line) for line in (ANOTHER_HAND / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
        channel = Channel(row["text"] for row in rows)
        for row in rows:
            kinds = (row["kind"],) if name == "danger" else ()
            whose = f"another hand: {who}" + ("" if kinds else f", {row['kind']}")
            for rate in rates:
                text = channel.corrupt(row["text"], rate, dice) if rate else row["text"]
                yield Judged(whose, rate, *judge(shipped(), text), kinds)


def off_topic() -> list[str]:
    path = Path(os.environ.get("OFF_TOPIC_SENTENCES", OFF_TOPIC))
    if not path.exists():
        print(json.dumps({"off_topic": "skipped, no file"}))
        return []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        listed = [json.loads(line)["question"] for line in file]
    return random.Random(4).sample(listed, min(OFF_TOPIC_NUMBER, len(listed)))


def group(one: Sentence) -> str:
    """Whose sentence, and what kind: only `open` and `domain` were written by others than the authors of the cues."""
    author = "collected" if one.source in {"open", "domain"} else "own"
    if ordinary(one):
        return f"ordinary callers: {one.source.removesuffix(' ordinary')}"
    if one.source == "everyday":
        return "everyday talk"
    if one.danger == 0.5:
        return f"{author}: only a question can tell"
    return f"{author}: {'danger' if one.danger else 'look-alikes'}"


def table(rows: Sequence[Judged]) -> list[dict[str, object]]:
    found: dict[tuple[str, float], list[Judged]] = defaultdict(list)
    for row in rows:
        found[row.group, row.rate].append(row)
    return [{"group": name, "noise": rate} | shares(those) for (name, rate), those in sorted(found.items())]


def shares(those: Sequence[Judged]) -> dict[str, object]:
    actions = Counter(row.verdict.action for row in those)
    chosen = [row.right for row in those if row.right is not None]
    harm = [row.verdict.action for row in those if row.kinds == (SELF_HARM,)]
    line: dict[str, object] = {
        "sentences": len(those),
        "noticed": round(sum(actions[a] for a in ALARM) / len(those), 4),
    }
    line |= {f"share {a}": round(actions[a] / len(those), 4) for a in (Action.A, Action.B, Action.C, Action.S)}
    if chosen:
        line["service right"] = round(sum(chosen) / len(chosen), 4)
    if harm:
        line["self-harm"] = {str(action): number for action, number in Counter(harm).most_common()}
    return line


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
