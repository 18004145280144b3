"""How does an answer sound, and what does the line understand?  A door for editors: the line's own voice and ears."""

import asyncio
import io
import wave
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import numpy as np
from aiohttp import web

from ivr.speech.recogniser import Ears
from ivr.speech.spelling import spoken
from ivr.speech.voice import RATE, Samples, Voice
from ivr.speech.wording import Wording

LONGEST = 400  # characters; no answer may be longer
SPOKEN = 30  # s of a question, at most
BODY = SPOKEN * RATE * 2 + 4096  # bytes of it
BETWEEN = 0.25  # s of silence between two sentences


def wav(samples: Samples) -> bytes:
    """16-bit mono at 8 kHz."""
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return held.getvalue()


def heard_samples(body: bytes) -> Samples | None:
    """None when it is no recording of the telephone's form."""
    try:
        with wave.open(io.BytesIO(body)) as file:
            form = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            if form != (RATE, 1, 2) or file.getnframes() > SPOKEN * RATE:
                return None
            return np.frombuffer(file.readframes(file.getnframes()), "<i2")
    except (wave.Error, EOFError, ValueError):
        return None


def framed(wording: Wording, question: str, text: str, source: str) -> tuple[str, ...]:
    """What is said for an answer, as in ivr.dialogue.wish."""
    return (wording.say("answer begins", question=question), text, wording.say("answer source", source=source))


class Audition:
    """One thread of its own, so that editors who listen never take a caller's voice away."""

    def __init__(self, voice: Voice, wording: Wording, ears: Ears) -> None:
        self._voice, self._wording, self._ears = voice, wording, ears
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="audition")

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.get("/voice", self.voice), web.post("/hear", self.hear)]

    async def voice(self, request: web.Request) -> web.Response:
        """`text` as WAV; with `question` and `source` the whole answer as a caller hears it.

        X-Seconds: how long `text` takes; X-Said: its words as they are said, percent-encoded.
        """
        text, question, source = (request.query.get(n, "").strip()[:LONGEST] for n in ("text", "question", "source"))
        if not text:
            raise web.HTTPBadRequest(text="text is missing")
        said = framed(self._wording, question, text, source) if question and source else (text,)
        work = asyncio.get_running_loop().run_in_executor(self._pool, self._render, text, said)
        try:
            sound, length = await work
        except RuntimeError:
            raise web.HTTPServiceUnavailable(text="the voice cannot say this") from None
        told = {"X-Seconds": f"{length:.1f}", "X-Said": quote(spoken(text))}
        return web.Response(body=sound, content_type="audio/wav", headers=told)

    async def hear(self, request: web.Request) -> web.Response:
        """A WAV (8 kHz, mono, 16 bit, at most SPOKEN seconds) -> {"words"}, as the line would hear a caller say it."""
        samples = heard_samples(await request.read())
        if samples is None or not len(samples):
            raise web.HTTPBadRequest(text=f"not a WAV of 8 kHz, mono, 16 bit, up to {SPOKEN} s")
        heard = await asyncio.get_running_loop().run_in_executor(self._pool, self._ears.whole, samples)
        return web.json_response({"words": heard.words})

    def _render(self, text: str, said: tuple[str, ...]) -> tuple[bytes, float]:
        silence = np.zeros(int(BETWEEN * RATE), np.int16)
        parts = [part for sentence in said for part in (self._voice.sound(sentence), silence)]
        return wav(np.concatenate(parts[:-1])), len(self._voice.sound(text)) / RATE

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
