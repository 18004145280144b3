"""What is an article of the knowledge base, and when may it be spoken?"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# s; espeak-ng at 165, least squares over 35 sample answers, never more than 1.7 s off (2026-11)
SYLLABLE = 0.28
PAUSE = 0.235
LONGEST = 30.0  # s a caller is made to listen to one answer

_SYLLABLES = re.compile(r"[\u4e00-\u9fff0-9A-Za-z]")
_PAUSES = re.compile(r"[，。？！；：、（）,.?!;:()]")


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
    authorised_by: str = ""  # who signed
    authorised_document: str = ""  # number of the letter
    authorised_scope: str = ""
    authorised_wording: str = ""  # the exact sentence permitted; nothing else may be said
    owner: str = ""  # code of the unit that answers for it
    review: date | None = None  # the owner looks again by then
    materials: str = ""
    place: str = ""
    hours: str = ""
    fee: str = ""
    law: str = ""
    tags: tuple[str, ...] = ()
    audience: str = ""
    origin: str = ""  # where the text was taken from, and on what terms
    related: tuple[str, ...] = ()  # ids

    def speakable(self, today: date) -> bool:
        """Whether a caller may hear it today: published, valid, and authorised where that is needed."""
        if self.state not in SPEAKABLE or not self.spoken or not self.source:
            return False
        if self.valid_from is not None and today < self.valid_from:
            return False
        if self.valid_until is not None and today > self.valid_until:
            return False
        return self.authorised(today)

    def authorised(self, today: date) -> bool:
        """Whether no department stands in the way: none is needed, or it has agreed to these very words until today."""
        if not self.needs_authority:
            return True
        if self.authorised_until is None or today > self.authorised_until:
            return False
        return not self.authorised_wording or self.authorised_wording == self.spoken

    def wordings(self) -> tuple[str, ...]:
        """The question and every phrasing of it."""
        return (self.question, *self.phrasings)


def seconds(spoken: str) -> float:
    """About how long it takes to say; the line's own voice knows exactly."""
    return round(SYLLABLE * len(_SYLLABLES.findall(spoken)) + PAUSE * len(_PAUSES.findall(spoken)), 1)
