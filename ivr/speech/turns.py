"""Whose turn is it?  Advanced by seconds of audio, never by a clock, so that every case can be tested exactly."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

FRAME = 0.02  # s per frame, as Asterisk sends them


class Readiness(StrEnum):
    """What the words so far say about the turn; given by the step that listens."""

    COMPLETE = "complete"  # already complete and certain: answer at once
    OPEN = "open"  # could be complete
    UNFINISHED = "unfinished"  # plainly goes on ("我家在…")


Ready = Callable[[str], Readiness]


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a silence ends a turn, in seconds of audio.

    Pauses inside read sentences are 0.15..0.35 s, before a word is sought 0.5..1.0 s (measured on the project's own
    utterances, bench-line); people wait about 0.2 s between turns of a conversation.
    """

    complete: float = 0.28
    open: float = 0.56
    unfinished: float = 1.3
    first_look: float = 0.14  # of silence, after which the words are looked at
    onset: float = 0.08  # of sound within the last 0.12 s makes speech
    longest: float = 30.0  # of speech in one turn; then it is taken as it stands
    patience: float = 10.0  # of silence before the first word


class Happening(StrEnum):
    """What one more frame brought about."""

    NOTHING = "nothing"
    BEGAN = "began"  # the caller speaks: the robot stops
    LOOK = "look"  # a pause long enough to look at the words
    ENDED = "ended"  # the turn is over
    SILENT = "silent"  # nobody spoke for the whole patience


class Turn:
    """One turn of the caller, from listening to the end of what was said."""

    def __init__(self, timing: Timing) -> None:
        self.timing = timing
        self.heard_for = 0.0  # s of audio since listening began
        self.began: float | None = None  # s, when speech began
        self.stopped = 0.0  # s, end of the last sounding frame
        self.readiness = Readiness.OPEN
        self._recent: list[bool] = []
        self._looked = False
        self._waiting_since = 0.0
        self._over = False

    def wait(self, timing: Timing) -> None:
        """From now on silence is counted against the patience."""
        self.timing = timing
        self._waiting_since = self.heard_for

    @property
    def silence(self) -> float:
        """Seconds of audio since the last sound; since listening began when there was none."""
        return self.heard_for - self.stopped

    def limit(self) -> float:
        """The silence that ends this turn, given what the words say."""
        return {
            Readiness.COMPLETE: self.timing.complete,
            Readiness.OPEN: self.timing.open,
            Readiness.UNFINISHED: self.timing.unfinished,
        }[self.readiness]

    def frame(self, sounding: bool) -> Happening:
        """One more frame of FRAME seconds."""
        self.heard_for += FRAME
        if self._over:
            return Happening.NOTHING
        self._recent = [*self._recent[-5:], sounding]
        if self.began is None:
            if sum(self._recent) * FRAME >= self.timing.onset - 1e-9:
                self.began = max(0.0, self.heard_for - len(self._recent) * FRAME)
                self.stopped = self.heard_for
                return Happening.BEGAN
            waited = self.heard_for - self._waiting_since
            return Happening.SILENT if waited >= self.timing.patience - 1e-9 else Happening.NOTHING
        if sounding:
            self.stopped = self.heard_for
            self._looked = False
        if self.heard_for - self.began >= self.timing.longest:
            return self._end()
        if not self._looked and self.silence >= self.timing.first_look - 1e-9:
            self._looked = True
            return Happening.LOOK
        if self._looked and self.silence >= self.limit() - 1e-9:
            return self._end()
        return Happening.NOTHING

    def _end(self) -> Happening:
        self._over = True
        return Happening.ENDED

    def forget(self) -> None:
        """What sounded held no words (a door, a cough): go on as if nothing had begun; the patience keeps running."""
        self.began = None
        self._recent = []
        self._looked = self._over = False
        self.readiness = Readiness.OPEN
