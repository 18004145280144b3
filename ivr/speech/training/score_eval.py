"""Score a model on the WAV evaluation set:  score_eval.py MODEL EVAL_FOLDER [OUT.json]"""

import collections
import csv
import json
import os
import sys
import wave

import vosk

from evaluate import decode, edit_distance, normal


def main():
    vosk.SetLogLevel(-1)
    model, folder = vosk.Model(sys.argv[1]), sys.argv[2]
    tot, rows = collections.defaultdict(lambda: [0, 0, 0, 0]), []
    for row in csv.DictReader(open(os.path.join(folder, "utterances.tsv"), encoding="utf-8"), delimiter="\t"):
        with wave.open(os.path.join(folder, row["file"])) as w:
            pcm = w.readframes(w.getnframes())
        ref, hyp = normal(row["text"]), normal(decode(vosk.KaldiRecognizer(model, 8000), pcm))
        e = edit_distance(ref, hyp)
        group = "seen voices" if "(seen)" in row["voice"] else "unseen voices"
        for k in ("all", row["kind"], row["condition"], group):
            t = tot[k]
            t[0] += e
            t[1] += len(ref)
            t[2] += e == 0
            t[3] += 1
        rows.append({"file": row["file"], "ref": ref, "hyp": hyp, "errors": e})
    out = {
        "cer": {
            k: {"cer_percent": round(100 * e / n, 2), "utterances": m, "all_right": ok}
            for k, (e, n, ok, m) in tot.items()
        },
        "utterances": rows,
    }
    print(json.dumps(out["cer"], indent=1))
    if len(sys.argv) > 3:
        with open(sys.argv[3], "w", encoding="utf-8") as f:
            json.dump(out, f, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    sys.exit(main())
