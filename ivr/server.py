"""The line's process: speech model, voice, knowledge, the two doors of Asterisk and the one of the metrics."""

import asyncio
import contextlib
import logging
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from ivr.calls import Calls, House
from ivr.cases import Cases
from ivr.lines.asterisk import AsteriskLine
from ivr.lines.media import Media
from ivr.lines.steps import Steps
from ivr.settings import Settings
from ivr.speech.audition import BODY, Audition
from ivr.speech.recogniser import Ears
from ivr.speech.voice import Voice, choose_engine
from ivr.speech.wording import Wording
from kb.live import Knowledge
from routing import city
from routing.emergency import judge
from routing.events import CallArrived, CallEnded, CallHandedOver, CallHeard, Event
from routing.feed import Feed
from routing.heap import settle
from routing.journal import Journal
from routing.records import CallEvent

log = logging.getLogger(__name__)

REFRESH = 1.0  # s between looks whether published knowledge has changed
DRAIN = 5.0  # s running conversations are given when the process is asked to stop
HOST = "127.0.0.1"
THREADS = 3  # that look up and render beside the event loop
SWITCH = 0.001  # s a computing thread may keep the interpreter from the event loop, whose clock ticks every 20 ms


class Metrics:
    """What the line counts, for Prometheus."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.turns = Histogram(
            "hotline_turn_decision_seconds",
            "Silence after the caller stopped until the turn was taken",
            buckets=(0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0),
            registry=self.registry,
        )
        self.calls = Counter("hotline_calls_total", "Calls answered by the robot", registry=self.registry)
        self.handed = Counter("hotline_handed_over_total", "Where calls went", ["to"], registry=self.registry)
        self.talking = Gauge("hotline_talking", "Callers talking with the robot", registry=self.registry)
        self.late = Gauge("hotline_media_clock_late_seconds", "Lateness of the media clock", registry=self.registry)


class Recorder:
    """Every fact of a call: to the journal (and from there to the database), to the feed, to the metrics."""

    def __init__(self, journal: Journal, feed: Feed, metrics: Metrics) -> None:
        self._journal, self._feed, self._metrics = journal, feed, metrics
        self._numbers: dict[str, int] = {}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="feed")

    def write(self, call: str, kind: str, data: dict[str, object]) -> None:
        """Never raises into the call."""
        number = self._numbers.get(call, 0) + 1
        self._numbers[call] = number
        at = datetime.now(UTC)
        try:
            self._journal.append(CallEvent(call, number, at, kind, data))
        except Exception:
            log.exception("a fact of a call could not be recorded", extra={"call": call})
        if kind == "arrived":
            self._metrics.calls.inc()
            self._publish(CallArrived(call=call, at=at))
        elif kind == "heard":
            self._metrics.turns.observe(float(str(data.get("ms") or 0)) / 1000)
            self._publish(CallHeard(call=call, at=at))
        elif kind == "handed_over":
            self._metrics.handed.labels(to=str(data.get("to"))).inc()
            self._publish(CallHandedOver(call=call, at=at, to=str(data.get("to"))))
        elif kind == "ended":
            self._publish(CallEnded(call=call, at=at))
        if kind in {"handed_over", "ended"}:
            self._numbers = dict(list(self._numbers.items())[-2000:])

    def _publish(self, event: Event) -> None:
        self._pool.submit(self._feed.publish, event)

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=False)
        self._journal.close()


def metrics_app(metrics: Metrics, calls: Calls, media: Media, audition: Audition) -> web.Application:
    """/healthz answers while the event loop turns, /metrics counts, /voice lets editors hear an answer."""

    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "talking": len(calls), "clock_late_ms": round(media.late * 1000, 1)})

    async def numbers(_request: web.Request) -> web.Response:
        metrics.talking.set(len(calls))
        metrics.late.set(media.late)
        return web.Response(body=generate_latest(metrics.registry), content_type="text/plain")

    app = web.Application(client_max_size=BODY)
    app.add_routes([web.get("/healthz", health), web.get("/readyz", health), web.get("/metrics", numbers)])
    app.add_routes(audition.routes())
    return app


async def keep_fresh(knowledge: Knowledge, cases: Cases) -> None:
    """Published articles and notices reach running calls within two seconds."""
    away = False
    while True:
        await asyncio.sleep(REFRESH)
        try:
            await asyncio.to_thread(knowledge.refresh)
            await asyncio.to_thread(cases.refresh)
            away = False
        except Exception as problem:
            if not away:  # once, not every second of an outage
                log.warning(
                    "the knowledge could not be refreshed; the last good one stays",
                    extra={"why": type(problem).__name__},
                )
            away = True


async def serve(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT.  BadModel and RuntimeError before the first call, never at it."""
    began = time.monotonic()
    ears = Ears(settings.vosk_model, settings.vosk_threads)
    wording = Wording(settings.wording)
    fixed = wording.fixed()
    voice = Voice(
        settings.voices,
        choose_engine(settings.piper_voice),
        settings.recordings,
        keys={sentence: key for key, sentence in fixed.items()},
    )
    await asyncio.to_thread(voice.prepare, fixed.values())
    knowledge = Knowledge(settings.database)
    files = city.Files(settings)
    cases = Cases(settings.database, city.territory(settings), files)
    metrics = Metrics()
    feed = Feed(settings.redis)
    journal = Journal(settings.home / "journal" / "line", settings.database, feed=feed)
    recorder = Recorder(journal, feed, metrics)
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="line")
    sys.setswitchinterval(SWITCH)
    timing = settings.timing

    def new_line() -> AsteriskLine:
        return AsteriskLine(
            ears.listen(),
            voice,
            pool,
            timing,
            speech_interrupts=settings.speech_interrupts,
            key_interrupts=settings.key_interrupts,
        )

    calls = Calls(
        House(
            new_line,
            knowledge.ask,
            lambda words, final: judge(words, final=final),
            wording,
            recorder.write,
            settings.patience,
            cases,
        )
    )
    judge("喂")  # reads the weights now, so that the first caller does not wait for them
    media = Media(calls.line, calls.media_gone)
    steps = Steps(calls.next_step)
    base = settings.hotline_port_base
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    audition = Audition(voice, wording, ears)
    runner = web.AppRunner(metrics_app(metrics, calls, media, audition), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await media.start(HOST, base + 5)
    ears.warm(voice.sound(wording["open question"]))
    await steps.start(HOST, base + 4)
    await web.TCPSite(runner, HOST, base + 6).start()
    fresh = asyncio.create_task(keep_fresh(knowledge, cases))
    settle()
    log.info("the line is ready", extra={"seconds": round(time.monotonic() - began, 2)})
    await stop.wait()
    await calls.drain(DRAIN)
    fresh.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await fresh
    await steps.stop()
    await media.stop()
    await runner.cleanup()
    recorder.close()
    ears.close()
    cases.close()
    audition.close()
    pool.shutdown(wait=False, cancel_futures=True)
