"""Sentences -> 8 kHz speech with an exact label for every 30 ms frame.

espeak-ng reads pinyin (voice cmn-latn-pinyin).  Its phoneme events give the start
of every phoneme, so each utterance carries its own alignment.
"""

import re

import numpy as np
from scipy.signal import firwin, resample_poly

import common as c
from espeak import EV_PHONEME, Espeak

_GLIDES = {"w", "j", ";"}
_CODAS = {"n", "N", "@r"}
_CONS = {
    "p",
    "ph",
    "m",
    "f",
    "t",
    "th",
    "n",
    "l",
    "k",
    "kh",
    "X",
    "tS;",
    "tS;h",
    "S;",
    "ts.",
    "ts.h",
    "s.",
    "z.",
    "ts",
    "tsh",
    "s",
}


def surface_tones(clauses):
    """espeak-ng turns tone 3 before tone 3 into tone 2 inside a clause; so do our labels."""
    out = []
    for syls in clauses:
        s = list(syls)
        for i in range(len(s) - 1):
            if s[i].endswith("3") and s[i + 1].endswith("3"):
                s[i] = s[i][:-1] + "2"
        out.extend(s)
    return out


def parse_events(events, syllables):
    """Phoneme events -> [(phone, start sample)], or None if they do not fit the syllables."""
    ph = [(n, s) for t, s, n, _ in events if t == EV_PHONEME and n]
    out, i = [], 0
    for syl in syllables:
        while i < len(ph) and ph[i][0].startswith("_"):
            out.append(("SIL", ph[i][1]))
            i += 1
        ini, fin = c.syllable_phones(syl)
        if i >= len(ph):
            return None
        start = ph[i][1]
        if ini and ini not in "yw":
            if ph[i][0] not in _CONS:
                return None
            i += 1
            out.append((ini, start))
            if i >= len(ph):
                return None
            start = ph[i][1]
        glide = None
        while i < len(ph) and ph[i][0] in _GLIDES:
            glide = ph[i][1]
            i += 1
        if i >= len(ph) or ph[i][0] in _CONS or ph[i][0].startswith("_"):
            return None
        vowel = ph[i][1]
        if ini in ("y", "w"):
            out.append((ini, glide if glide is not None else vowel))
            start = vowel if glide is not None else vowel + 400
        out.append((fin, start))
        i += 1
        if re.search(r"(n|ng)\d$", fin) and i < len(ph) and ph[i][0] in _CODAS:
            i += 1
    rest = [p for p in ph[i:] if not p[0].startswith("_")]
    if rest:
        return None
    if i < len(ph):
        out.append(("SIL", ph[i][1]))
    return out


def frame_labels(segments, total, num_frames, offset):
    """[(phone, start s)] -> one pdf per 30 ms frame; every HMM state gets >= 1 frame."""
    states = []
    for k, (ph, start) in enumerate(segments):
        end = segments[k + 1][1] if k + 1 < len(segments) else total
        if ph == "SIL":
            if states and states[-1][0] == c.PDF["SIL"]:
                continue
            if end - start >= 0.05 or k + 1 == len(segments):
                states.append((c.PDF["SIL"], start))
            continue
        pdfs = c.phone_pdfs(ph)
        for h, pdf in enumerate(pdfs):
            states.append((pdf, start + (end - start) * h / len(pdfs)))
    if offset > 0 and states[0][0] != c.PDF["SIL"]:
        states.insert(0, (c.PDF["SIL"], -offset))
    step = c.FRAME_SHIFT * c.SUBSAMPLE
    # a frame's window is centred 12.5 ms after its start
    b = [int(round((s + offset - 0.0125) / step)) for _, s in states]
    b[0] = 0
    for k in range(1, len(b)):
        b[k] = max(b[k], b[k - 1] + 1)
    last = num_frames - 1
    for k in range(len(b) - 1, -1, -1):
        b[k] = min(b[k], last)
        last = b[k] - 1
    if b[0] < 0:
        return None
    lab = np.zeros(num_frames, np.int16)
    for k, (pdf, _) in enumerate(states):
        lab[b[k] :] = pdf
    return lab


_TAPS = {}


def resample(wav, src, factor=1.0):
    """22050 Hz -> 8 kHz; factor > 1 makes the voice higher and faster."""
    up, down = 160, int(round(441 * src / 22050 * factor))
    if down not in _TAPS:
        half = 10 * max(up, down)
        _TAPS[down] = firwin(2 * half + 1, 1.0 / max(up, down), window=("kaiser", 5.0))
    return resample_poly(wav.astype(np.float32), up, down, window=_TAPS[down].astype(np.float32)), down / 441.0


class Synth:
    def __init__(self):
        self.espeak = Espeak()

    def utterance(self, words, voice, speed, pitch, prange=50, join="word", factor=1.0, lead=0.3, trail=0.5):
        """words: list of pinyin-syllable lists, ',' marks a pause.
        -> (int16 samples at 8 kHz, labels per 30 ms) or None"""
        clauses, text, cur = [], [], []
        for w in words:
            if w == ",":
                if cur:
                    clauses.append(cur)
                    cur = []
                    text.append(",")
                continue
            cur.extend(w)
            text.append(("" if join == "word" else " ").join(w))
        if cur:
            clauses.append(cur)
        text = " ".join(text).replace(" ,", ",").rstrip(",") + "."
        wav, events = self.espeak.say(text, voice, speed, pitch, prange)
        if len(wav) < 2000:
            return None
        seg = parse_events(events, surface_tones(clauses))
        if seg is None:
            return None
        rate = self.espeak.rate
        x, f = resample(wav, rate, factor)
        seg = [(p, s / rate / f) for p, s in seg]
        dur = len(x) / c.SAMPLE_RATE
        pad0, pad1 = int(lead * 8000), int(trail * 8000)
        x = np.concatenate([np.zeros(pad0), np.clip(x, -32768, 32767), np.zeros(pad1)]).astype(np.int16)
        frames = 1 + (len(x) - 200) // 80
        lab = frame_labels(seg, dur, (frames + 2) // 3, lead)
        if lab is None:
            return None
        return x, lab
