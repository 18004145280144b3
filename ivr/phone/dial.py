"""What does a citizen live through who dials 12345?  One call, spoken, recorded and measured at the caller's ear."""

import contextlib
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from ivr.phone.softphone import Call, PutDown, Softphone, softphone
from ivr.phone.timing import Stretch, Turn, stretches, turns
from ivr.speech.voice import Samples, Voice, telephone_sound, wav_samples, write_wav

SPEAKING = 1  # of 255, pjsua's level; above it somebody speaks, a silent line lies at 0
ANSWER_WITHIN = 8.0  # s to be answered at all
ROBOT_WITHIN = 15.0  # s to hear anything after an utterance
LISTENS_AFTER = 0.7  # s of silence that mean the robot listens
LONGEST_PROMPT = 60.0  # s
RUNG_WITHIN = 120.0  # s a citizen waits to be rung
LAST_ANSWER = 25.0  # s; whoever talks longer after the last utterance is no robot


@dataclass(frozen=True, slots=True)
class Say:
    """One thing the citizen does when the robot listens: speak, or press keys."""

    text: str
    file: Path | None = None
    keys: str = ""
    interrupts_after: float | None = None  # s into the robot's speech, instead of waiting for its end


@dataclass
class Lived:
    """What the citizen lived through; times in s since there was sound."""

    answered: bool = False
    hung_up_by_line: bool = False
    code: int = 0
    spoken: list[Stretch] = field(default_factory=list)
    measured: list[Turn] = field(default_factory=list)
    stopped_after: list[float] = field(default_factory=list)  # s the robot took to stop when interrupted
    heard: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    said: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    digits: str = ""
    sound_began: datetime | None = None  # when the recordings began, by this machine's clock

    def turns(self) -> list[dict[str, Any]]:
        return [
            {
                "stopped_s": round(t.stopped, 3),
                "answer_began_s": None if t.answer_began is None else round(t.answer_began, 3),
                "latency_ms": None if t.latency is None else round(t.latency * 1000),
                "cut_in": t.cut_in,
            }
            for t in self.measured
        ]


def some_number() -> str:
    """A caller's number out of a range nobody has (138 0013 xxxx is the carriers' example)."""
    return f"1380013{random.SystemRandom().randrange(10000):04d}"


def pcm(file: Path) -> Samples:
    return (np.clip(wav_samples(file)[0], -1, 1) * 32767).astype(np.int16)


def sound_of(step: Say, voice: Voice, folder: Path, number: int) -> Path:
    """The step as a file pjsua can play: 8 kHz, 16 bit, mono; keys make no file of their own."""
    if step.keys:
        return folder
    samples = telephone_sound(*wav_samples(step.file)) if step.file is not None else voice.sound(step.text)
    file = folder / f"say-{number}.wav"
    write_wav(file, samples)
    return file


class Ear:
    """Watches the level of the other side while the telephone lives."""

    def __init__(self, phone: Softphone, call: Call) -> None:
        self._phone, self._call = phone, call
        self._loud_at = 0.0

    def _speaking(self) -> bool:
        if self._call.level() > SPEAKING:
            self._loud_at = time.monotonic()
            return True
        return False

    def until_speaks(self, bound: float) -> bool:
        return self._phone.pump(bound, lambda: self._speaking() or self._call.done) and not self._call.done

    def until_listens(self, bound: float) -> bool:
        """Until it has been quiet for LISTENS_AFTER; False when the line hung up."""

        def quiet() -> bool:
            return not self._speaking() and time.monotonic() - self._loud_at > LISTENS_AFTER

        self._phone.pump(bound, lambda: quiet() or self._call.done)
        return not self._call.done


