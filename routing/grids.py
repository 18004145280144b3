"""Where is that?  Spoken place names to district, town, community and grid; units by the area they serve."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz

from kb.pinyin import encode
from kb.text import normalise

SAMPLE = Path(__file__).parent / "sample"
LEVELS = ("district", "town", "community", "grid")
SOUNDS = 0.85  # what a name that only sounds alike counts beside one that is written so
NEARLY = 82.0  # rapidfuzz partial ratio 0..100 over syllables, from which a long name counts as meant
NEARLY_FROM = 4  # syllables; shorter names are never guessed
BELOW = 74.0  # the same below an area that was understood, where few names compete: one syllable in four may be lost
FIRM = 2.6  # score from which a place in a sentence is believed; one two-syllable name alone stays below
HEREABOUTS = ("那边", "这边", "附近", "小区", "社区", "家属院", "一带", "那块", "那片", "这片")
HEREABOUTS_SOUNDS = tuple(map(encode, HEREABOUTS))
HEREABOUTS_MORE = 1.0  # what a name gains before one of these: the caller means a place by it


class BadTerritory(ValueError):
    """The files of the territory contradict themselves; the message names every bad row."""


@dataclass(frozen=True, slots=True)
class Area:
    """One district, town, community or grid, with every name it goes by."""

    kind: str
    code: str
    name: str
    parent: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """One unit: what it is responsible for (a department of the catalogue) and where ("" is the whole city)."""

    code: str
    name: str
    duty: str
    area: str


@dataclass(frozen=True, slots=True)
class Place:
    """Codes as far down as they are known; `because` names what was recognised."""

    district: str | None = None
    town: str | None = None
    community: str | None = None
    grid: str | None = None
    because: str = ""

    @property
    def smallest(self) -> str | None:
        return self.grid or self.community or self.town or self.district


NOWHERE = Place()
Mentions = dict[str, tuple[float, str]]  # code of an area -> weight of the name it was called by, and that name


class Territory:
    """The city's tree and its units; immutable, so any thread may ask."""

    def __init__(self, areas: Mapping[str, Area], units: Mapping[str, Body]) -> None:
        self.areas, self.units = dict(areas), dict(units)
        self._by_duty: dict[tuple[str, str], Body] = {}
        for unit in units.values():
            self._by_duty.setdefault((unit.duty, unit.area), unit)
        self._names: list[tuple[str, str, str]] = []  # name as normalised, its sound, code of the area
        for area in areas.values():
            for name in dict.fromkeys(normalise(n) for n in (area.name, *area.also)):
                if len(name) > 1:
                    self._names.append((name, encode(name), area.code))

    def unit_name(self, code: str | None) -> str:
        """ "" for none, and for one that this city does not have."""
        found = self.units.get(code or "")
        return found.name if found else ""

    def area_name(self, code: str | None) -> str:
        """ "" for none; the code itself for one that this city does not have (any more)."""
        found = self.areas.get(code or "")
        return found.name if found else code or ""

    def line(self, code: str) -> list[str]:
        """The area and everything above it, smallest first."""
        found = []
        while code:
            found.append(code)
            code = self.areas[code].parent
        return found

    def unit(self, duty: str, place: Place) -> Body | None:
        """The unit of this duty that serves the smallest area around the place; the city's own at last."""
        for code in self.line(place.smallest) if place.smallest else []:
            if (found := self._by_duty.get((duty, code))) is not None:
                return found
        return self._by_duty.get((duty, ""))

    def at(self, code: str, because: str = "") -> Place:
        """The place of one area; a community without a known grid gets its first until somebody has looked."""
        found: dict[str, str] = {self.areas[c].kind: c for c in self.line(code)}
        if "grid" not in found and "community" in found:
            first = min((a.code for a in self.areas.values() if a.parent == found["community"]), default=None)
            if first is not None:
                found["grid"] = first
        return Place(found.get("district"), found.get("town"), found.get("community"), found.get("grid"), because)

    def find(self, text: str, *, sentence: bool = False) -> Place:
        """The place a caller named.  In a whole sentence (`sentence`) short names alone are not believed."""
        said = normalise(text)
        if not said:
            return NOWHERE
        sound = encode(said)
        found = self._heard(self._mentions(said, sound), FIRM if sentence else 0.0)
        if found is None:
            return NOWHERE
        code, mentions = found
        if self.areas[code].kind in {"district", "town"}:
            code, mentions = self._heard(mentions | self._nearly_below(code, sound), 0.0) or found
        heard = "、".join(dict.fromkeys(mentions[c][1] for c in self.line(code)[::-1] if c in mentions))
        return self.at(code, f"听到地名「{heard}」")

    def _heard(self, mentions: Mentions, firm: float) -> tuple[str, Mentions] | None:
        """The area all of the likeliest lie in, and what was heard; None below `firm` or when they share none."""
        if not mentions:
            return None
        totals = {
            code: sum(
                score * (1.0 if above == code else 0.6)
                for above in self.line(code)
                if (score := mentions.get(above, (0.0, ""))[0])
            )
            for code in mentions
        }
        best = max(totals.values())
        if best < firm:
            return None
        meant = [code for code, total in totals.items() if total > best - 0.01]
        common = self._common(meant)
        if common is None:
            return None
        line = self.line(meant[0])
        return common, {code: mention for code, mention in mentions.items() if code in line}

    def _mentions(self, said: str, sound: str) -> Mentions:
        """Per area the weight of the best name it was called by, and that name."""
        found: Mentions = {}
        for name, code, area in self._names:
            if (at := said.find(name)) >= 0:
                meant = said.startswith(HEREABOUTS, at + len(name))
                _keep(found, area, len(name) + (HEREABOUTS_MORE if meant else 0.0), name)
            elif (at := sound.find(code)) >= 0:
                meant = sound.startswith(HEREABOUTS_SOUNDS, at + len(code))
                _keep(found, area, len(name) * SOUNDS + (HEREABOUTS_MORE if meant else 0.0), name)
        if not any(score >= NEARLY_FROM * SOUNDS for score, _ in found.values()):
            self._nearly(found, self._names, sound, NEARLY)
        return found

    def _nearly_below(self, code: str, sound: str) -> Mentions:
        """Names below an area that were not quite heard."""
        found: Mentions = {}
        below = [row for row in self._names if row[2] != code and code in self.line(row[2])]
        self._nearly(found, below, sound, BELOW)
        return found

    def _nearly(self, found: Mentions, names: list[tuple[str, str, str]], sound: str, least: float) -> None:
        for name, code, area in names:
            if len(code) >= NEARLY_FROM and len(sound) >= len(code) - 1:
                ratio = fuzz.partial_ratio(code, sound, score_cutoff=least)
                if ratio:
                    _keep(found, area, len(name) * SOUNDS * SOUNDS * ratio / 100, name)

    def _common(self, codes: list[str]) -> str | None:
        """The smallest area all of them lie in; None when they share none."""
        lines = [self.line(code) for code in codes]
        return next((code for code in lines[0] if all(code in line for line in lines)), None)


