"""How long is what a citizen said kept?  By class of data: what is due to be erased, and what of a fact may stay.

The periods are the project's proposal where the rules give none (a city sets its own): recordings and words of calls a
year, text and contact of cases three years, of reports (举报) and disputes five, counted from the end of each.  What
stays is what statistics need and what tells nothing of a person: times, states, matter, area, units, answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

YEAR = timedelta(days=365)
CALL_WORDS_KEPT = YEAR
GRAVE_KINDS = frozenset({"举报"})
GRAVE_TOPS = frozenset({"司法调解与信访边界"})  # disputes: classes of the catalogue
# Facts of a call that are nothing but words; the others lose what is not named below.
WORDS = frozenset({"said", "heard", "decided"})
TELLS_NOTHING = frozenset({
    "outcome", "cause", "to", "reason", "service", "queue", "front", "operator", "article", "revision", "status",
    "line", "ms", "case", "solved", "satisfied", "attempt",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Periods:
    """How long each class is kept after its end."""

    calls: timedelta = CALL_WORDS_KEPT
    cases: timedelta = 3 * YEAR
    grave: timedelta = 5 * YEAR

    @classmethod
    def of_days(cls, calls: int, cases: int, grave: int) -> "Periods":
        return cls(timedelta(days=calls), timedelta(days=cases), timedelta(days=grave))

    @property
    def shortest_case(self) -> timedelta:
        return min(self.cases, self.grave)


def case_due(kind: str, top: str, closed: datetime, now: datetime, periods: Periods) -> bool:
    """Whether an archived case must lose its words; `top` is the class of its matter."""
    grave = kind in GRAVE_KINDS or top in GRAVE_TOPS
    return now >= closed + (periods.grave if grave else periods.cases)


def what_stays(data: Mapping[str, Any]) -> dict[str, Any]:
    """Of a fact of a call, what tells nothing of the caller."""
    return {key: value for key, value in data.items() if key in TELLS_NOTHING}
