"""work/train.tsv + work/collected.tsv + work/general.tsv -> work/lm.arpa (pruned trigram)."""

import os
import sys

import common as c
import lm

PRUNE = float(os.environ.get("ASR_PRUNE", "3e-6"))
COLLECTED = float(os.environ.get("ASR_COLLECTED", "3"))  # sentences of templates that one collected sentence counts
PRIOR_MASS = 0.30  # share of the unigrams that goes to general words


def sentences(path, kinds=None):
    for line in open(path, encoding="utf-8"):
        kind, words, _ = line.rstrip("\n").split("\t")
        if kinds is None or kind in kinds:
            yield [w for w in words.split() if w != ","]


def main():
    train = list(sentences(os.path.join(c.WORK, "train.tsv")))
    prior = {}
    for line in open(os.path.join(c.WORK, "general.tsv"), encoding="utf-8"):
        w, p = line.split("\t")
        prior[w] = float(p)
    prior["[unk]"] = 1e-4
    collected = list(sentences(os.path.join(c.WORK, "collected.tsv")))
    counts = lm.count([*((s, 1) for s in train), *((s, COLLECTED) for s in collected)])
    probs, bows = lm.estimate(counts, prior, PRIOR_MASS, min_count=(0, 0, 1, 1))
    print("n-grams before pruning:", [len(p) for p in probs])
    probs, bows = lm.prune(probs, bows, counts, PRUNE)
    print("n-grams:", [len(p) for p in probs])
    lm.write_arpa(os.path.join(c.WORK, "lm.arpa"), probs, bows)
    held = os.path.join(c.WORK, "held.tsv")
    for kinds in (("seen-template",), ("knowledge", "emergency", "report", "dialogue")):
        print("perplexity", kinds, round(lm.perplexity(probs, bows, sentences(held, kinds)), 1))


if __name__ == "__main__":
    sys.exit(main())
