"""Measure a Vosk model on held-out sentences with the real vosk package.

evaluate.py [model folder] [utterances per cell]  -> work/results.json and a table
ASR_HELD=fresh.tsv ASR_RESULTS=fresh.json evaluate.py ...   for the fresh test set
"""

import json
import os
import random
import resource
import sys
import time

import numpy as np
import vosk

import common as c
import voices
from augment import add_noise, alaw, coloured
from synth import Synth

TEST_SEEN = ["m3", "m1", "f2", "f5", "max", "adam", "steph", "Annie", "belinda", "victor"]
SETTINGS = [(150, 45), (122, 38), (138, 62), (167, 53), (185, 47)]  # speed, pitch


def edit_distance(a, b):
    d = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        prev, d[0] = d[0], i
        for j, y in enumerate(b, 1):
            prev, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, prev + (x != y))
    return d[-1]


def normal(text):
    return text.replace(" ", "").replace(",", "").replace("幺", "一").replace("[unk]", "")


def load_held(name=os.environ.get("ASR_HELD", "held.tsv")):
    out = []
    for line in open(os.path.join(c.WORK, name), encoding="utf-8"):
        kind, words, pys = line.rstrip("\n").split("\t")
        out.append((kind, words.split(), [p if p == "," else p.split("_") for p in pys.split()]))
    return out


class Noise:
    def __init__(self, seed=99):
        self.g = np.random.default_rng(seed)
        self.pool = [coloured(self.g, 8000 * 30, p) for p in (0, 1)]

    def alaw_noise(self, x, snr):
        """x float32; pink or white noise at the given SNR, then a G.711 A-law round trip"""
        p = self.pool[self.g.integers(2)]
        s = int(self.g.integers(0, len(p) - len(x))) if len(x) < len(p) else 0
        return alaw(add_noise(x * 0.5, np.resize(p[s : s + len(x)], len(x)), snr))


def decode(rec, pcm, chunk=4000):
    text = []
    for i in range(0, len(pcm), chunk):
        if rec.AcceptWaveform(pcm[i : i + chunk]):
            text.append(json.loads(rec.Result())["text"])
    text.append(json.loads(rec.FinalResult())["text"])
    return " ".join(t for t in text if t)


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else c.MODEL
    per_cell = int(sys.argv[2]) if len(sys.argv) > 2 else 12
    vosk.SetLogLevel(-1)
    t = time.time()
    model = vosk.Model(path)
    load = time.time() - t
    held = load_held()
    r = random.Random(4711)
    syn, noise = Synth(), Noise()
    cells = []
    for group, names in (("seen voices", TEST_SEEN), ("unseen voices", voices.HELD_OUT)):
        for v in names:
            for texts in ("seen-template", "unseen-template"):
                pool = [h for h in held if (h[0] == "seen-template") == (texts == "seen-template")]
                if not pool:
                    continue
                for _ in range(per_cell):
                    cells.append((group, v, texts, r.choice(pool)))
    stats, audio_s, cpu_s, errors = {}, 0.0, 0.0, []
    for k, (group, v, texts, (kind, words, utt)) in enumerate(cells):
        speed, pitch = SETTINGS[k % len(SETTINGS)]
        got = syn.utterance(utt, voices.name(v), speed, pitch, join=("word", "syl")[k % 2], lead=0.25, trail=0.6)
        if got is None:
            continue
        ref = normal("".join(words))
        x = got[0].astype(np.float32)
        for cond, y in (("clean", x), ("alaw+20dB", noise.alaw_noise(x, 20)), ("alaw+10dB", noise.alaw_noise(x, 10))):
            pcm = np.clip(np.rint(y), -32768, 32767).astype("<i2").tobytes()
            t = time.process_time()
            hyp = normal(decode(vosk.KaldiRecognizer(model, 8000), pcm))
            if cond == "clean":
                cpu_s += time.process_time() - t
                audio_s += len(pcm) / 16000
            e = edit_distance(ref, hyp)
            for key in {(group, texts, cond), (group, "all", cond), (group, kind, cond), ("voice:" + v, "all", cond)}:
                s = stats.setdefault(key, [0, 0, 0, 0])
                s[0] += e
                s[1] += len(ref)
                s[2] += e == 0
                s[3] += 1
            if e and cond == "clean":
                errors.append((e / len(ref), v, kind, ref, hyp))
    table = {}
    for (group, texts, cond), (e, n, ok, tot) in sorted(stats.items()):
        table.setdefault(group, {}).setdefault(texts, {})[cond] = {
            "cer_percent": round(100 * e / n, 2),
            "sentences_right_percent": round(100 * ok / tot, 1),
            "utterances": tot,
        }
    size = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(path) for f in fs)
    res = {
        "model_bytes": size,
        "load_seconds": round(load, 3),
        "rtf_one_core": round(cpu_s / audio_s, 4),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "cer": table,
    }
    with open(os.path.join(c.WORK, os.environ.get("ASR_RESULTS", "results.json")), "w", encoding="utf-8") as f:
        json.dump(res, f, ensure_ascii=False, indent=1)
    for g, ts in table.items():
        for t, cs in ts.items():
            print(
                f"{g:16s} {t:16s} "
                + "  ".join(f"{k} {v['cer_percent']:6.2f}% ({v['utterances']})" for k, v in cs.items())
            )
    print({k: v for k, v in res.items() if k != "cer"})
    for e in sorted(errors, reverse=True)[: int(os.environ.get("ASR_SHOW", "0"))]:
        print("{:.2f} {} {}\n   {}\n   {}".format(*e))


if __name__ == "__main__":
    sys.exit(main())
