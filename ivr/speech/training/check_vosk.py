"""Does the model behave inside Vosk?  End-pointing, partial results, confidences, word
times, n-best, run-time grammar, silence, 16 kHz input.  -> work/vosk_checks.json"""

import json
import os
import random
import resource
import sys
import time

import numpy as np
import vosk
from scipy.signal import resample_poly

import common as c
import voices
from augment import alaw, coloured
from evaluate import edit_distance, load_held, normal
from synth import Synth, resample


def pcm(x):
    return np.clip(np.rint(x), -32768, 32767).astype("<i2").tobytes()


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else c.MODEL
    vosk.SetLogLevel(-1)
    t = time.time()
    model = vosk.Model(path)
    out = {
        "load_seconds": round(time.time() - t, 3),
        "rss_after_load_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    syn, r = Synth(), random.Random(5)
    held = load_held()
    line = np.random.default_rng(1)

    # --- end-pointing, partial results, confidences, word times
    delays, first, stable, confs, spans, time_err, hits = [], [], [], [], [], [], 0
    for k in range(20):
        kind, words, utt = held[r.randrange(len(held))]
        got = syn.utterance(utt, voices.name("m3"), 150, 45, lead=0.4, trail=0.0)
        if got is None:
            continue
        x = np.concatenate([got[0].astype(np.float32), np.zeros(16000, np.float32)])
        x = alaw(x * 0.5 + 6 * line.standard_normal(len(x)))
        speech_end = len(got[0]) / 8000
        rec = vosk.KaldiRecognizer(model, 8000)
        rec.SetWords(True)
        seen, end = [], None
        for i in range(0, len(x), 800):
            if rec.AcceptWaveform(pcm(x[i : i + 800])):
                now = (i + 800) / 8000
                if now > speech_end - 0.05:
                    end = now
                    break
                json.loads(rec.Result())
                continue
            p = json.loads(rec.PartialResult())["partial"]
            if p and (not seen or seen[-1][1] != p):
                seen.append(((i + 800) / 8000, p))
        if end is None:
            continue
        hits += 1
        delays.append(end - speech_end)
        res = json.loads(rec.Result())
        confs += [w["conf"] for w in res.get("result", [])]
        if res.get("result"):
            time_err.append(abs(res["result"][0]["start"] - 0.4))
            time_err.append(abs(res["result"][-1]["end"] - speech_end))
        if seen:
            first.append(seen[0][0] - 0.4)
            last = [p for _, p in seen][-1]
            stable.append(normal(last) == normal(res["text"]))
            spans.append(len(seen))
    out["endpoint"] = {
        "utterances": 20,
        "accept_waveform_true_after_trailing_silence": hits,
        "delay_seconds_mean": round(float(np.mean(delays)), 2),
        "delay_seconds_max": round(float(np.max(delays)), 2),
    }
    out["partial"] = {
        "first_text_after_speech_start_s": round(float(np.mean(first)), 2),
        "different_partials_per_utterance": round(float(np.mean(spans)), 1),
        "last_partial_equals_result_percent": round(100 * float(np.mean(stable))),
    }
    out["confidence"] = {
        "words": len(confs),
        "mean": round(float(np.mean(confs)), 3),
        "min": round(float(np.min(confs)), 3),
    }
    out["word_time_error_s"] = round(float(np.mean(time_err)), 3)

    # --- n-best: how many of the 3 alternatives asked for come back
    num, sample = [], None
    for k in range(20):
        _, words, utt = held[r.randrange(len(held))]
        got = syn.utterance(utt, voices.name(("m3", "f4")[k % 2]), 150, 45)
        if got is None:
            continue
        rec = vosk.KaldiRecognizer(model, 8000)
        rec.SetMaxAlternatives(3)
        rec.AcceptWaveform(pcm(alaw(got[0] * 0.5 + 20 * line.standard_normal(len(got[0])))))
        alts = json.loads(rec.FinalResult())["alternatives"]
        num.append(len(alts))
        if len(alts) == 3 and sample is None:
            sample = [{"text": a["text"], "confidence": round(a["confidence"], 2)} for a in alts]
    out["nbest"] = {"asked": 3, "mean_returned": round(float(np.mean(num)), 2), "example": sample}

    # --- run-time grammar
    right, tot = 0, 0
    items = {
        "是的": ["shi4", "de5"],
        "不是": ["bu4", "shi4"],
        "对": ["dui4"],
        "不对": ["bu4", "dui4"],
        "转人工": None,
        "满意": ["man3", "yi4"],
        "不满意": ["bu4", "man3", "yi4"],
        "再说一遍": None,
    }
    gram = json.dumps(
        ["是的", "不是", "对", "不对", "转人工", "满意", "不满意", "再说一遍", "[unk]"], ensure_ascii=False
    )
    py = {"转人工": [["zhuan3"], ["ren2", "gong1"]], "再说一遍": [["zai4", "shuo1"], ["yi2", "bian4"]]}
    for v in ("m3", "f2", "f4", "m7"):
        for text, syl in items.items():
            got = syn.utterance(py.get(text) or [syl], voices.name(v), 140, 45)
            rec = vosk.KaldiRecognizer(model, 8000, gram)
            rec.AcceptWaveform(pcm(got[0]))
            right += normal(json.loads(rec.FinalResult())["text"]) == text
            tot += 1
    rejected = partly = tried = 0
    for k in range(40):  # other sentences must come out as [unk] only
        _, words, utt = held[r.randrange(len(held))]
        got = syn.utterance(utt, voices.name("m3"), 150, 45)
        if got is None:
            continue
        rec = vosk.KaldiRecognizer(model, 8000, gram)
        rec.AcceptWaveform(pcm(got[0]))
        tried += 1
        text = json.loads(rec.FinalResult())["text"]
        rejected += normal(text) == ""
        partly += "[unk]" in text
    out["grammar"] = {
        "tests": tot,
        "right": right,
        "other_sentences": tried,
        "of_these_only_unk": rejected,
        "of_these_with_unk": partly,
    }

    # --- nothing said
    empty = 0
    sounds = [
        np.zeros(24000),
        3 * line.standard_normal(24000),
        200 * line.standard_normal(24000),
        300 * coloured(line, 24000, 1),
        4000 * np.sin(2 * np.pi * 450 * np.arange(24000) / 8000),
    ]
    for s in sounds:
        rec = vosk.KaldiRecognizer(model, 8000)
        rec.AcceptWaveform(pcm(alaw(s.astype(np.float32))))
        empty += json.loads(rec.FinalResult())["text"] == ""
    out["silence_noise_tone_give_no_text"] = f"{empty} of {len(sounds)}"

    # --- espeak-ng reading hanzi by itself (it misreads some characters, 行长 -> xing2 chang2)
    e = n = 0
    for k in range(40):
        _, words, _ = held[r.randrange(len(held))]
        wav, _ = syn.espeak.say(
            "".join(words).replace(",", "，") + "。", voices.name(("m3", "f2", "m1", "f5")[k % 4]), 150, 45
        )
        x8 = resample(wav, syn.espeak.rate)[0]
        rec = vosk.KaldiRecognizer(model, 8000)
        rec.AcceptWaveform(pcm(np.concatenate([np.zeros(2400), x8, np.zeros(4000)])))
        ref = normal("".join(words))
        e += edit_distance(ref, normal(json.loads(rec.FinalResult())["text"]))
        n += len(ref)
    out["cer_percent_espeak_reads_hanzi"] = round(100 * e / n, 2)

    # --- 16 kHz audio into the 8 kHz model
    e = n = 0
    for k in range(10):
        _, words, utt = held[r.randrange(len(held))]
        got = syn.utterance(utt, voices.name("m3"), 150, 45)
        if got is None:
            continue
        rec = vosk.KaldiRecognizer(model, 16000)
        rec.AcceptWaveform(pcm(resample_poly(got[0].astype(np.float32), 2, 1)))
        ref = normal("".join(words))
        e += edit_distance(ref, normal(json.loads(rec.FinalResult())["text"]))
        n += len(ref)
    out["cer_percent_16k_input"] = round(100 * e / n, 2)

    # --- memory of many recognisers
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    many = []
    for _ in range(20):
        rec = vosk.KaldiRecognizer(model, 8000)
        for i in range(0, len(x), 4000):
            rec.AcceptWaveform(pcm(x[i : i + 4000]))
        many.append(rec)
    out["mb_per_live_recogniser"] = round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 / 20, 1)
    print(json.dumps(out, ensure_ascii=False, indent=1))
    with open(os.path.join(c.WORK, "vosk_checks.json"), "w", encoding="utf-8") as f:
        json.dump(out, f, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    sys.exit(main())
