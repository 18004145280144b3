"""`make bench-line`: how fast is the line on the ear, how safe, and how many callers carry it?

Prints its method and its figures, and writes them as JSON (--out, default run/bench-line.json).  Real Asterisk, real
Vosk, real SIP callers, all on this machine; so the callers' own work is part of the load.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from house import House, running_house

from ivr.settings import SHIPPED_MODEL
from ivr.speech.recogniser import Ears
from ivr.speech.voice import Espeak, Voice
from kb.store import SAMPLE, read_jsonl

METHOD = """Method.  Each caller is a process of its own with a pjsua2 telephone (PCMA, 8 kHz) on 127.0.0.2.  Both
directions are recorded on one clock.  Turn latency = from the caller's last 10 ms above -38 dBFS to the first
10 ms above it of what comes back, at the caller's ear; codec, jitter buffer and both Asterisk legs are in it.
A false cut-in = something came back while the caller was still speaking.  Callers ring within one second of
each other once all their processes are ready, in several rounds one after the other; they ask one question of
the sample knowledge in one of six espeak-ng voices, hear the answer and hang up; half of them state a matter the
knowledge does not hold.  Barge-in = from the onset of the caller's speech over the robot's to the last sound of
the robot.  110 = from the end of the emergency phrase at the caller's mouth to the INVITE at the drill desk, on
one machine's clock, four emergencies at a time.  As root the hotline's sound and ears go before other processes."""
VOICES = ("m3", "f2", "m1", "f5", "m7", "f4")
MATTERS = (
    "我们小区门口的路灯坏了好几天没人修",
    "楼上装修从早到晚特别吵",
    "单元门口的垃圾桶好久没有清理了",
    "公园旁边的井盖松动了晚上看不清",
)
ROUNDS = {1: 6, 10: 3, 20: 3, 40: 2}  # by how many ring at once
BEGINS, READY = 3.0, 0.8  # s until a caller's process is ready to ring, and more for each that begins beside it
TOGETHER = 4  # emergencies at once: what one desk of the drill can carry
OTHERS = 12  # calls that measure barge-in, and the way to 110
EMERGENCIES = ("我家厨房着火了", "有人拿刀砍人", "我爸晕倒了叫不醒", "楼下打起来了有人受伤")


def percentile(values: list[float], share: float) -> float | None:
    return round(float(np.percentile(values, share)), 1) if values else None


async def many(house: House, callers: int, rounds: int, questions: list[str]) -> dict[str, Any]:
    """So many citizens at once, in each round with other words."""

    async def one(at: float, number: int) -> dict[str, Any]:
        said = MATTERS[number // 2 % len(MATTERS)] if number % 2 else questions[number % len(questions)]
        voice = VOICES[number % len(VOICES)]
        return await house.call("--say", said, "--voice", voice, "--stay", "0", "--deaf", "--at", str(at))

    began = cpu()
    lived: list[dict[str, Any] | BaseException] = []
    for r in range(rounds):
        first = time.time() + BEGINS + callers * READY
        ringing = (one(first + n / callers, n + r * (callers + 1)) for n in range(callers))
        lived += await asyncio.gather(*ringing, return_exceptions=True)
    busy = cpu() - began
    whole = [call for call in lived if isinstance(call, dict)]
    turns = [turn for call in whole for turn in call["turns"]]
    delays = [float(turn["latency_ms"]) for turn in turns if turn["latency_ms"] is not None]
    return {
        "callers": callers,
        "calls": len(lived),
        "answered": len(whole),
        "broken_turns": len(lived) - len(delays),
        "turn_ms_p50": percentile(delays, 50),
        "turn_ms_p95": percentile(delays, 95),
        "false_cut_ins_percent": round(100 * sum(turn["cut_in"] for turn in turns) / max(1, len(turns)), 1),
        "outcomes": {o: sum(call["outcome"] == o for call in whole) for o in {call["outcome"] for call in whole}},
        "cpu_seconds_all_processes": round(busy, 1),
    }


def cpu() -> float:
    """Seconds of processor time this machine has spent on anything but waiting."""
    fields = [int(x) for x in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


async def barge_in(house: House, calls: int) -> dict[str, Any]:
    """Callers who speak over the opening question."""
    lived = await asyncio.gather(
        *(house.call("--say", "我想问一下居住证的事情", "--interrupt", "0.8", "--stay", "0") for _ in range(calls))
    )
    stops = [float(ms) for call in lived for ms in call["stopped_after_ms"]]
    return {
        "calls": calls,
        "measured": len(stops),
        "stop_ms_p50": percentile(stops, 50),
        "stop_ms_p95": percentile(stops, 95),
    }


async def emergencies(house: House, calls: int) -> dict[str, Any]:
    """From the end of the phrase to the INVITE at the desk."""

    async def one(n: int) -> dict[str, Any]:
        said, voice = EMERGENCIES[n % len(EMERGENCIES)], VOICES[n % len(VOICES)]
        return await house.call("--say", said, "--voice", voice, "--stay", "0")

    lived = []
    for begin in range(0, calls, TOGETHER):
        lived += await asyncio.gather(*(one(n) for n in range(begin, begin + TOGETHER)))
    book = {}
    for line in (house.home / "desk110.jsonl").read_text().splitlines():
        row = json.loads(line)
        book[row["call"]] = datetime.fromisoformat(row["at"])
    delays = []
    for call in lived:
        if call["call"] in book and call["spoke_until"]:
            delays.append(1000 * (book[call["call"]] - datetime.fromisoformat(call["spoke_until"])).total_seconds())
    return {
        "calls": calls,
        "reached_110": len(delays),
        "ms_p50": percentile(delays, 50),
        "ms_p95": percentile(delays, 95),
        "note": "negative: 110 rang while the caller still spoke",
    }


def streams(seconds: float) -> dict[str, Any]:
    """Recogniser streams one core carries in real time: ours beside a plain vosk-server-style loop."""
    import vosk

    voice = Voice(Path(tempfile.gettempdir()) / "bench-voice", Espeak("m3"))
    sound = np.concatenate([voice.sound(a.question) for a in read_jsonl(SAMPLE)[:12]])
    length = len(sound) / 8000
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(SHIPPED_MODEL))

    def plain() -> None:
        recogniser = vosk.KaldiRecognizer(model, 8000.0)
        for start in range(0, len(sound), 1600):  # 0.2 s, as vosk-server's clients send
            if recogniser.AcceptWaveform(sound[start : start + 1600].tobytes()):
                recogniser.Result()
            else:
                recogniser.PartialResult()
        recogniser.FinalResult()

    ears = Ears(SHIPPED_MODEL, 1)

    def ours() -> None:
        recogniser = ears.listen()
        for start in range(0, len(sound), 800):
            recogniser._hear(sound[start : start + 800])
        recogniser._finish()

    figures = {}
    for name, work in (("plain_loop_0.2s", plain), ("ours_0.1s", ours)):
        rounds, began = 0, time.thread_time()
        while time.thread_time() - began < seconds:
            work()
            rounds += 1
        figures[name] = round(rounds * length / (time.thread_time() - began), 1)
    ears.close()
    return {"streams_per_core": figures}


def media_cpu(seconds: float) -> dict[str, Any]:
    """Processor time of the media server for 20 silent callers, beside a bare echo of the same frames."""

    async def run(bare: bool) -> float:
        from ivr.lines.asterisk import AsteriskLine
        from ivr.lines.media import Media
        from ivr.speech.turns import Timing

        ears, pool = Ears(SHIPPED_MODEL, 1), ThreadPoolExecutor(1)
        voice = Voice(Path(tempfile.gettempdir()) / "bench-voice", Espeak("m3"))
        ids = [bytes([n]) * 16 for n in range(1, 21)]
        import uuid

        lines = {str(uuid.UUID(bytes=i)): AsteriskLine(ears.listen(), voice, pool, Timing()) for i in ids}
        server = Media(lines.get, lambda _call: None)

        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                while True:
                    head = await reader.readexactly(3)
                    writer.write(head + await reader.readexactly(head[1] << 8 | head[2]))
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()

        if bare:
            listening = await asyncio.start_server(echo, "127.0.0.1", 0)
            port = listening.sockets[0].getsockname()[1]
        else:
            await server.start("127.0.0.1", 0)
            port = server._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        feeder = await asyncio.create_subprocess_exec(
            sys.executable, "-c", FEEDER, str(port), str(seconds), stdout=asyncio.subprocess.DEVNULL
        )
        began = time.process_time()
        await feeder.wait()
        used = time.process_time() - began
        await server.stop()
        for line in lines.values():
            await line.end()
        ears.close()
        return round(100 * used / seconds, 1)

    return {
        "percent_of_one_core_at_20_silent_calls": {"ours": asyncio.run(run(False)), "bare_echo": asyncio.run(run(True))}
    }


FEEDER = """
import asyncio, sys, time
async def one(port, n, end):
    r, w = await asyncio.open_connection("127.0.0.1", port)
    w.write(b"\\x01\\x00\\x10" + bytes([n]) * 16)
    async def drink():
        while await r.read(65536): pass
    asyncio.ensure_future(drink())
    due = time.monotonic()
    while time.monotonic() < end:
        w.write(b"\\x10\\x01\\x40" + bytes(320)); due += .02
        await asyncio.sleep(max(0, due - time.monotonic()))
    w.close()
