"""How is any set run through dispatch?  The `propose` door: words and a place in, a proposal out."""

from datetime import UTC, datetime

from routing import deadlines
from routing.city import office
from routing.dispatch import NothingSaid, Proposal, Report, propose
from routing.doors import BadLine, Line
from routing.settings import City
from routing.working_time import HERE


class Door:
    """One line in, one line out."""

    def __init__(self, settings: City) -> None:
        self._office = office(settings)

    def propose(self, given: Line) -> Line:
        """`at` (an ISO time) may be given; else the clock starts now."""
        report = Report(str(given["text"]), str(given.get("place") or ""), matter=given.get("leaf"))
        if report.matter is not None and report.matter not in self._office.catalogue.leaves:
            raise BadLine(f"there is no matter {report.matter}")
        try:
            made = propose(report, self._office.catalogue, self._office.territory)
        except NothingSaid:
            return {"id": given.get("id"), "leaf": None, "because": "没有内容"}
        at = datetime.fromisoformat(str(given["at"])) if given.get("at") else datetime.now(UTC)
        at = at if at.tzinfo else at.replace(tzinfo=HERE)
        limits = deadlines.deadlines(self._office.catalogue.slas[made.sla], at, self._office.calendar)
        return {"id": given.get("id"), **self.line(made), "due": limits.due.astimezone(HERE).isoformat()}

    def line(self, made: Proposal) -> Line:
        units = self._office.territory.units
        return {
            "leaf": made.matter,
            "leaf_candidates": [c.code for c in made.candidates],
            "probabilities": [c.probability for c in made.candidates],
            "question": made.question,
            "district": self._name(made.place.district),
            "town": self._name(made.place.town),
            "community": self._name(made.place.community),
            "grid": made.place.grid,
            "lead": made.lead,
            "lead_name": units[made.lead].name if made.lead else None,
            "assist": list(made.assist),
            "urgency": made.urgency,
            "because": made.because,
            "runners_up": [{"leaf": r.matter, "lead": r.lead, "because": r.because} for r in made.runners_up],
        }

    def _name(self, code: str | None) -> str | None:
        return self._office.territory.areas[code].name if code else None
