"""Who must handle this?  Matter and place to the lead unit by territory and duty, with reasons and runners-up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from routing import matters
from routing.catalogue import Catalogue, Leaf
from routing.grids import NOWHERE, Body, Place, Territory
from routing.matters import Ranked

HOTLINE = "hotline"
RUNNERS_UP = 3
DIRECTED_FROM = 0.5  # probability of the leaf below which a dispatcher signs the case first


@dataclass(frozen=True, slots=True)
class Report:
    """What is known so far: words as said or written, the matter if a person chose it, place text, a contact."""

    text: str
    place: str = ""
    matter: str | None = None
    contact: str = ""
    kind: str = ""
    alternatives: tuple[str, ...] = ()
    point: tuple[float, float] | None = None  # latitude and longitude, WGS-84 degrees
    other_contact: str = ""  # that no telephone rings: an e-mail
    area: str = ""  # code of the district, town, community or grid, where a person chose it
    seen: datetime | None = None  # when it was seen on patrol


@dataclass(frozen=True, slots=True)
class RunnerUp:
    matter: str
    lead: str | None
    because: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """`lead` and `assist` are codes of units; lead None: nobody can be named before the place or matter is known."""

    matter: str
    candidates: tuple[Ranked, ...]
    place: Place
    lead: str | None
    assist: tuple[str, ...]
    because: str
    runners_up: tuple[RunnerUp, ...]
    urgency: str
    sla: str
    kind: str
    question: str | None  # one clarifying question when two matters are close
    attention: bool  # a supervisor sees it

    @property
    def directed(self) -> bool:
        """Whether it may go to the unit without a dispatcher's signature."""
        return self.lead is not None and (not self.candidates or self.candidates[0].probability >= DIRECTED_FROM)


class NothingSaid(ValueError):
    """Neither words nor a matter: there is nothing to propose from."""


def propose(
    report: Report, catalogue: Catalogue, territory: Territory, ranked: Sequence[Ranked] | None = None
) -> Proposal:
    """The proposal for a report.  `ranked` spares ranking twice.  NothingSaid when the report is empty."""
    if report.matter is not None:
        leaf = catalogue.leaves[report.matter]
        candidates: tuple[Ranked, ...] = (Ranked(leaf.code, leaf.zh, 1.0, "人工选定"),)
    else:
        candidates = tuple(ranked) if ranked is not None else matters.rank(report.text, report.alternatives, catalogue)
        if not candidates:
            raise NothingSaid("the report says nothing")
        leaf = catalogue.leaves[candidates[0].code]
    place = _place(report, territory)
    lead, assist, why = responsible(leaf, place, catalogue, territory)
    where = place.because or ("没有认出" if report.place else "未说明")
    reasons = [
        f"事项：{leaf.zh}（{candidates[0].because}）",
        f"地点：{where}",
        f"派单：{why}",
    ]
    return Proposal(
        matter=leaf.code,
        candidates=candidates,
        place=place,
        lead=lead.code if lead else None,
        assist=tuple(unit.code for unit in assist),
        because="；".join(reasons),
        runners_up=tuple(_runners_up(leaf, lead, candidates, place, catalogue, territory)),
        urgency=leaf.urgency,
        sla=leaf.sla,
        kind=report.kind or leaf.kinds[0],
        question=matters.question(candidates),
        attention=leaf.attention,
    )


def _place(report: Report, territory: Territory) -> Place:
    if report.area in territory.areas:
        return territory.at(report.area, f"选定{territory.area_name(report.area)}")
    found = territory.find(report.place) if report.place else NOWHERE
    return found if found is not NOWHERE else territory.find(report.text, sentence=True)


def responsible(
    leaf: Leaf, place: Place, catalogue: Catalogue, territory: Territory
) -> tuple[Body | None, list[Body], str]:
    """Lead, assisting units and the reason.  Territory and duty are both on every case whose place is known."""
    department = catalogue.departments[leaf.lead]
    duty = territory.unit(leaf.lead, place)
    district = Place(district=place.district) if place.district else NOWHERE
    local = territory.unit("district", district) if place.district else None
    town = territory.unit("district", Place(place.district, place.town)) if place.town else None
    lead: Body | None = None
    match leaf.route:
        case "territory" if local is not None:
            lead, why = local, f"属地牵头，{department.zh}协办"
        case "territory":
            why = "属地牵头，但还不知道在哪个区，由派单员确定"
        case "utility":
            lead, why = duty, f"{department.zh}负责，行业主管部门同时收到"
        case "boundary":
            lead, why = territory.unit(HOTLINE, NOWHERE), "不予受理事项，由热线说明法定渠道"
        case "self":
            lead, why = territory.unit(HOTLINE, NOWHERE), "热线自办"
        case _:
            lead, why = duty, f"{department.zh}主管，属地同时收到"
    others = [duty, *(territory.unit(name, place) for name in leaf.assist), town, local]
    assist: list[Body] = []
    for unit in others:
        if unit is not None and unit != lead and unit not in assist and leaf.route not in {"boundary", "self"}:
            assist.append(unit)
    return lead, assist, why


def _runners_up(
    leaf: Leaf,
    lead: Body | None,
    candidates: Sequence[Ranked],
    place: Place,
    catalogue: Catalogue,
    territory: Territory,
) -> list[RunnerUp]:
    """Who else could have been named: the other line of the same matter, then the next matters."""
    found: list[RunnerUp] = []
    duty = territory.unit(leaf.lead, place)
    if leaf.route == "territory" and duty is not None and duty != lead:
        found.append(RunnerUp(leaf.code, duty.code, "按职能"))
    local = territory.unit("district", Place(district=place.district)) if place.district else None
    if leaf.route == "dept" and local is not None and local != lead:
        found.append(RunnerUp(leaf.code, local.code, "按属地"))
    for other in candidates[1:]:
        unit, _, _ = responsible(catalogue.leaves[other.code], place, catalogue, territory)
        found.append(RunnerUp(other.code, unit.code if unit else None, f"也可能是{other.zh}"))
    return found[:RUNNERS_UP]
