"""Which signs of danger, and of ordinary business, does a sentence carry?  By its characters and by its sound."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pypinyin import Style, pinyin

from kb.pinyin import code, encode, fold
from kb.text import normalise
from routing.yaml_file import read_yaml

WORDS = Path(__file__).with_name("emergency_words.yaml")
LONGEST = 60  # characters judged; a longer turn is judged by its last ones, where the caller has come to the point
ALWAYS = "h"  # the one feature every sentence has
# Words that hold the floor and say nothing; a recogniser hears them anywhere.
FILLERS = re.compile(r"^(?:[喂嗯呃哎唉诶欸哦]|你好|您好|我想问一下|问一下|那啥)+|就是说|那个|这个|然后|就是|[嗯呃诶欸]")


@dataclass(frozen=True, slots=True)
class Sign:
    """One pattern, for the eye and for the ear."""

    name: str
    kind: str
    eye: re.Pattern[str]
    ear: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    cues: tuple[Sign, ...]
    silent: tuple[Sign, ...]
    guards: tuple[Sign, ...]
    ideas: tuple[Sign, ...]
    guard_names: dict[str, str]
    kinds: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Signs:
    """What was found.  cues and guards: names, seen (by characters) or heard (by sound, a superset mostly)."""

    words: str
    sound: str
    seen: tuple[Sign, ...]
    heard: tuple[Sign, ...]
    silent: tuple[Sign, ...]
    guards: tuple[str, ...]
    guards_heard: tuple[str, ...]


@cache
def readings(hanzi: str) -> str:
    """Codes of all folded readings of one character."""
    return "".join(dict.fromkeys(code(fold(r)) for r in pinyin(hanzi, style=Style.NORMAL, heteronym=True)[0]))


def by_sound(pattern: str) -> str:
    """The same regular expression over encode()d text."""
    out, inside = [], False
    for char in pattern:
        if "\u4e00" <= char <= "\u9fff":
            codes = readings(char)
            out.append(codes if inside or len(codes) == 1 else f"[{codes}]")
        else:
            inside = char == "[" or (inside and char != "]")
            out.append(char)
    return "".join(out)


def sign(name: str, kind: str, pattern: str) -> Sign:
    return Sign(name, kind, re.compile(pattern), re.compile(by_sound(pattern)))


@cache
def vocabulary() -> Vocabulary:
    table = read_yaml(WORDS)
    return Vocabulary(
        cues=tuple(sign(row["zh"], row["kind"], row["like"]) for row in table["cues"]),
        silent=tuple(sign(row["zh"], "silent", row["like"]) for row in table["silent"]),
        guards=tuple(sign(name, name, row["like"]) for name, row in table["guards"].items()),
        ideas=tuple(sign(name, name, like) for name, like in table["ideas"].items()),
        guard_names={name: row["zh"] for name, row in table["guards"].items()},
        kinds=table["kinds"],
    )


def read(text: str) -> Signs:
    known = vocabulary()
    words = normalise(text)
    words = (FILLERS.sub("", words) or words)[-LONGEST:]
    sound = encode(words)
    return Signs(
        words=words,
        sound=sound,
        seen=tuple(s for s in known.cues if s.eye.search(words)),
        heard=tuple(s for s in known.cues if s.ear.search(sound)),
        silent=tuple(s for s in known.silent if s.eye.search(words)),
        guards=tuple(s.name for s in known.guards if s.eye.search(words)),
        guards_heard=tuple(s.name for s in known.guards if s.ear.search(sound)),
    )


def features(signs: Signs, ended: bool = True) -> Iterator[str]:
    """Names of everything the statistics weigh.  ended: the caller has finished, so the last word is the last word."""
    tail = "$" if ended else ""
    yield from _grams("h", f"^{signs.words}{tail}")
    yield from _grams("s", f"^{signs.sound}{tail}")
    yield from _around("s", f"^{signs.sound}{tail}")
    yield from _found("c", signs.seen, signs.guards)
    yield from _found("C", signs.heard, signs.guards_heard)
    yield from _ideas("i", [(s.name, s.eye.search(signs.words)) for s in vocabulary().ideas])
    yield from _ideas("I", [(s.name, s.ear.search(signs.sound)) for s in vocabulary().ideas])
    yield ALWAYS


def _grams(mark: str, text: str) -> Iterator[str]:
    for size in (1, 2, 3):
        for at in range(len(text) - size + 1):
            yield mark + text[at : at + size]


def _around(mark: str, text: str) -> Iterator[str]:
    """Pairs with one syllable between them, which may be misheard without harm."""
    for at in range(len(text) - 2):
        yield f"{mark}{text[at]}_{text[at + 2]}"


def _found(mark: str, cues: tuple[Sign, ...], guards: tuple[str, ...]) -> Iterator[str]:
    kinds = {cue.kind for cue in cues}
    yield from (f"{mark}:{cue.name}" for cue in cues)
    yield from (f"{mark}k:{kind}" for kind in kinds)
    yield from (f"{mark}g:{guard}" for guard in guards)
    yield from (f"{mark}:{kind}|{guard}" for kind in kinds for guard in guards)
    yield f"{mark}n:{min(len(cues), 4)}"
    yield f"{mark}n:{min(len(cues), 2)}|{min(len(guards), 2)}"


def _ideas(mark: str, found: list[tuple[str, re.Match[str] | None]]) -> Iterator[str]:
    held = [name for _, name in sorted((match.start(), name) for name, match in found if match)]
    yield from (f"{mark}:{name}" for name in held)
    yield from (f"{mark}:{one}<{other}" for at, one in enumerate(held) for other in held[at + 1 :])
