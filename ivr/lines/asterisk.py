"""How does a call on Asterisk become a Line?  Frames in and out, one step of 20 ms at a time."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ivr.line import KEY_PAUSE, Destination, Heard, HungUp, Ready, open_turn
from ivr.speech.recogniser import Recogniser
from ivr.speech.sounding import Sounding
from ivr.speech.turns import FRAME, Happening, Readiness, Timing, Turn
from ivr.speech.voice import Samples, Voice

log = logging.getLogger(__name__)

SAMPLES = 160  # per frame
BLOCK = 5  # frames fed to the recogniser at once: 0.1 s
BEFORE = 15  # frames kept from before speech was noticed: 0.3 s, so that no first syllable is lost
WORDLESS = 0.5  # s of sound without a word that is still answered with "say again"; shorter is a cough or a door
WAIT_FOR_MEDIA = 3.0  # s a call may be without its audio socket before the caller counts as gone
SOCKET_RENEWED = 30.0  # s within which a lost audio socket may be replaced while something is said
SILENT_FRAME = bytes(2 * SAMPLES)


def ignore(_heard: Heard) -> None:
    """Nobody attends."""


class AsteriskLine:
    """One caller.  `frame`, `key` and `tick` are the media server's, on the event loop; the rest the dialogue's."""

    def __init__(
        self,
        recogniser: Recogniser,
        voice: Voice,
        pool: Executor,
        timing: Timing,
        *,
        speech_interrupts: bool = True,
        key_interrupts: bool = True,
    ) -> None:
        self.attend: Callable[[Heard], None] = ignore
        self.destination: Destination | None = None
        self._recogniser, self._voice, self._pool, self._timing = recogniser, voice, pool, timing
        self._speech_interrupts, self._key_interrupts = speech_interrupts, key_interrupts
        self._sounding = Sounding()
        self._send: Callable[[bytes], None] | None = None
        self._close: Callable[[], None] | None = None
        self._attached = asyncio.Event()
        self._gone = asyncio.Event()
        self._clock = 0.0  # s of the caller's audio since the call began
        self._turn = Turn(timing)
        self._turn_from = 0.0
        self._waiting = False  # a step is listening, so silence counts
        self._broken = False  # the sound was away since the caller was asked
        self._ready: Ready = open_turn
        self._recent: deque[Samples] = deque(maxlen=BEFORE)
        self._pending: list[Samples] = []
        self._happened: list[Happening] = []
        self._wake = asyncio.Event()
        self._turns: asyncio.Queue[Heard | BaseException] = asyncio.Queue()
        self._playing: Samples | None = None
        self._played = 0
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._may_interrupt = True
        self._hearing = asyncio.create_task(self._hear())
        self.stopped_at: list[tuple[float, float]] = []  # (speech began, robot stopped), s; for the metrics

    # ---------------------------------------------------------------- media server's side

    def attach(self, send: Callable[[bytes], None], close: Callable[[], None]) -> None:
        """The audio socket is there (again)."""
        self._send, self._close = send, close
        self._attached.set()

    def detach(self, send: Callable[[bytes], None]) -> None:
        """This audio socket is gone; whether the caller is, shows soon.  A newer socket stays attached."""
        if self._send == send:
            self._send = self._close = None
            self._attached.clear()
            self._broken = True

    @property
    def attached(self) -> bool:
        """Whether there is an audio socket."""
        return self._attached.is_set()

    def hang_up(self) -> None:
        """The caller is gone."""
        self._gone.set()
        self._turns.put_nowait(HungUp())
        self._quiet.set()

    def frame(self, samples: Samples) -> None:
        """20 ms from the caller."""
        self._clock += FRAME
        if self.destination is not None:
            return
        sounding = self._sounding(samples, self._playing is not None)
        self._recent.append(samples)
        happening = self._turn.frame(sounding)
        if happening is Happening.SILENT and not self._waiting:
            happening = Happening.NOTHING
        if happening is Happening.BEGAN:
            self._pending = list(self._recent)
            if self._playing is not None and self._may_interrupt and self._speech_interrupts:
                self._stop_playing()
        elif self._turn.began is not None:
            self._pending.append(samples)
        if happening is not Happening.NOTHING:
            self._happened.append(happening)
        if happening is not Happening.NOTHING or len(self._pending) >= BLOCK:
            self._wake.set()

    def key(self, digit: str) -> None:
        """The caller pressed a key."""
        if self.destination is not None:
            return
        if self._playing is not None and self._may_interrupt and self._key_interrupts:
            self._stop_playing()
        heard = Heard(key=digit, began=self._clock, stopped=self._clock, decided=self._clock)
        if self._attending(heard):
            self._turns.put_nowait(heard)

    def tick(self) -> None:
        """Send the next 20 ms; silence when there is nothing to say, so that Asterisk knows we live."""
        if self._send is None:
            return
        if self._playing is None:
            self._send(SILENT_FRAME)
            return
        part = self._playing[self._played : self._played + SAMPLES]
        self._played += SAMPLES
        self._send(part.tobytes() if len(part) == SAMPLES else part.tobytes() + bytes(2 * (SAMPLES - len(part))))
        if self._played >= len(self._playing):
            self._playing = None
            self._quiet.set()

    # ---------------------------------------------------------------- dialogue's side

    async def say(self, *sentences: str, interruptible: bool = True) -> None:
        self._raise_if_gone()
        loop = asyncio.get_running_loop()
        self._may_interrupt = interruptible
        for number, sentence in enumerate(sentences):
            if interruptible and self._caller_has_the_floor():
                return
            ready = self._voice.ready(sentence)
            sound = (
                self._voice.sound(sentence)
                if ready
                else await loop.run_in_executor(self._pool, self._voice.sound, sentence)
            )
            if interruptible and self._caller_has_the_floor():
                return
            if number == 0:
                await self._with_media()
            self._quiet.clear()
            self._playing, self._played = sound, 0
            await self._until_quiet(len(sound) / 8000 + SOCKET_RENEWED)
            self._raise_if_gone()
        if interruptible and not self._speech_interrupts:
            self._new_turn()

    async def listen(self, ready: Ready = open_turn, patience: float | None = None, keys: int = 1) -> Heard:
        self._raise_if_gone()
        self._ready = ready
        try:
            heard = await self._next_turn(patience)
            while heard.key and len(heard.key) < keys:
                further = await self._next_turn(KEY_PAUSE)
                if further.key in {"", "#"}:
                    break
                heard = replace(heard, key=heard.key + further.key)
        finally:
            self._waiting = False
            self._ready = open_turn
        return heard

    async def _next_turn(self, patience: float | None) -> Heard:
        self._wait(patience)
        got = await self._turns.get()
        if isinstance(got, BaseException):
            raise got
        return got

    async def transfer(self, to: Destination) -> None:
        self._raise_if_gone()
        self.destination = to
        self._hearing.cancel()
        if self._close is not None:
            self._close()

    def prepare(self, *sentences: str) -> None:
        for sentence in sentences:
            if not self._voice.ready(sentence):
                self._pool.submit(self._voice.sound, sentence)

    async def end(self) -> None:
        """The call is over; let go of the recogniser."""
        self._hearing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._hearing
        self._recogniser.rest()

    # ---------------------------------------------------------------- inside

    def _raise_if_gone(self) -> None:
        if self._gone.is_set():
            raise HungUp

    async def _with_media(self) -> None:
        """Wait for the socket; HungUp when it does not come."""
        try:
            async with asyncio.timeout(WAIT_FOR_MEDIA):
                await self._attached.wait()
        except TimeoutError:
            raise HungUp from None

    async def _until_quiet(self, bound: float) -> None:
        """Until it was said or interrupted; HungUp when the socket is gone for good: the caller is elsewhere."""
        try:
            async with asyncio.timeout(bound):
                await self._quiet.wait()
        except TimeoutError:
            raise HungUp from None

    def _caller_has_the_floor(self) -> bool:
        return self._speech_interrupts and (self._turn.began is not None or not self._turns.empty())

    def _stop_playing(self) -> None:
        self._playing = None
        self.stopped_at.append((self._turn_from + (self._turn.began or 0.0), self._clock))
        self._quiet.set()

    def _wait(self, patience: float | None) -> None:
        """Silence counts from now on."""
        if self._turn.began is None:
            self._broken = False
        timing = self._timing if patience is None else Timing(**{**_fields(self._timing), "patience": patience})
        self._turn.wait(timing)
        self._waiting = True

    def _new_turn(self) -> None:
        self._turn = Turn(self._timing)
        self._turn_from = self._clock
        self._pending, self._happened = [], []
        if self._waiting:
            self._turn.wait(self._timing)

    def _attending(self, heard: Heard) -> bool:
        """Show the words to whoever attends; False when that ended the step."""
        try:
            self.attend(heard)
        except Exception as found:
            self._stop_playing()
            self._turns.put_nowait(found)
            return False
        return True

    async def _hear(self) -> None:
        """Feeds the recogniser for the whole call and turns what it says into turns of the caller."""
        words = ""
        while True:
            await self._wake.wait()
            self._wake.clear()
            block, self._pending = self._pending, []
            happened, self._happened = self._happened, []
            if Happening.SILENT in happened:
                self._turns.put_nowait(Heard(silent=True, began=self._clock, stopped=self._clock, decided=self._clock))
                self._waiting = False
                continue
            try:
                if block:
                    latest = await self._recogniser.hear(np.concatenate(block))
                    words = await self._consider(words, latest)
                if Happening.LOOK in happened:
                    words = await self._consider(words, await self._recogniser.look(), always=True)
                if Happening.ENDED in happened:
                    await self._finish_turn()
                    words = ""
            except Exception as problem:
                log.exception("the recogniser failed in a call")
                self._turns.put_nowait(problem)
                return

    async def _consider(self, before: str, words: str, always: bool = False) -> str:
        """Judge new words; returns them."""
        if words and (always or words != before):
            self._attending(Heard(words=words, final=False))
            if always or len(words) > len(before) + 1:
                turn = self._turn
                turn.readiness = await self._readiness(words)
        return words

    async def _readiness(self, words: str) -> Readiness:
        """Off the event loop: a step may search the knowledge, and every caller's sound waits for the loop."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, self._ready, words)
        except Exception:
            log.exception("a step could not judge partial words")
            return Readiness.OPEN

    async def _finish_turn(self) -> None:
        turn, began = self._turn, self._turn_from
        transcript = await self._recogniser.finish()
        length = turn.stopped - (turn.began or 0.0)
        if not transcript.words and length < WORDLESS:
            turn.forget()
            return
        heard = Heard(
            words=transcript.words,
            alternatives=transcript.alternatives,
            confidences=transcript.confidences,
            broken=self._broken,
            began=began + (turn.began or 0.0),
            stopped=began + turn.stopped,
            decided=self._clock,
        )
        self._broken = False
        self._new_turn()
        if self._attending(heard):
            self._turns.put_nowait(heard)


def _fields(timing: Timing) -> dict[str, float]:
    return {name: getattr(timing, name) for name in timing.__dataclass_fields__}


def frame_of(payload: bytes) -> NDArray[np.int16]:
    """One AudioSocket payload as samples; short or odd ones are padded with silence to a whole frame."""
    samples = np.frombuffer(payload[: len(payload) // 2 * 2], "<i2").astype(np.int16)
    return samples if len(samples) == SAMPLES else np.pad(samples[:SAMPLES], (0, max(0, SAMPLES - len(samples))))
