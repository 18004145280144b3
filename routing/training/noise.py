"""How does a telephone recogniser mishear a sentence?  Homophones, near sounds, lost and doubled syllables, fillers."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cache

from pypinyin import Style, lazy_pinyin

HEADS = ("嗯", "那个", "喂你好", "就是", "哎", "你好我想问一下", "呃", "喂", "那啥")
INNER = ("那个", "嗯", "啊", "就是", "就是说", "呃", "然后", "这个")
INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("f", "h"), ("r", "l"))
FINALS = (("ing", "in"), ("eng", "en"), ("ang", "an"))
COMMON = bytes(range(0xB0, 0xD8)), bytes(range(0xA1, 0xFF))  # GB 2312 level 1: 3755 everyday characters


@cache
def syllable(char: str) -> str:
    return str(lazy_pinyin(char, style=Style.NORMAL)[0])


class Channel:
    """Corrupts text; the characters of `corpus` are likelier to be written than others."""

    def __init__(self, corpus: Iterable[str]) -> None:
        seen = Counter("".join(corpus))
        self._written: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for high in COMMON[0]:
            for low in COMMON[1]:
                char = bytes((high, low)).decode("gb2312", errors="ignore")
                if char:
                    self._written[syllable(char)].append((char, (1 + seen[char]) ** 0.6))

    def corrupt(self, text: str, rate: float, rng: random.Random) -> str:
        """rate: character errors per character, 0..1; fillers come on top."""
        out = list(text)
        places = rng.sample(range(len(out)), min(len(out), int(rate * len(out) + rng.random())))
        for at in places:
            draw = rng.random()
            out[at] = "" if draw < 0.16 else out[at] * 2 if draw < 0.20 else self._misheard(out[at], rng)
        heard = "".join(out)
        if rng.random() < 0.35:
            heard = rng.choice(HEADS) + heard
        if rng.random() < 0.30 and len(heard) > 6:
            at = rng.randrange(2, len(heard) - 1)
            heard = heard[:at] + rng.choice(INNER) + heard[at:]
        return heard

    def _misheard(self, char: str, rng: random.Random) -> str:
        said = syllable(char)
        near = [s for s in _near(said) if s in self._written]
        sound = rng.choice(near) if near and rng.random() < 0.28 else said
        choices = [(c, w) for c, w in self._written.get(sound, ()) if c != char]
        return rng.choices([c for c, _ in choices], [w for _, w in choices])[0] if choices else char


def _near(said: str) -> list[str]:
    near = []
    for pair in INITIALS:
        for one, other in (pair, pair[::-1]):
            if said.startswith(one) and not (len(one) == 1 and said[1:2] == "h"):
                near.append(other + said[len(one) :])
    for long, short in FINALS:
        if said.endswith(long):
            near.append(said[: -len(long)] + short)
        elif said.endswith(short):
            near.append(said + "g")
    return near
