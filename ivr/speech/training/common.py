"""Things every step shares: folders, the phone set, pinyin -> phones, constants."""

import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = os.environ.get("ASR_WORK", os.path.join(HERE, "work"))  # scratch files
MODEL = os.environ.get("ASR_MODEL", os.path.join(WORK, "model"))  # the Vosk folder
SEED = 12345

SAMPLE_RATE = 8000
FRAME_SHIFT = 0.01  # seconds, Kaldi default
SUBSAMPLE = 3  # one network output every 3 feature frames (30 ms)
MFCC_CONF = {  # written to conf/mfcc.conf, used for training as well
    "sample-frequency": 8000,
    "num-mel-bins": 40,
    "num-ceps": 40,
    "low-freq": 40,
    "high-freq": -200,
    "use-energy": "false",
    "dither": 0,
}

INITIALS = ["b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s", "y", "w"]
FINALS = ["a", "o", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "ong", "er", "i", "ia", "ie", "iao", "iou", "ian", "in", "iang", "ing", "iong", "io", "u", "ua", "uo", "uai", "uei", "uan", "uen", "uang", "ueng", "v", "ve", "van", "vn", "ih", "ii"]
TONES = "12345"

_Y = {
    "yi": "i",
    "ya": "ia",
    "ye": "ie",
    "yao": "iao",
    "you": "iou",
    "yan": "ian",
    "yin": "in",
    "yang": "iang",
    "ying": "ing",
    "yong": "iong",
    "yo": "io",
    "yu": "v",
    "yue": "ve",
    "yuan": "van",
    "yun": "vn",
    "yai": "ia",
}
_W = {
    "wu": "u",
    "wa": "ua",
    "wo": "uo",
    "wai": "uai",
    "wei": "uei",
    "wan": "uan",
    "wen": "uen",
    "wang": "uang",
    "weng": "ueng",
}
_LONG = {"iu": "iou", "ui": "uei", "un": "uen", "ue": "ve"}


def syllable_phones(syl):
    """'xiang3' -> ('x', 'iang3'); 'er2' -> (None, 'er2'); None when not Mandarin."""
    m = re.fullmatch(r"([a-zü]+)([1-5])", syl)
    if not m:
        return None
    s, tone = m.group(1).replace("ü", "v"), m.group(2)
    if s in _Y:
        return "y", _Y[s] + tone
    if s in _W:
        return "w", _W[s] + tone
    ini = next((i for i in ("zh", "ch", "sh") if s.startswith(i)), None)
    if ini is None and s[0] in "bpmfdtnlgkhjqxrzcs":
        ini = s[0]
    fin = s[len(ini) :] if ini else s
    if not fin:
        return None
    if ini in ("zh", "ch", "sh", "r") and fin == "i":
        fin = "ih"
    elif ini in ("z", "c", "s") and fin == "i":
        fin = "ii"
    elif ini in ("j", "q", "x") and fin[0] == "u":
        fin = {"u": "v", "ue": "ve", "uan": "van", "un": "vn"}.get(fin, fin)
    fin = _LONG.get(fin, fin)
    if fin not in FINALS:
        return None
    return ini, fin + tone


# ---- acoustic units ("pdfs"): silence, garbage, 1 per initial, 2 per toned final
PDF_NAMES = ["SIL", "SPN"] + list(INITIALS) + [f"{f}{t}_{h}" for f in FINALS for t in TONES for h in "ab"]
PDF = {n: i for i, n in enumerate(PDF_NAMES)}
NUM_PDFS = len(PDF_NAMES)


def phone_pdfs(phone):
    """Base phone (no word position) -> its pdf sequence, one per HMM state."""
    if phone in PDF:
        return [PDF[phone]]
    return [PDF[phone + "_a"], PDF[phone + "_b"]]


# ---- Kaldi phones carry the word position (needed for word times): _B _I _E _S
def kaldi_phones():
    names = ["<eps>", "SIL", "SPN_S"]
    names += [f"{i}_{p}" for i in INITIALS for p in "BI"]
    names += [f"{f}{t}_{p}" for f in FINALS for t in TONES for p in "BIES"]
    return names


def kaldi_phone_pdfs():
    """{Kaldi phone id: pdfs of its HMM states}"""
    return {i: phone_pdfs(base_phone(p)) for i, p in enumerate(kaldi_phones()) if i}


def base_phone(kaldi_phone):
    return kaldi_phone if kaldi_phone == "SIL" else kaldi_phone.rsplit("_", 1)[0]


def position_phones(base):
    """['n','i3','h','ao3'] -> ['n_B','i3_I','h_I','ao3_E']"""
    if len(base) == 1:
        return [base[0] + "_S"]
    return [base[0] + "_B"] + [b + "_I" for b in base[1:-1]] + [base[-1] + "_E"]