async def main():
    end = time.monotonic() + float(sys.argv[2])
    await asyncio.gather(*(one(int(sys.argv[1]), n, end) for n in range(1, 21)))
asyncio.run(main())
"""


def spoken_questions() -> list[str]:
    """Questions of the sample knowledge, spread over it, in their own words."""
    return [a.question for a in read_jsonl(SAMPLE)][::17]


async def measure(levels: list[int]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-line-") as folder:
        async with running_house(Path(folder)) as house:
            figures: dict[str, Any] = {"turns": []}
            for callers in levels:
                figures["turns"].append(await many(house, callers, ROUNDS.get(callers, 1), spoken_questions()))
                print(json.dumps(figures["turns"][-1], ensure_ascii=False), flush=True)
            figures["barge_in"] = await barge_in(house, OTHERS)
            print(json.dumps(figures["barge_in"]), flush=True)
            figures["emergency"] = await emergencies(house, OTHERS)
            print(json.dumps(figures["emergency"]), flush=True)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--callers", default="1,10,20,40")
    parser.add_argument("--out", type=Path, default=Path("run/bench-line.json"))
    chosen = parser.parse_args()
    print(METHOD, flush=True)
    figures: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}",
        "method": METHOD,
    }
    figures |= streams(6.0)
    print(json.dumps(figures["streams_per_core"]), flush=True)
    figures["media"] = media_cpu(10.0)
    print(json.dumps(figures["media"]), flush=True)
    figures |= asyncio.run(measure([int(n) for n in chosen.callers.split(",")]))
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"written to {chosen.out}")


if __name__ == "__main__":
    main()
