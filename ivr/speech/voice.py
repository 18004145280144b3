"""What sound does a sentence make?  Rendered once, kept by the hash of text and voice."""

import hashlib
import json
import logging
import shutil
import subprocess
import threading
import wave
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

log = logging.getLogger(__name__)

RATE = 8000  # Hz, the telephone's
PEAK = 0.55  # of full scale; speech at about -20 dBFS RMS, as trunks expect
QUIET = 200  # of 32767; below it a rendered edge counts as silence
EDGE = 0.03  # s of silence kept at both edges, so that no consonant is clipped
BOUND = 60.0  # s one sentence may take to render

Samples = NDArray[np.int16]


class Engine(Protocol):
    """Something that reads a sentence aloud."""

    @property
    def name(self) -> str:
        """Distinguishes this voice from others in the cache."""
        ...

    def read(self, text: str) -> tuple[NDArray[np.float32], int]:
        """Samples (-1..1) and their rate in Hz.  RuntimeError when it cannot."""


def floats(pcm: bytes) -> NDArray[np.float32]:
    """Raw 16-bit samples as -1..1; an odd last byte is dropped."""
    samples: NDArray[np.float32] = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32)
    return samples / np.float32(32768)


def wav_samples(file: Path) -> tuple[NDArray[np.float32], int]:
    """A 16-bit PCM WAV as mono floats and its rate in Hz.  ValueError for anything else."""
    with wave.open(str(file)) as w:
        if w.getsampwidth() != 2:
            raise ValueError(f"{file.name}: not 16-bit PCM")
        return floats(w.readframes(w.getnframes())).reshape(-1, w.getnchannels()).mean(axis=1), w.getframerate()


@dataclass(frozen=True, slots=True)
class Espeak:
    """espeak-ng reading numbered pinyin: intelligible, not beautiful, always there."""

    variant: str = "f2"
    speed: int = 165  # words a minute in espeak's sense; 165 is about 4.3 syllables a second

    @property
    def name(self) -> str:
        return f"espeak-{self.variant}-{self.speed}"

    def read(self, text: str) -> tuple[NDArray[np.float32], int]:
        from ivr.speech.spelling import pinyin  # a second of reading, which a kept sentence needs not

        command = ["espeak-ng", "-v", f"cmn-latn-pinyin+{self.variant}", "-s", str(self.speed), "--stdout", "--stdin"]
        done = subprocess.run(command, input=pinyin(text).encode(), capture_output=True, timeout=BOUND, check=False)
        if done.returncode or len(done.stdout) < 44:
            raise RuntimeError(f"espeak-ng failed with {done.returncode}")
        return floats(done.stdout[44:]), 22050


@dataclass(frozen=True, slots=True)
class Piper:
    """A Piper voice (an .onnx file with its .onnx.json), where a city has installed one."""

    model: Path
    rate: int

    @property
    def name(self) -> str:
        return f"piper-{self.model.stem}"

    def read(self, text: str) -> tuple[NDArray[np.float32], int]:
        from ivr.speech.spelling import spoken  # as above

        done = subprocess.run(
            ["piper", "--model", str(self.model), "--output_raw"],
            input=spoken(text).encode(),
            capture_output=True,
            timeout=BOUND,
            check=False,
        )
        if done.returncode or not done.stdout:
            raise RuntimeError(f"piper failed with {done.returncode}")
        return floats(done.stdout), self.rate


def telephone_sound(samples: NDArray[np.float32], rate: int) -> Samples:
    """8 kHz, 16 bit, levelled, with the silence at both edges cut to EDGE seconds."""
    heard = soxr.resample(samples, rate, RATE) if rate != RATE else samples
    peak = float(np.abs(heard).max()) if len(heard) else 0.0
    if peak > 0:
        heard = heard * (PEAK / peak)
    out: Samples = np.clip(np.rint(heard * 32767), -32768, 32767).astype(np.int16)
    loud = np.flatnonzero(np.abs(out) > QUIET)
    if not len(loud):
        return out
    edge = int(EDGE * RATE)
    return out[max(0, loud[0] - edge) : loud[-1] + edge]


def telephone_sound_level(samples: NDArray[np.float32], rate: int) -> Samples:
    """8 kHz, 16 bit, otherwise as recorded."""
    heard = soxr.resample(samples, rate, RATE) if rate != RATE else samples
    out: Samples = np.clip(np.rint(heard * 32767), -32768, 32767).astype(np.int16)
    return out


class Voice:
    """Sentence -> samples.  A recording with the sentence's key wins, then the cache, then the engine."""

    def __init__(
        self,
        cache: Path,
        engine: Engine | None = None,
        recordings: Path | None = None,
        keys: Mapping[str, str] | None = None,
    ) -> None:
        """keys: sentence -> its key in wording.toml, the name of its recording."""
        self._keys = keys or {}
        self.engine: Engine = engine or Espeak()
        self._cache = cache
        self._recordings = recordings
        self._held: dict[str, Samples] = {}
        self._lock = threading.Lock()
        cache.mkdir(parents=True, exist_ok=True)

    def sound(self, text: str) -> Samples:
        """int16 samples at 8 kHz.  RuntimeError when it cannot be rendered; safe from any thread."""
        held = self._held.get(text)
        if held is not None:
            return held
        key = self._keys.get(text)
        recording = self._recordings / f"{key}.wav" if self._recordings and key else None
        samples = (
            telephone_sound(*wav_samples(recording))
            if recording is not None and recording.exists()
            else self._kept(text)
        )
        with self._lock:
            if len(self._held) > 4000:  # about 250 MB of speech; the disk still has it
                self._held.clear()
            self._held[text] = samples
        return samples

    def ready(self, text: str) -> bool:
        """Whether sound() would answer at once."""
        return text in self._held

    def _kept(self, text: str) -> Samples:
        file = self._cache / (hashlib.sha256(f"{self.engine.name}|{text}".encode()).hexdigest()[:32] + ".pcm")
        if file.exists():
            return np.fromfile(file, "<i2")
        samples = telephone_sound(*self.engine.read(text))
        try:
            part = file.with_suffix(f".{threading.get_ident()}.part")
            part.write_bytes(samples.tobytes())
            part.replace(file)
        except OSError:  # a full disk costs the cache, never the sentence
            log.warning("a rendered sentence could not be kept")
        return samples

    def prepare(self, sentences: Iterable[str], workers: int = 2) -> int:
        """Render what is not there yet; returns how many sentences are ready."""
        with ThreadPoolExecutor(workers) as pool:
            return sum(1 for _ in pool.map(self.sound, sentences))


def choose_engine(piper_voice: Path | None) -> Engine:
    """Piper where it is installed with a voice, else espeak-ng.  RuntimeError when neither is there."""
    if piper_voice is not None and shutil.which("piper"):
        described = json.loads(Path(f"{piper_voice}.json").read_text(encoding="utf-8"))
        return Piper(piper_voice, int(described["audio"]["sample_rate"]))
    if shutil.which("espeak-ng") is None:
        raise RuntimeError("no voice: install espeak-ng (apt-get install espeak-ng)")
    return Espeak()


def write_wav(file: Path, samples: Samples) -> None:
    """16-bit mono WAV at 8 kHz, the one form Asterisk plays without ado."""
    with wave.open(str(file), "wb") as w:
        w.setnchannels(1)
        w.setsampwidth(2)
        w.setframerate(RATE)
        w.writeframes(samples.tobytes())
