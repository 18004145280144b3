"""Tones: written for microphones, measured where they arrive."""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LOUD = 0.3  # of full scale
WINDOW = 0.5  # s in which a tone is looked for
SHARE = 0.05  # of a window's energy within BAND of a frequency that means: this tone is there
BAND = 15.0  # Hz
SILENT = 1e-4  # mean square (full scale 1) below which a window holds nothing


def write_tone(file: Path, hz: float, seconds: float, rate: int) -> Path:
    """16-bit mono; whole periods, so that a file played in a loop does not click."""
    periods = round(seconds * hz)
    time = np.arange(round(periods / hz * rate)) / rate
    samples = (LOUD * 32767 * np.sin(2 * np.pi * hz * time)).astype(np.int16)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())
    return file


def read(file: Path) -> tuple[NDArray[np.float64], int]:
    with wave.open(str(file)) as opened:
        samples = np.frombuffer(opened.readframes(opened.getnframes()), np.int16)
        return samples / 32768.0, opened.getframerate()


def tones(samples: NDArray[np.float64], rate: float, wanted: tuple[float, ...]) -> set[float]:
    """Which of the wanted frequencies these samples hold, by their spectrum."""
    if len(samples) == 0 or np.mean(samples**2) < SILENT:
        return set()
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    at = np.fft.rfftfreq(len(samples), 1 / rate)
    return {hz for hz in wanted if power[np.abs(at - hz) <= BAND].sum() > SHARE * power.sum()}


def timeline(file: Path, wanted: tuple[float, ...]) -> list[set[float]]:
    """The tones in each WINDOW of a recording."""
    samples, rate = read(file)
    size = int(WINDOW * rate)
    return [tones(samples[n : n + size], rate, wanted) for n in range(0, len(samples) - size, size)]
