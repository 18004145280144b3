"""What was said?  Vosk, streaming, off the event loop; the only module that knows it."""

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import soxr
import vosk
from numpy.typing import NDArray

from ivr.speech.readings import ASKED, READINGS, Reading, heard, joined, shares, together

log = logging.getLogger(__name__)

TELEPHONE = 8000  # Hz
T = TypeVar("T")
WARMED = 20  # recognisers that are warm before the first callers, each for about 0.1 s of a processor
RESTED = 64  # recognisers kept for the next callers, of some 6 to 8 MB each
LOOK_AHEAD = 0.45  # s; the network looks that far ahead, so silence of this length brings out the last words
NEEDED = ("am/final.mdl", "conf/model.conf", "graph/words.txt")
NEEDED_OLD = ("final.mdl", "mfcc.conf")  # the flat layout of some older official models


class BadModel(ValueError):
    """The model folder is missing something; the message names it."""


def check_model(folder: Path) -> int:
    """The sample rate (Hz) a Vosk model folder was made for.  BadModel says what is wrong, before the first call."""
    if not folder.is_dir():
        raise BadModel(f"no speech model at {folder}: name a Vosk model folder in VOSK_MODEL")
    new, old = folder / "conf/mfcc.conf", folder / "mfcc.conf"
    if not new.exists() and not old.exists():
        raise BadModel(f"{folder} is no Vosk model: conf/mfcc.conf is missing")
    needed = NEEDED if new.exists() else NEEDED_OLD
    for part in needed:
        if not (folder / part).exists() or (folder / part).stat().st_size == 0:
            raise BadModel(f"the speech model {folder} is damaged: {part} is missing or empty")
    if new.exists() and not any((folder / "graph" / graph).exists() for graph in ("HCLG.fst", "HCLr.fst")):
        raise BadModel(f"the speech model {folder} is damaged: neither graph/HCLG.fst nor graph/HCLr.fst is there")
    for line in (new if new.exists() else old).read_text().splitlines():
        name, _, value = line.partition("=")
        if name.strip() == "--sample-frequency":
            return int(float(value))
    return 16000  # Kaldi's default


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words without spaces; alternatives best first, the first one being the words; `spoken` the words word by word.

    confidences: the share of each alternative, 0..1, in all that may have been said; together at most one.  No
    probability of being right: what was said may be among none of them.
    """

    words: str
    alternatives: tuple[str, ...] = ()
    spoken: tuple[str, ...] = ()
    confidences: tuple[float, ...] = ()


NOTHING = Transcript("")
SILENCE = Reading((), 0.0)  # what a turn begins with


def transcript(readings: Sequence[Reading]) -> Transcript:
    """The likeliest reading and at most READINGS in all.  When the likeliest has no words, nothing was said."""
    if not readings or not readings[0].words:
        return NOTHING
    said = [(one, sure) for one, sure in zip(readings, shares(readings), strict=True) if one.words][:READINGS]
    return Transcript(
        readings[0].words,
        tuple(one.words for one, _ in said),
        readings[0].spoken,
        tuple(round(sure, 4) for _, sure in said),
    )


class Ears:
    """One loaded model and the threads that run it, shared by all callers."""

    def __init__(self, folder: Path, threads: int = 2) -> None:
        """BadModel when the folder is not a model that loads."""
        self.rate = check_model(folder)
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(folder))
        except Exception as problem:
            raise BadModel(f"the speech model {folder} does not load") from problem
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="ears")
        self._rested: list[vosk.KaldiRecognizer] = []

    def listen(self) -> "Recogniser":
        """A recogniser for one caller; give it back with `rest`, warm ones are a third quicker.

        Vosk composes the search graph while it searches, and each of its recognisers keeps what it has composed.
        """
        kaldi = self._rested.pop() if self._rested else self._fresh()
        return Recogniser(kaldi, self.rate, self._pool, self._rested)

    def _fresh(self) -> "vosk.KaldiRecognizer":
        kaldi = vosk.KaldiRecognizer(self._model, float(self.rate))
        kaldi.SetMaxAlternatives(ASKED)
        return kaldi

    def warm(self, sound: NDArray[np.int16]) -> None:
        """Let WARMED recognisers listen to some speech: each asks for the next, so no caller waits for all."""

        def one(left: int) -> None:
            fresh = Recogniser(self._fresh(), self.rate, self._pool, self._rested)
            for start in range(0, len(sound), 800):
                fresh._hear(sound[start : start + 800])
            fresh._rest()
            if left > 1:
                with contextlib.suppress(RuntimeError):  # the ears are closed meanwhile
                    self._pool.submit(one, left - 1)

        self._pool.submit(one, WARMED)

    def whole(self, samples: NDArray[np.int16]) -> Transcript:
        """A whole recording at 8 kHz, fed as a call would be."""
        recogniser = self.listen()
        for start in range(0, len(samples), 800):
            recogniser._hear(samples[start : start + 800])
        recogniser._hear(recogniser._silence)
        transcript = recogniser._finish()
        recogniser._rest()
        return transcript

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


class Recogniser:
    """One caller's stream.  Calls must not overlap: each is awaited before the next."""

    def __init__(
        self,
        kaldi: "vosk.KaldiRecognizer",
        rate: int,
        pool: ThreadPoolExecutor,
        rested: list["vosk.KaldiRecognizer"],
    ) -> None:
        """`rested` takes Vosk's recogniser back."""
        self._kaldi = kaldi
        self._pool, self._rested = pool, rested
        self._one_at_a_time = threading.Lock()  # a call may end while its last sound is still searched
        self._over = self._failed = False
        self._up = soxr.ResampleStream(TELEPHONE, rate, 1, dtype="int16") if rate != TELEPHONE else None
        self._readings = [SILENCE]  # of the segments Vosk itself has closed within this turn
        self._silence = np.zeros(int(LOOK_AHEAD * TELEPHONE), np.int16)

    async def hear(self, samples: NDArray[np.int16]) -> str:
        """Feed 8 kHz samples; the words of the turn so far."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hear, samples)

    async def look(self) -> str:
        """The words so far including the very last: silence is fed until the network's look-ahead is filled.

        The stream may go on afterwards; the recogniser has then merely heard a longer pause.
        """
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._hear, self._silence)

    async def finish(self) -> Transcript:
        """Everything of this turn; the recogniser is then ready for the next one."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._finish)

    def rest(self) -> None:
        """The call is over.  Nothing of it is left in the recogniser when another call gets it."""
        with contextlib.suppress(RuntimeError):  # the ears are closed, and nobody rings any more
            self._pool.submit(self._rest)

    def _rest(self) -> None:
        with self._one_at_a_time:
            if self._over:
                return
            self._over = True
            self._kaldi.FinalResult()  # drops what was heard, and lets Vosk begin anew with the next sound
            if not self._failed and len(self._rested) < RESTED:
                self._rested.append(self._kaldi)

    def _hear(self, samples: NDArray[np.int16]) -> str:
        with self._one_at_a_time:
            return "" if self._over else self._kept(lambda: self._search(samples))

    def _kept(self, act: Callable[[], T]) -> T:
        """What failed once is given to no other caller."""
        try:
            return act()
        except Exception:
            self._failed = True
            raise

    def _search(self, samples: NDArray[np.int16]) -> str:
        if self._up is not None:
            samples = self._up.resample_chunk(samples)
        if self._kaldi.AcceptWaveform(samples.tobytes()):
            self._close(json.loads(self._kaldi.Result()))
        partial = joined(json.loads(self._kaldi.PartialResult()).get("partial", ""))
        return self._readings[0].words + partial

    def _close(self, result: dict[str, object]) -> None:
        self._readings = together(self._readings, heard(result))

    def _finish(self) -> Transcript:
        with self._one_at_a_time:
            return NOTHING if self._over else self._kept(self._conclude)

    def _conclude(self) -> Transcript:
        self._close(json.loads(self._kaldi.FinalResult()))
        readings, self._readings = self._readings, [SILENCE]
        if self._up is not None:
            self._up.clear()
        return transcript(readings)
