"""Noise, a fax, a storm of keys, scanners, half-open connections, a full disk: nobody else is disturbed."""

import asyncio
import contextlib
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from house import House, SwitchEar
from sqlalchemy.orm import Session

from ivr.speech.voice import write_wav
from routing.alarms import Alarm, open_alarms
from routing.database import connect
from routing.events import AlarmRaised
from routing.feed import Feed

KNOWN = ("--interrupt", "0.5", "--say", "居住证怎么办理", "--stay", "0", "--deaf")
RATE = 8000  # Hz


def tones(*frequencies: float, seconds: float) -> np.ndarray:
    t = np.arange(int(RATE * seconds)) / RATE
    return np.sum([np.sin(2 * np.pi * f * t) for f in frequencies], axis=0) * 6000 / len(frequencies)


def sounds(folder: Path) -> dict[str, Path]:
    """What rings at a hotline besides people."""
    rng = np.random.default_rng(12345)
    gap = np.zeros(RATE // 2)
    chords = [tones(220 * s, 277 * s, 330 * s, seconds=0.4) for s in (1, 1.2, 1.5, 1.33, 1, 0.9)]
    made = {
        "noise": rng.normal(0, 3000, RATE * 6),
        "music": np.concatenate(chords * 2),
        "fax": np.concatenate([tones(1100, seconds=0.5), gap, tones(2100, seconds=2.6), gap, tones(1100, seconds=0.5)]),
        "clipping": np.sign(tones(440, seconds=3)) * 32767,
    }
    for name, samples in made.items():
        write_wav(folder / f"{name}.wav", samples.astype(np.int16))
    return {name: folder / f"{name}.wav" for name in made}


def complaints(house: House) -> str:
    """Python's tracebacks in any log of the house."""
    found = [f.read_text(errors="replace") for f in (house.home / "logs").glob("*.log")]
    return "\n".join(text for text in found if "Traceback" in text)


async def test_noise_music_a_fax_and_a_storm_of_keys_disturb_nobody(house, tmp_path):
    odd = [["--interrupt", "0.5", str(file), "--stay", "1", "--deaf"] for file in sounds(tmp_path).values()]
    odd.append(["--interrupt", "0.5", "--key", "1234567899#*1234567899#*", "--stay", "1", "--deaf"])
    async with SwitchEar(house) as ear:
        *others, good = await asyncio.gather(*(house.call(*arguments) for arguments in [*odd, KNOWN]))
        assert good["outcome"] == "answer"
        assert all(other["outcome"] in {"operator", "hangup"} for other in others), "nobody was misunderstood"
        assert await ear.channels() == []
    assert complaints(house) == ""


async def test_garbage_and_scanners_on_the_trunk_learn_nothing(house):
    """REGISTER, OPTIONS and INVITE of a scanner, broken SIP, and bytes that are no SIP at all."""
    asked = {
        "REGISTER": "sip:100@127.0.0.1",
        "OPTIONS": "sip:100@127.0.0.1",
        "INVITE": "sip:00972595115570@127.0.0.1",
        "SUBSCRIBE": "sip:operator1@127.0.0.1",
    }
    answers = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as scanner:
        scanner.bind(("127.0.0.9", 0))
        scanner.settimeout(5)
        port = scanner.getsockname()[1]
        for rubbish in (
            b"\0" * 1200,
            b"INVITE\r\n\r\n",
            b"\xff" * 3,
            b"SIP/2.0 200 OK\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
        ):
            scanner.sendto(rubbish, ("127.0.0.1", house.base))
        for number, (method, target) in enumerate(asked.items()):
            scanner.sendto(
                f"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9:{port};branch=z9hG4bK{number}\r\n"
                f"From: <sip:100@127.0.0.9>;tag=x{number}\r\nTo: <sip:100@127.0.0.1>\r\nCall-ID: scan-{number}\r\n"
                f"CSeq: 1 {method}\r\nContact: <sip:100@127.0.0.9:{port}>\r\nMax-Forwards: 70\r\n"
                "User-Agent: friendly-scanner\r\nContent-Length: 0\r\n\r\n".encode(),
                ("127.0.0.1", house.base),
            )
            answers.append(scanner.recv(4096).decode().split("\r\n")[0])
    assert {a.split()[1] for a in answers} <= {"401"}, "the same for everything: who exists here is not shown"
    assert (await house.call(*KNOWN))["outcome"] == "answer"


async def test_scans_and_half_open_connections_on_every_port_are_let_go(house):
    async with SwitchEar(house):  # the manager's port is held open too
        opened = []
        for offset, words in {
            1: b"GET /ws HTTP/1.1\r\n",
            3: b"Action: Login\r\nUsername: root\r\nSecret: x\r\n\r\n",
            4: b"agi_network: yes\nagi_request: " + b"a" * 9000,
            5: b"\x10\xff\xff" + bytes(2000),
            6: b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
            9: b"\x16\x03\x01\x02\x00\x01\x00",
        }.items():
            for said in (b"", words, words[:5]):
                reader, writer = await asyncio.open_connection("127.0.0.1", house.base + offset)
                writer.write(said)
                opened.append((offset, reader, writer))
        assert (await house.call(*KNOWN))["outcome"] == "answer"
        for offset, reader, writer in opened:
            if offset in {4, 5}:
                with contextlib.suppress(ConnectionError):
                    await asyncio.wait_for(reader.read(), 15)  # to its end: the line let go of it
            writer.close()
    assert complaints(house) == ""


@contextlib.contextmanager
def full_disk(house: House) -> Iterator[None]:
    """No process of the hotline may write another byte to a file."""
    names = ("line", "console", "worker")
    for name in names:
        resource.prlimit(house.pid(name), resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for name in names:
            resource.prlimit(house.pid(name), resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


async def test_the_disk_is_full_and_citizens_are_served_and_nothing_of_it_is_lost(house):
    async with SwitchEar(house) as ear:
        with full_disk(house):
            asks = await house.dial(*KNOWN, "--number", "13800139901")
            wants = await house.dial("--interrupt", "0.5", "--key", "0", "--stay", "1", "--deaf")
            await ear.until_queued()
            await asks.until("the robot answers")
        answered, _ = await asyncio.gather(asks.end(), wants.end())
    assert answered["turns"], "the citizen was answered"
    alarm = await alarm_of(house, "journal")
    assert alarm.text == "通话记录写不下去"
    records = await house.door("routing", "calls", "--since", "2020-01-01T00:00:00+00:00")
    kept = [r for r in records if r["article"] == "k0098"][-1]
    assert [turn["text"] for turn in kept["turns"] if turn["who"] == "caller"] == ["居住证怎么办理"]


async def alarm_of(house: House, kind: str) -> Alarm:
    """The open alarm of this kind that the desks are told of."""
    told = Feed(house.redis).follow("0")
    async with asyncio.timeout(30):
        async for entry in told:
            if isinstance(entry.event, AlarmRaised) and entry.event.kind == kind:
                break
    await told.aclose()
    engine = connect(house.database)
    with Session(engine) as session:
        (alarm,) = [a for a in open_alarms(session) if a.kind == kind]
    engine.dispose()
    return alarm
