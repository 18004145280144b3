"""What is an article of the knowledge base, and when may it be spoken?"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class State(StrEnum):
    """Where an article stands in its life."""

    DRAFT = "draft"
    UNIT_CHECK = "unit_check"
    EDITOR_CHECK = "editor_check"
    PUBLISHED = "published"
    REVIEW_DUE = "review_due"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


SPEAKABLE = {State.PUBLISHED, State.REVIEW_DUE}


@dataclass(frozen=True, slots=True)
class Article:
    """One question with its answer, in one revision."""

    id: str
    revision: int
    question: str
    phrasings: tuple[str, ...]
    spoken: str  # said to the caller, at most 30 s
    source: str  # who answers for it, as it is said ("人社局")
    written: str = ""
    leaf: str = ""  # class of matter
    valid_from: date | None = None
    valid_until: date | None = None  # the last day on which it may be spoken
    state: State = State.PUBLISHED
    needs_authority: bool = False  # may only be spoken while a department has authorised it
    authorised_until: date | None = None

    def speakable(self, today: date) -> bool:
        """Whether a caller may hear it today: published, valid, and authorised where that is needed."""
        if self.state not in SPEAKABLE or not self.spoken or not self.source:
            return False
        if self.valid_from is not None and today < self.valid_from:
            return False
        if self.valid_until is not None and today > self.valid_until:
            return False
        return not self.needs_authority or (self.authorised_until is not None and today <= self.authorised_until)

    def wordings(self) -> tuple[str, ...]:
        """The question and every phrasing of it."""
        return (self.question, *self.phrasings)
