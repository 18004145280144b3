"""What does it help that the recogniser says how else a caller may have been understood?

`python -m tests.bench.readings [--questions N]`: the sample's written questions are read aloud by espeak-ng, in a voice
and at a speed chosen by the question (half of the voices are unknown to the shipped model), as G.711 A-law, clean and
with coloured noise 20 and 10 dB below the voice, and heard by Vosk as a call is.  Each is looked up by the likeliest
reading alone, by all readings with how sure the recogniser is of each, and by all without that.  The numbers of the
lookup are learned as the shipped ones are, from the written questions, clean and misheard (routing/training/noise.py),
and those of other hands, of other articles (FOLDS folds).  Printed: how often the first reading is exactly what was
said, how often any is; per way the first article right and answered rightly, of the questions that have an article,
and wrong answers, of all; how many were answered or asked back rightly.
"""

import argparse
import json
import random
import zlib
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ivr.settings import SHIPPED_MODEL
from ivr.speech.recogniser import Ears, Transcript
from ivr.speech.voice import Espeak, telephone_sound
from kb import store
from kb.__main__ import questions
from kb.answer import Answer, Clarify, choose
from kb.index import Hit, Index
from kb.ranking import Ranking
from kb.text import normalise
from kb.training import Question, cross_validated
from routing.training.noise import Channel

FOLDS = 5
RATES = (0.1, 0.2, 0.3)  # share of characters misheard in what the lookup's numbers are learned from
KNOWN = ("m1", "m3", "f2", "f5", "max", "adam", "steph", "Annie")  # voices the shipped model was trained with
UNKNOWN = ("f4", "m7", "Andy", "linda", "quincy", "Mike", "sandro", "anika", "Jacky", "robert")
SPEEDS = (130, 150, 165, 180)  # words a minute in espeak's sense
EDGE = np.zeros(1600, np.float32)  # 0.2 s before and after
Sound = NDArray[np.float32]


def coloured(dice: np.random.Generator, length: int, power: float) -> Sound:
    """Noise of one standard deviation whose power falls with frequency: 0 white, 1 pink."""
    spectrum = np.fft.rfft(dice.standard_normal(length))
    noise = np.fft.irfft(spectrum / np.maximum(np.arange(len(spectrum)) * 8000 / length, 20) ** (power / 2), length)
    return np.asarray(noise / noise.std(), np.float32)


def a_law(sound: Sound) -> NDArray[np.int16]:
    """As G.711 leaves it: the continuous law, in 255 steps."""
    a = 87.6
    x = np.clip(np.abs(sound) / 32768, 0, 1)
    y = np.where(x < 1 / a, a * x, 1 + np.log(np.maximum(a * x, 1))) / (1 + np.log(a))
    y = np.rint(y * 127) / 127 * (1 + np.log(a))
    back = np.where(y < 1, y / a, np.exp(y - 1) / a)
    return np.asarray(np.sign(sound) * back * 32767, np.int16)


def said(text: str, below: int | None) -> NDArray[np.int16]:
    """The question at 8 kHz; below: dB of the noise under the louder half of the voice, none when clean."""
    chosen = zlib.crc32(text.encode())
    voices = KNOWN if chosen % 2 == 0 else UNKNOWN
    voice = Espeak(voices[chosen // 2 % len(voices)], SPEEDS[chosen // 64 % len(SPEEDS)])
    sound = np.concatenate([EDGE, 0.6 * telephone_sound(*voice.read(text)).astype(np.float32), EDGE])
    if below is not None:
        frames = np.sort((sound[: len(sound) // 160 * 160].reshape(-1, 160) ** 2).mean(axis=1))
        level = float(np.sqrt(frames[len(frames) // 2 :].mean())) * 10 ** (-below / 20)
        sound = sound + level * coloured(np.random.default_rng(chosen), len(sound), (0, 1, 1.5)[chosen % 3])
    return a_law(sound)


def learned(index: Index, asked: Sequence[Question]) -> dict[str, Ranking]:
    """Per question the numbers learned from the questions of other articles, and from those of other hands."""
    channel, dice = Channel(q.text for q in asked), random.Random(3)
    every = [*asked, *(Question(channel.corrupt(q.text, r, dice), q.article, q.text) for r in RATES for q in asked)]
    every += questions(store.SAMPLE.with_name(f"{name}.jsonl") for name in ("near_misses", "asked_otherwise"))
    return {q.said: numbers for q, numbers in cross_validated(index, every, FOLDS)}


def counted(hits: Sequence[Hit], right: str | None, numbers: Ranking) -> list[str]:
    """What came of one question."""
    first = ["first"] if hits and right is not None and hits[0].article.id == right else []
    match choose(hits, numbers):
        case Answer(article):
            return [*first, "answered" if article == right else "wrong"]
        case Clarify(choices) if right in {choice.article for choice in choices}:
            return [*first, "asked back"]
    return first


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.readings", description=__doc__)
    parser.add_argument("--questions", type=int, help="only so many, for a quick look")
    chosen = parser.parse_args()
    rows = [json.loads(r) for r in (store.SAMPLE.parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
    asked = [Question(row["text"], row["article"], row["text"]) for row in rows]
    index = Index.build(store.sample(date.today()))
    numbers = learned(index, asked)
    random.Random(5).shuffle(asked)
    asked = asked[: chosen.questions]
    known = sum(q.article is not None for q in asked)
    print(f"{len(asked)} questions, {known} of them with an article")
    ears = Ears(SHIPPED_MODEL, 1)
    for below in (None, 20, 10):

        def hear(question: Question, below: int | None = below) -> Transcript:
            return ears.whole(said(question.text, below))

        with ThreadPoolExecutor(2) as pool:
            heard = list(pool.map(hear, asked))
        counts: dict[str, Counter[str]] = {"one": Counter(), "three": Counter(), "three, unweighed": Counter()}
        exact = Counter(
            name
            for question, told in zip(asked, heard, strict=True)
            for name, readings in (("first", told.alternatives[:1]), ("any", told.alternatives))
            if normalise(question.text) in {normalise(reading) for reading in readings}
        )
        for question, told in zip(asked, heard, strict=True):
            own, others = index.with_ranking(numbers[question.said]), told.alternatives[1:]
            for name, hits in (
                ("one", own.search(told.words)),
                ("three", own.search(told.words, others, told.confidences)),
                ("three, unweighed", own.search(told.words, others)),
            ):
                counts[name].update(counted(hits, question.article, numbers[question.said]))
        print(f"\n{'clean' if below is None else f'{below} dB'}: said exactly so: {dict(exact)}")
        for name, c in counts.items():
            print(
                f"| {name} | first article {c['first'] / known:.3f} | answered {c['answered'] / known:.3f} "
                f"| asked back {c['asked back'] / known:.3f} | wrong {c['wrong'] / len(asked):.4f} |",
                flush=True,
            )
    ears.close()


if __name__ == "__main__":
    main()
