"""How does a case stand, for the citizen who asks?  Who has it, until when, what was answered; pure."""

from dataclasses import dataclass
from datetime import datetime

from routing.cases import FINISHED, UNIT_CLOCK, State


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be said about a case on the telephone.

    `own`: the call comes from the contact's own number, so the reply may be read out; by case number alone only the
    state may.
    """

    number: str
    matter: str  # in the hotline's words
    state: State
    opened: datetime
    unit: str  # name of the lead unit, "" when nobody leads it
    due: datetime | None
    reply: str
    own: bool

    @property
    def running(self) -> bool:
        return self.state not in {*FINISHED, State.ARCHIVED}

    def overdue(self, now: datetime) -> bool:
        return self.state in UNIT_CLOCK and self.due is not None and self.due < now
