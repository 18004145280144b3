"""What is a telephone line to the dialogue?  Four verbs, and the values they carry."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from ivr.speech.turns import Readiness


class HungUp(Exception):
    """The caller is gone.  Nobody tests for it: it ends the dialogue wherever it stands."""


class WantsPerson(Exception):
    """The caller asked for a person, by word or by key 0."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One turn of the caller: words, or keys, or silence; times in seconds of audio since the call began.

    alternatives: what else may have been said, best first, the first one being the words.  confidences: how sure the
    recogniser is of each, 0..1; empty when nobody said.
    """

    words: str = ""
    alternatives: tuple[str, ...] = ()
    confidences: tuple[float, ...] = ()
    key: str = ""
    silent: bool = False
    broken: bool = False  # the sound was away for a moment, so words may be missing
    final: bool = True
    began: float = 0.0
    stopped: float = 0.0
    decided: float = 0.0  # when the turn was taken as ended

    @property
    def others(self) -> tuple[str, ...]:
        """What else may have been said."""
        return self.alternatives[1:]


class To(StrEnum):
    """Where a call goes when the robot lets go of it."""

    QUEUE = "queue"
    EMERGENCY = "emergency"
    BYE = "bye"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to, and what the dialplan must know for it."""

    to: To
    reason: str = ""
    service: str = "110"  # digits; which emergency service
    front: bool = False  # before everybody who waits
    told: bool = True  # the caller has been told already
    transcript: str = field(default="", repr=False)


def open_turn(_words: str) -> Readiness:
    """Nothing is known about how this turn ends."""
    return Readiness.OPEN


KEY_PAUSE = 4.0  # s without a further key that end a number being keyed

Ready = Callable[[str], Readiness]
Attend = Callable[[Heard], None]


class Line(Protocol):
    """What a step of the dialogue may do with a call."""

    attend: Attend
    """Called with every partial result and every key, whatever the step is doing; what it raises ends the step."""

    async def say(self, *sentences: str, interruptible: bool = True) -> None:
        """Speak; returns when done or when the caller interrupts.  HungUp when the caller is gone."""
        ...

    async def listen(self, ready: Ready = open_turn, patience: float | None = None, keys: int = 1) -> Heard:
        """The caller's next turn; `silent` after patience seconds without a word.  HungUp when the caller is gone.

        `keys`: how many keys make a turn; fewer when # ends the number or KEY_PAUSE passes.
        """
        ...

    async def transfer(self, to: Destination) -> None:
        """Let go of the call.  Nothing may be said afterwards."""
        ...

    def prepare(self, *sentences: str) -> None:
        """These sentences may be said soon: have their sound ready."""
        ...
