"""Which cues of danger does a sentence hold, and which words turn them into ordinary business?"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from kb.pinyin import encode

TABLE = Path(__file__).with_name("emergency_cues.yaml")
HANZI = re.compile(r"[\u4e00-\u9fff]+")
SILENT = re.compile(
    r"(就当|假装|当作).{0,6}(订|点|叫).{0,3}(餐|外卖)|(别|不要)问.{0,8}(订|点|外卖|披萨)|不方便说话|不能说话"
)
SELF_HARM_CATEGORY = "E15"
SILENT_CATEGORY = "E18"  # its cues describe a recording, not what a caller says: SILENT stands in for it


@dataclass(frozen=True, slots=True)
class Cue:
    """One category's patterns, on signs and on sounds."""

    category: str
    name: str
    service: str
    action: str
    signs: re.Pattern[str]
    sounds: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in one sentence."""

    by_sign: tuple[str, ...] = ()  # categories
    by_sound: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    service: str = ""
    action: str = ""
    silent: bool = False
    cry: bool = False

    @property
    def guarded(self) -> bool:
        return bool(self.guards)

    def self_harm(self, likely: bool) -> bool:
        """By a sign; by a sound, or with no other cue at all, only when the model finds it likely."""
        if SELF_HARM_CATEGORY in self.by_sign:
            return True
        return likely and (SELF_HARM_CATEGORY in self.by_sound or not (self.by_sound or self.by_sign))

    @property
    def asks(self) -> bool:
        """Cues whose table says: ask first."""
        return self.action == "B"

    def reason(self) -> str:
        """For the operator: which cue, which guard."""
        parts = ["、".join(self.names)] if self.names else []
        return "；".join(parts + [f"但有{guard}" for guard in self.guards])


def by_sound(pattern: str) -> str:
    """The same pattern over syllable codes."""
    return HANZI.sub(lambda m: encode(m[0]), pattern)


@lru_cache(maxsize=1)
def table() -> tuple[tuple[Cue, ...], dict[str, re.Pattern[str]], dict[str, re.Pattern[str]], re.Pattern[str]]:
    """Cues, guards by sign, guards by sound, cries; read once."""
    kept = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    cues = tuple(
        Cue(
            row["id"],
            row["name"],
            str(row["service"]),
            row["action"],
            re.compile("|".join(row["patterns"])),
            re.compile("|".join(map(by_sound, row["patterns"]))),
        )
        for row in kept["categories"]
        if row["id"] != SILENT_CATEGORY
    )
    guards = {name: re.compile(pattern) for name, pattern in kept["guards"].items()}
    sounding = {name: re.compile(by_sound(pattern)) for name, pattern in kept["guards"].items()}
    return cues, guards, sounding, re.compile("|".join(kept["cries"]))


GUARD_NAMES = {"past": "过去的事", "asking": "咨询办事", "figurative": "夸张说法"}


@lru_cache(maxsize=8192)
def find(said: str) -> Findings:
    """Everything found in plain words."""
    cues, guards, sounding, cries = table()
    codes = encode(said)
    signs = [cue for cue in cues if cue.signs.search(said)]
    sounds = [cue for cue in cues if cue.sounds.search(codes)]
    held = [name for name in guards if guards[name].search(said) or sounding[name].search(codes)]
    first = next(iter(signs or sounds), None)
    # of several, the one that acts at once leads
    for cue in signs:
        if cue.action == "A":
            first = cue
            break
    return Findings(
        by_sign=tuple(cue.category for cue in signs),
        by_sound=tuple(cue.category for cue in sounds),
        guards=tuple(GUARD_NAMES[name] for name in held),
        names=tuple(dict.fromkeys(cue.name for cue in signs or sounds)),
        service=first.service if first else "",
        action=first.action if first else "",
        silent=bool(SILENT.search(said)),
        cry=bool(cries.search(said)),
    )
