"""Who was named by arbitration for the same matter before?  The ruling binds later proposals until another is made."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from routing.dispatch import Proposal, RunnerUp
from routing.grids import Place, Territory


@dataclass(frozen=True, slots=True)
class Precedent:
    """One ruling: for this matter, at this place, this unit leads."""

    case: str
    matter: str
    district: str | None
    community: str | None
    lead: str
    reason: str
    at: datetime


def binding(precedents: Iterable[Precedent], matter: str, place: Place) -> Precedent | None:
    """The ruling that counts here: of the same community before one of the same district, the newest first."""

    def near(one: Precedent) -> int:
        if one.community is not None and one.community == place.community:
            return 2
        return 1 if one.district is not None and one.district == place.district else 0

    fitting = [one for one in precedents if one.matter == matter and near(one)]
    return max(fitting, key=lambda one: (near(one), one.at), default=None)


def cited(proposal: Proposal, precedents: Iterable[Precedent], territory: Territory) -> Proposal:
    """The proposal, led by whom a ruling named; the unit proposed otherwise becomes the first runner-up."""
    found = binding(precedents, proposal.matter, proposal.place)
    if found is None or found.lead not in territory.units:
        return proposal
    name = territory.units[found.lead].name
    because = f"{proposal.because}；先例：工单{found.case}会商指定{name}（{found.reason}）"
    if found.lead == proposal.lead:
        return replace(proposal, because=because)
    others = [RunnerUp(proposal.matter, proposal.lead, "没有先例时的建议")] if proposal.lead else []
    runners_up = (*others, *(r for r in proposal.runners_up if r.lead != found.lead))
    assist = tuple(unit for unit in (proposal.lead, *proposal.assist) if unit and unit != found.lead)
    return replace(
        proposal, lead=found.lead, assist=tuple(dict.fromkeys(assist)), because=because, runners_up=runners_up
    )
