"""espeak-ng voice variants: which are trained on, which are kept for the evaluation."""

import subprocess

HELD_OUT = ["f4", "m7", "Andy", "linda", "quincy", "Mike", "sandro", "anika", "Jacky", "robert"]
# not human enough to be worth modelling
SKIP = {
    "croak",
    "Demonic",
    "whisper",
    "whisperf",
    "UniRobot",
    "anikaRobot",
    "robosoft",
    "robosoft2",
    "robosoft3",
    "robosoft4",
    "robosoft5",
    "robosoft6",
    "robosoft7",
    "robosoft8",
    "fast",
    "Tweaky",
}
# plain voices of espeak-ng, most likely to be met: used more often
COMMON = ["m1", "m2", "m3", "m4", "m5", "m6", "m8", "f1", "f2", "f3", "f5", "max", "adam", "steph", "Annie"]


def all_variants():
    out = subprocess.run(["espeak-ng", "--voices=variant"], capture_output=True, text=True, check=True).stdout
    return sorted({p[3:] for line in out.splitlines() for p in line.split() if p.startswith("!v/")})


def training():
    return [v for v in all_variants() if v not in HELD_OUT and v not in SKIP]


def name(variant):
    return "cmn-latn-pinyin" + ("+" + variant if variant else "")