def live_through(
    uri: str | None,
    steps: Sequence[Say],
    voice: Voice,
    *,
    number: str = "",
    port: int = 0,
    stay: float = 2.0,
    keep: Path | None = None,
    at: float = 0.0,
    tell: Callable[[str], None] = lambda _what: None,
    put_down: Callable[[], bool] = lambda: False,
) -> Lived:
    """Dial, take each step when the robot listens, stay a little, hang up; or hang up as soon as `put_down` says so.

    It rings at the moment `at` (s since 1970), or at once when that is past.  Without a `uri` the telephone on `port`
    waits until it is rung, and the citizen picks up.

    `stay` is how long the caller stays after the last answer (s); `keep` receives heard.wav and said.wav; `tell` hears
    what happens while it happens.
    """
    lived = Lived()
    with tempfile.TemporaryDirectory(prefix="dial-") as folder:
        heard, said = Path(folder) / "heard.wav", Path(folder) / "said.wav"
        files = [sound_of(step, voice, Path(folder), n) for n, step in enumerate(steps)]
        with softphone(number or some_number(), port=port) as phone:
            phone.put_down = put_down
            with contextlib.suppress(PutDown):
                if uri is None:
                    _until_rung(phone, tell)
                    phone.calls[0].record(heard, said)  # before it is taken: sound comes at once
                    phone.calls[0].take()
                else:
                    phone.pump(at - time.time())
                    phone.dial(uri).record(heard, said)
                _live(phone, steps, files, stay, lived, tell)
            _put_down(phone, lived)
        if heard.exists() and said.exists():
            with contextlib.suppress(EOFError):
                lived.heard, lived.said = pcm(heard), pcm(said)
        if keep is not None:
            keep.mkdir(parents=True, exist_ok=True)
            write_wav(keep / "heard.wav", lived.heard)
            write_wav(keep / "said.wav", lived.said)
    lived.measured = turns(lived.said, lived.heard, lived.spoken)
    return lived


def _until_rung(phone: Softphone, tell: Callable[[str], None]) -> None:
    """PutDown when nobody rings within RUNG_WITHIN."""
    tell("the telephone is free")
    if not phone.pump(RUNG_WITHIN, lambda: phone.calls):
        raise PutDown
    tell("the telephone rings")


def _live(
    phone: Softphone,
    steps: Sequence[Say],
    files: Sequence[Path],
    stay: float,
    lived: Lived,
    tell: Callable[[str], None],
) -> None:
    """From the first sound to the moment the citizen has had enough."""
    call = phone.calls[0]
    lived.answered = phone.pump(ANSWER_WITHIN, lambda: call.has_sound or call.done) and not call.done
    if not lived.answered:
        return
    lived.sound_began = datetime.now(UTC)
    tell("answered")
    _converse(phone, call, steps, files, lived, tell)
    if not call.done and stay:
        tell("staying")
        phone.pump(stay, lambda: call.done)


def _put_down(phone: Softphone, lived: Lived) -> None:
    """Hang up, if the line has not, and keep how it ended."""
    phone.put_down = lambda: False
    for call in phone.calls[:1]:
        lived.hung_up_by_line = call.done and lived.answered
        call.bye()
        phone.pump(3, lambda: call.done)  # noqa: B023 - done before the loop goes on
        lived.code, lived.digits = call.code, call.digits
    phone.pump(0.3)


def _converse(
    phone: Softphone,
    call: Call,
    steps: Sequence[Say],
    files: Sequence[Path],
    lived: Lived,
    tell: Callable[[str], None],
) -> None:
    ear = Ear(phone, call)
    began = time.monotonic()
    for step, file in zip(steps, files, strict=True):
        if not ear.until_speaks(ROBOT_WITHIN):
            return
        tell("the robot speaks")
        if step.interrupts_after is not None:
            phone.pump(step.interrupts_after)
        elif not ear.until_listens(LONGEST_PROMPT):
            return
        tell("the citizen acts")
        if step.keys:
            call.press(step.keys)
            continue
        at = time.monotonic() - began
        length = len(pcm(file)) / 8000
        call.play(file)
        phone.pump(length, lambda: call.done)
        lived.spoken.append(Stretch(at, at + length))
    if ear.until_speaks(ROBOT_WITHIN):
        tell("the robot answers")
        ear.until_listens(LAST_ANSWER)


def barge_in(lived: Lived) -> list[float]:
    """For each utterance spoken over the robot: s until the robot was quiet."""
    theirs, mine = stretches(lived.heard, 0.25), stretches(lived.said, 0.4)
    return [t.ended - m.began for m in mine for t in theirs if t.began < m.began < t.ended]