def _keep(found: Mentions, code: str, score: float, name: str) -> None:
    if score > found.get(code, (0.0, ""))[0]:
        found[code] = (score, name)


def read(territory: Path, units: Path, on: date | None = None) -> Territory:
    """The city as it is on a day (all rows when None).  BadTerritory names each bad row; then nothing is taken."""
    wrong: list[str] = []
    areas: dict[str, Area] = {}
    for number, row in _rows(territory, ("kind", "code", "name", "parent", "also", "since", "until"), wrong):
        if not _valid(row, on, f"{territory.name} row {number}", wrong):
            continue
        if row["kind"] not in LEVELS:
            wrong.append(f"{territory.name} row {number}: no kind {row['kind']}")
        elif row["code"] in areas:
            wrong.append(f"{territory.name} row {number}: {row['code']} stands there twice")
        else:
            also = tuple(a for a in row["also"].split("|") if a)
            areas[row["code"]] = Area(row["kind"], row["code"], row["name"], row["parent"], also)
    for area in areas.values():
        above = areas[area.parent].kind if area.parent in areas else ""
        if above != ("", *LEVELS)[LEVELS.index(area.kind)]:
            wrong.append(f"{territory.name}: {area.code} ({area.kind}) cannot lie in {area.parent or 'nothing'}")
    bodies: dict[str, Body] = {}
    for number, row in _rows(units, ("code", "name", "duty", "area", "since", "until"), wrong):
        if not _valid(row, on, f"{units.name} row {number}", wrong):
            continue
        if row["area"] and row["area"] not in areas:
            wrong.append(f"{units.name} row {number}: no area {row['area']}")
        elif row["code"] in bodies:
            wrong.append(f"{units.name} row {number}: {row['code']} stands there twice")
        else:
            bodies[row["code"]] = Body(row["code"], row["name"], row["duty"], row["area"])
    if wrong:
        raise BadTerritory("; ".join(wrong))
    return Territory(areas, bodies)


def _rows(file: Path, columns: tuple[str, ...], wrong: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.DictReader(opened)
        missing = [c for c in columns if c not in (reader.fieldnames or ())]
        if missing:
            wrong.append(f"{file.name}: no column {', '.join(missing)}")
            return
        for number, row in enumerate(reader, 2):
            if None in row or any(row[c] is None for c in columns):
                wrong.append(f"{file.name} row {number}: not {len(columns)} values")
                continue
            values = {c: row[c].strip() for c in columns}
            empty = [c for c in ("code", "name") if not values[c]]
            if empty:
                wrong.append(f"{file.name} row {number}: no {', '.join(empty)}")
                continue
            yield number, values


def _valid(row: dict[str, str], on: date | None, where: str, wrong: list[str]) -> bool:
    try:
        since = date.fromisoformat(row["since"]) if row["since"] else date.min
        until = date.fromisoformat(row["until"]) if row["until"] else date.max
    except ValueError:
        wrong.append(f"{where}: {row['since']} or {row['until']} is no date")
        return False
    return on is None or since <= on <= until


@lru_cache(maxsize=1)
def sample() -> Territory:
    """The sample city."""
    return read(SAMPLE / "territory.csv", SAMPLE / "units.csv")
