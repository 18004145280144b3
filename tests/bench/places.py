"""How often is the place found that a caller names, as it is said and as it is misheard?

`python -m tests.bench.places [--noise RATE ...]`: addresses as callers say them are made from the sample city (name
with or without its kind of place, landmark, house number, "opposite of", the district before it or not), alone and
inside a sentence, clean and misheard (routing/training/noise.py).  Per form: how often the community is right, how
often another one is named (a case then travels to the wrong office), how often the district is right, and the time.
"""

import argparse
import json
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kb.text import normalise
from routing.catalogue import shipped
from routing.grids import Area, Territory, sample
from routing.training.noise import Channel

NUMBER = 300  # addresses a form and a rate
NUMBERS = "一二三四五六七八九十"
SUFFIX = re.compile("(街道|社区|办事处|镇|区)$")


@dataclass(frozen=True, slots=True)
class Spoken:
    form: str
    text: str
    sentence: bool
    community: str  # its code


def bare(name: str) -> str:
    return SUFFIX.sub("", name) if len(name) > 3 else name


def landmark(grid: Area, dice: random.Random) -> str:
    return dice.choice(grid.also)


Form = Callable[[Territory, Area, Area, random.Random], str]
FORMS: dict[str, Form] = {
    "community": lambda _, community, __, ___: community.name,
    "bare name": lambda _, community, __, ___: bare(community.name) + "那边",
    "landmark and house": lambda _, __, grid, dice: (
        landmark(grid, dice) + dice.choice(NUMBERS) + "号楼" + dice.choice(NUMBERS) + "单元"
    ),
    "opposite": lambda _, __, grid, dice: (
        "在" + landmark(grid, dice) + dice.choice(("对面", "旁边", "门口", "后面", "往东一百米", "路口"))
    ),
    "from the district down": lambda city, community, grid, dice: (
        "".join(city.areas[code].name for code in city.line(community.code)[:0:-1]) + landmark(grid, dice)
    ),
    "district, kinds left out": lambda city, community, grid, dice: (
        bare(city.areas[city.line(community.code)[-1]].name) + landmark(grid, dice) + dice.choice(NUMBERS) + "号楼"
    ),
    "town and community": lambda city, community, _, __: (
        city.areas[community.parent].name + bare(community.name) + "社区"
    ),
}


def spoken(dice: random.Random, number: int = NUMBER) -> Iterator[Spoken]:
    city = sample()
    grids = [area for area in city.areas.values() if area.kind == "grid" and area.also]
    said = [s for leaf in shipped().leaves.values() for s in leaf.said[:3] if leaf.route == "territory"]
    for form, make in FORMS.items():
        for _ in range(number):
            grid = dice.choice(grids)
            community = city.areas[grid.parent]
            text = make(city, community, grid, dice)
            yield Spoken(form, text, False, community.code)
            yield Spoken(f"{form}, in a sentence", f"{text}这边{dice.choice(said)}", True, community.code)


def measure(rate: float, number: int = NUMBER) -> list[dict[str, object]]:
    dice, city = random.Random(5), sample()
    listed = list(spoken(dice, number))
    channel = Channel(one.text for one in listed)
    kept: dict[str, list[tuple[bool, bool, bool, float]]] = {}
    for one in listed:
        heard = channel.corrupt(one.text, rate, dice) if rate else one.text
        began = time.thread_time()
        found = city.find(heard, sentence=one.sentence)
        ms = 1000 * (time.thread_time() - began)
        right = found.community == one.community
        district = found.district == city.line(one.community)[-1]
        kept.setdefault(one.form, []).append((right, not right and found.community is not None, district, ms))
    return [
        {"form": form, "noise": rate}
        | {
            name: round(sum(row[at] for row in rows) / len(rows), 3)
            for at, name in enumerate(("right", "wrong", "district", "ms"))
        }
        for form, rows in kept.items()
    ]


def believed(rate: float) -> dict[str, object]:
    """Sentences without any place: how often one is heard in them all the same."""
    dice, city = random.Random(6), sample()
    said = [s for leaf in shipped().leaves.values() for s in leaf.said if not named(city, s)]
    channel = Channel(said)
    heard = [channel.corrupt(s, rate, dice) if rate else s for s in dice.sample(said, 2000)]
    wrong = sum(city.find(s, sentence=True).smallest is not None for s in heard)
    return {"form": "no place said", "noise": rate, "wrong": round(wrong / len(heard), 4)}


def named(city: Territory, said: str) -> bool:
    words = normalise(said)
    return any(bare(area.name) in words for area in city.areas.values() if area.kind != "grid")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noise", type=float, nargs="*", default=[0.0, 0.1, 0.2], help="character error rates")
    for rate in parser.parse_args().noise:
        for line in (*measure(rate), believed(rate)):
            print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
