"""How often is the right matter first, or among three?  Cross-validated on the catalogue's own sentences.

`python -m tests.bench.matters [--noise FILE.jsonl]`: each sentence is asked of a catalogue that does not know it.
Three rows: with the cues as they are (the author of the cues had read the sentences, so this flatters); without
those cues of the right matter that stand word for word in the asked sentence and nowhere else in that matter (this
is too hard); and without any cues.
"""

import argparse
import json
import random
from dataclasses import replace

from pypinyin import Style, lazy_pinyin

from routing.catalogue import Leaf, shipped
from routing.matters import Matters, Weights

FOLDS = 3


def alike() -> dict[str, list[str]]:
    """Hanzi of the catalogue by their toneless reading."""
    found: dict[str, list[str]] = {}
    text = "".join("".join((*leaf.said, leaf.zh, *leaf.cues)) for leaf in shipped().leaves.values())
    for char in sorted({c for c in text if "\u4e00" <= c <= "\u9fff"}):
        found.setdefault(lazy_pinyin(char, style=Style.NORMAL)[0], []).append(char)
    return found


def noisy(text: str, rate: float, dice: random.Random, homophones: dict[str, list[str]]) -> str:
    """Character errors as a recogniser makes them: 7 of 10 homophones, the others another character, none, or twice."""
    out = []
    for char in text:
        if not "\u4e00" <= char <= "\u9fff" or dice.random() >= rate:
            out.append(char)
            continue
        kind = dice.random()
        if kind < 0.7:
            out.append(dice.choice(homophones.get(lazy_pinyin(char, style=Style.NORMAL)[0], [char])))
        elif kind < 0.85:
            out.append(dice.choice(dice.choice(list(homophones.values()))))
        elif kind < 0.93:
            out.append(char * 2)
    return "".join(out)


def without(leaf: Leaf, asked: str) -> Leaf:
    rest = leaf.zh + "".join(s for s in leaf.said if s != asked)
    return replace(leaf, cues=tuple(c for c in leaf.cues if c not in asked or c in rest))


def measure(rate: float, cues: str, weights: Weights | None = None) -> tuple[float, float]:
    """Shares top-1 and top-3."""
    leaves = list(shipped().leaves.values())
    dice, homophones = random.Random(7), alike()
    first = three = number = 0
    for fold in range(FOLDS):
        asked = [(leaf.code, leaf.said[fold]) for leaf in leaves]
        known = [replace(leaf, said=tuple(s for s in leaf.said if s != leaf.said[fold])) for leaf in leaves]
        if cues == "none":
            known = [replace(leaf, cues=()) for leaf in known]
        elif cues == "strict":
            known = [without(leaf, said) for leaf, (_, said) in zip(known, asked, strict=True)]
        matters = Matters(known, weights or Weights())
        for code, said in asked:
            codes = [r.code for r in matters.rank(noisy(said, rate, dice, homophones), shown=3)]
            first += codes[:1] == [code]
            three += code in codes
            number += 1
    return first / number, three / number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--noise", type=float, nargs="*", default=[0.0, 0.1, 0.2, 0.3], help="character error rates")
    chosen = parser.parse_args()
    for cues in ("all", "strict", "none"):
        for rate in chosen.noise:
            first, three = measure(rate, cues)
            print(
                json.dumps({"cues": cues, "noise": rate, "top1": round(first, 3), "top3": round(three, 3)}), flush=True
            )


if __name__ == "__main__":
    main()
