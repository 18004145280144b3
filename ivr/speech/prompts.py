"""What does Asterisk itself say while a caller waits?  Rendered into its sounds folder before it starts."""

from pathlib import Path

import numpy as np

from ivr.settings import Settings
from ivr.speech.voice import RATE, Samples, Voice, choose_engine, write_wav
from ivr.speech.wording import Wording

NUMBERS = {str(n): n for n in range(100)}
SERVICES = ("110", "119", "120", "122")
LARGE = {"hundred": "百", "thousand": "千", "minus": "负"}


def render(settings: Settings, folder: Path) -> int:
    """Write every prompt Asterisk plays as a WAV below `folder`; returns how many there are.  Existing ones stay."""
    voice = Voice(settings.voices, choose_engine(settings.piper_voice), settings.recordings)
    sentences = Wording(settings.wording).for_asterisk()
    sentences |= {f"digits/{name}": name for name in NUMBERS} | {f"digits/{name}": word for name, word in LARGE.items()}
    wanted = {folder / f"{name}.wav": text for name, text in sentences.items()}
    voice.prepare(wanted.values())
    for file, text in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        write_wav(file, voice.sound(text))
    return len(wanted)


def announcements(settings: Settings, folder: Path) -> None:
    """What is heard while something rings: one folder per music class of musiconhold.conf."""
    voice = Voice(settings.voices, choose_engine(settings.piper_voice), settings.recordings)
    wording = Wording(settings.wording)
    waiting_music(folder / "waiting" / "waiting.wav")
    for service in SERVICES:
        said = voice.sound(wording.say("emergency", service=wording[f"service {service}"]))
        file = folder / f"emergency-{service}" / "announcement.wav"
        file.parent.mkdir(parents=True, exist_ok=True)
        write_wav(file, np.concatenate([said, np.zeros(RATE, np.int16)]))


def waiting_music(file: Path, minutes: float = 1.0) -> None:
    """A soft tone every few seconds, of our own making: somebody who waits must hear that the line lives."""
    seconds = int(minutes * 60)
    t = np.arange(seconds * RATE) / RATE
    beat = (t % 4.0) < 0.35
    envelope = np.where(beat, np.sin(np.pi * (t % 4.0) / 0.35), 0.0).clip(0)
    tone = envelope * (np.sin(2 * np.pi * 440 * t) + 0.5 * np.sin(2 * np.pi * 660 * t))
    samples: Samples = (tone * 2500).astype(np.int16)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_wav(file, samples)
