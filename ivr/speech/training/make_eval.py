"""Write the evaluation set: 60 held-out utterances, 8 kHz 16-bit mono WAV, and a TSV.

make_eval.py FOLDER
"""

import os
import sys
import wave

import numpy as np

import voices
from augment import alaw
from evaluate import SETTINGS, TEST_SEEN, Noise, load_held
from synth import Synth

PLAN = [("emergency", 12), ("knowledge", 12), ("report", 10), ("dialogue", 6), ("fresh", 10), ("seen-template", 10)]
CONDITIONS = ["clean", "alaw", "alaw+20dB", "clean", "alaw+20dB", "alaw+10dB"]


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    syn, noise = Synth(), Noise(7)
    held = load_held() + load_held("fresh.tsv")
    rows, k = [], 0
    for kind, count in PLAN:
        pool = [h for h in held if h[0] == kind]
        start = [round(i * len(pool) / count) for i in range(count)]
        used, made = [], 0
        # spread over the templates (held.tsv is in their order), no two sentences alike
        for _, words, utt in [pool[(s + j) % len(pool)] for j in range(len(pool)) for s in start]:
            text = "".join(w for w in words if w != ",")
            grams = {text[i : i + 4] for i in range(len(text) - 3)}
            if made == count or len(text) < 5 or any(len(grams & u) > 3 for u in used):
                continue
            v = (TEST_SEEN if k % 2 == 0 else voices.HELD_OUT)[(k // 2) % 10]
            speed, pitch = SETTINGS[k % len(SETTINGS)]
            got = syn.utterance(
                utt, voices.name(v), speed, pitch, join=("word", "syl")[k // 2 % 2], lead=0.3, trail=0.9
            )
            if got is None:
                continue
            used.append(grams)
            made += 1
            cond = CONDITIONS[k % len(CONDITIONS)]
            x = got[0].astype(np.float32)
            if cond == "alaw":
                x = alaw(x * 0.6)
            elif cond.startswith("alaw+"):
                x = noise.alaw_noise(x, int(cond[5:7]))
            name = f"{k + 1:02d}-{kind}.wav"
            with wave.open(os.path.join(folder, name), "wb") as w:
                w.setnchannels(1)
                w.setsampwidth(2)
                w.setframerate(8000)
                w.writeframes(np.clip(np.rint(x), -32768, 32767).astype("<i2").tobytes())
            group = "seen" if v in TEST_SEEN else "unseen"
            rows.append((name, text, f"{v} ({group}) speed {speed} pitch {pitch}", cond, kind))
            k += 1
    with open(os.path.join(folder, "utterances.tsv"), "w", encoding="utf-8") as f:
        f.write("file\ttext\tvoice\tcondition\tkind\n")
        f.writelines("\t".join(x) + "\n" for x in rows)
    print(len(rows), "utterances")


if __name__ == "__main__":
    sys.exit(main())
