"""Which matters are there, and who is responsible for each?  The catalogue as data; a city may bring its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

from routing.deadlines import Sla, Span
from routing.yaml_file import read_yaml

SHIPPED = Path(__file__).parent / "catalogue.yaml"
CUES = Path(__file__).parent / "catalogue_cues.yaml"
SAID = Path(__file__).parent / "catalogue_said.yaml"
DESCRIBED = Path(__file__).parent / "catalogue_described.yaml"
ROUTES = ("territory", "dept", "utility", "service", "mediation", "boundary", "self")


class BadCatalogue(ValueError):
    """The catalogue contradicts itself; the message names every place."""


@dataclass(frozen=True, slots=True)
class Department:
    """A kind of body; the bodies themselves are the units of the territory."""

    id: str
    zh: str
    kind: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """One matter.  `route` names which line leads: territory, dept, utility, service, mediation, boundary or self."""

    code: str
    zh: str
    top: str  # name of its class
    lead: str
    assist: tuple[str, ...]
    route: str
    sla: str
    urgency: str
    kinds: tuple[str, ...]
    attention: bool  # a supervisor sees new cases; it does not make them faster
    direct_answer: bool
    said: tuple[str, ...]  # how callers say it
    cues: tuple[str, ...] = ()  # words that point here


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of a list, and what it needs or what is said with it."""

    id: str
    zh: str
    text: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    version: str
    leaves: Mapping[str, Leaf]
    departments: Mapping[str, Department]
    slas: Mapping[str, Sla]
    kinds: tuple[str, ...]
    urgencies: Mapping[str, str]
    return_reasons: Mapping[str, Reason] = field(default_factory=dict)
    not_accepted: Mapping[str, Reason] = field(default_factory=dict)

    def tops(self) -> dict[str, list[Leaf]]:
        """The classes in order, each with its leaves."""
        found: dict[str, list[Leaf]] = {}
        for leaf in self.leaves.values():
            found.setdefault(leaf.top, []).append(leaf)
        return found


def read(file: Path, cues: Path | None = None, said: Sequence[Path] = ()) -> Catalogue:
    """With the words that point to a matter and more sentences, where given.  BadCatalogue names what does not fit."""
    d = read_yaml(file)
    words, sentences = _lines(cues), [_lines(more) for more in said]
    leaves = {
        leaf["code"]: _leaf(
            leaf, top["zh"], words.get(leaf["code"], ""), " / ".join(more.get(leaf["code"], "") for more in sentences)
        )
        for top in d["matters"]
        for leaf in top["leaves"]
    }
    made = Catalogue(
        version=str(d["version"]),
        leaves=leaves,
        departments={x["id"]: Department(x["id"], x["zh"], x["kind"]) for x in d["departments"]},
        slas={x["id"]: _sla(x) for x in d["slas"]},
        kinds=tuple(x["zh"] for x in d["kinds"]),
        urgencies={x["id"]: x["zh"] for x in d["urgencies"]},
        return_reasons={x["id"]: Reason(x["id"], x["zh"], x["needs"]) for x in d["return_reasons"]},
        not_accepted={x["id"]: Reason(x["id"], x["zh"], x["say"]) for x in d["not_accepted"]},
    )
    wrong = list(problems(made)) + [
        f"words for {code}: no such matter" for code in chain(words, *sentences) if code not in leaves
    ]
    if wrong:
        raise BadCatalogue("; ".join(wrong))
    return made


@lru_cache(maxsize=1)
def shipped() -> Catalogue:
    return read(SHIPPED, CUES, (SAID, DESCRIBED))


def _lines(file: Path | None) -> dict[str, str]:
    """code -> the words of its line."""
    return dict(read_yaml(file)) if file else {}


def _leaf(x: dict[str, Any], top: str, cues: str, said: str) -> Leaf:
    duty = x["duty"]
    return Leaf(
        code=x["code"],
        zh=x["zh"],
        top=top,
        lead=duty["lead"],
        assist=tuple(duty["assist"]),
        route=duty["route"],
        sla=x["time"]["sla"],
        urgency=x["time"]["urgency"],
        kinds=tuple(x["kinds"]),
        attention="attention" in x["flags"],
        direct_answer="direct_answer" in x["flags"],
        said=tuple(dict.fromkeys((*x["said"], *x.get("also_said", ()), *_parted(said)))),
        cues=tuple(cues.split()),
    )


def _parted(said: str) -> list[str]:
    return [part for part in map(str.strip, said.split(" / ")) if part]


def _sla(x: dict[str, Any]) -> Sla:
    spans = {key: Span.parse(x[key]) if x[key] else None for key in ("sign", "first_contact", "extend")}
    return Sla(x["id"], x["zh"], Span.parse(x["due"]), **spans)


def problems(catalogue: Catalogue) -> list[str]:
    """Everything that does not fit together."""
    found = []
    for leaf in catalogue.leaves.values():
        found += [
            f"{leaf.code}: no department {name}"
            for name in (leaf.lead, *leaf.assist)
            if name not in catalogue.departments
        ]
        if leaf.sla not in catalogue.slas:
            found.append(f"{leaf.code}: no time profile {leaf.sla}")
        if leaf.route not in ROUTES:
            found.append(f"{leaf.code}: no route {leaf.route}")
        if leaf.urgency not in catalogue.urgencies:
            found.append(f"{leaf.code}: no urgency {leaf.urgency}")
        found += [f"{leaf.code}: no kind {kind}" for kind in leaf.kinds if kind not in catalogue.kinds]
    return found
