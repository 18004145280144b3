"""Synthesise the training speech: work/audio.i16, work/labels.i16, work/utts.npy.

Texts: the hotline sentences, random strings of vocabulary words (so that every word is
heard in many contexts) and random strings of single characters (every syllable).
"""

import os
import random
import sys
import time

import numpy as np

import common as c
import voices
from synth import Synth

NUM_UTTS = int(os.environ.get("ASR_UTTS", "36000"))
ROUND = int(os.environ.get("ASR_ROUND", "0"))  # another round: other speech


def load_lexicon():
    words, chars = [], []
    from pypinyin import Style, lazy_pinyin

    import corpus

    for line in open(os.path.join(c.WORK, "general.tsv"), encoding="utf-8"):
        w = line.split("\t")[0]
        if w in corpus.LETTERS:
            words.append([corpus.LETTERS[w].split("_")])
            continue
        py = lazy_pinyin(w, style=Style.TONE3, neutral_tone_with_five=True)
        if all(c.syllable_phones(s) for s in py):
            (chars if len(w) == 1 else words).append([py])
    for w, ps in corpus.LETTER_EXTRA.items():
        words += [[p.split("_")] for p in ps]
    return [w[0] for w in words], [w[0] for w in chars]


def sandhi_yi_bu(words, text):
    """Speakers (and some front ends) change 不 and 一 before the next tone."""
    out = [list(w) for w in words]
    flat = [(i, j) for i, w in enumerate(words) if w != "," for j in range(len(w))]
    chars = [ch for w in text if w != "," for ch in (w if not w.isascii() else [w] * 1)]
    if len(flat) != len(chars):
        return words
    for k in range(len(flat) - 1):
        (i, j), (a, b) = flat[k], flat[k + 1]
        nxt = words[a][b][-1]
        if chars[k] == "不" and nxt == "4":
            out[i][j] = "bu2"
        elif (
            chars[k] == "一"
            and chars[k + 1] not in "零一二三四五六七八九幺十月号点"
            and (k == 0 or chars[k - 1] not in "零一二三四五六七八九幺十第")
        ):
            out[i][j] = "yi2" if nxt == "4" else "yi4" if nxt in "123" else "yi1"
    return [w if w == "," else out[i] for i, w in enumerate(words)]


def main():
    r = random.Random(c.SEED + ROUND)
    sents = []
    for line in open(os.path.join(c.WORK, "train.tsv"), encoding="utf-8"):
        _, words, pys = line.rstrip("\n").split("\t")
        sents.append((words.split(), [p if p == "," else p.split("_") for p in pys.split()]))
    r.shuffle(sents)
    words, chars = load_lexicon()
    variants = voices.training()
    syn = Synth()
    t0 = time.time()
    audio = open(os.path.join(c.WORK, "audio.i16"), "wb")
    labels = open(os.path.join(c.WORK, "labels.i16"), "wb")
    index, pa, pl, bad = [], 0, 0, 0
    for k in range(NUM_UTTS):
        u = r.random()
        if u < 0.55:
            text, utt = sents[k % len(sents)]
            if r.random() < 0.4:
                utt = sandhi_yi_bu(utt, text)
        elif u < 0.83:
            utt = [r.choice(words) for _ in range(r.randrange(1, 7))]
        else:
            utt = [list(r.choice(chars)) for _ in range(r.randrange(1, 9))]
        v = r.choice(voices.COMMON) if r.random() < 0.3 else r.choice(variants)
        got = syn.utterance(
            utt,
            voices.name(v),
            speed=r.randrange(95, 210),
            pitch=r.randrange(15, 90),
            prange=r.randrange(25, 80),
            join=r.choice(["word", "syl"]),
            factor=r.choice([0.85, 0.9, 0.95, 1.0, 1.0, 1.0, 1.05, 1.1, 1.17]),
            lead=r.uniform(0.05, 0.7),
            trail=r.uniform(0.25, 0.9),
        )
        if got is None or len(got[0]) > 12 * c.SAMPLE_RATE:
            bad += 1
            continue
        x, lab = got
        audio.write(x.tobytes())
        labels.write(lab.tobytes())
        index.append((pa, len(x), pl, len(lab)))
        pa += len(x)
        pl += len(lab)
        if k % 4000 == 0:
            print(f"{k} utterances, {pa / 8000 / 3600:.2f} h, {bad} dropped, {time.time() - t0:.0f} s", flush=True)
    np.save(os.path.join(c.WORK, "utts.npy"), np.array(index, np.int64))
    print(f"{len(index)} utterances, {pa / 8000 / 3600:.2f} h, {bad} dropped, {time.time() - t0:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
