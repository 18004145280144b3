"""The whole hotline, started as a city would start it, on ports and in a folder of its own."""

import asyncio
import contextlib
import fcntl
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
START_WITHIN = 120.0  # s, on a busy machine with a cold cache
STEP = 3000  # ports one instance keeps for itself
SOUND, END = 323, 3  # bytes of an audio socket's frames: 20 ms of sound, the end of a talk


class Ports:
    """A port base whose fixed ports are free, and which no other run of tests takes until it is given back."""

    def __init__(self) -> None:
        refused = []
        choices = list(range(9000, 30000, STEP))  # below the kernel's ephemeral ports, which anybody may hold
        random.shuffle(choices)
        for base in choices:
            self._lock = os.open(f"{tempfile.gettempdir()}/hotline-ports-{base}.lock", os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for port in range(base, base + 11):
                    with socket.socket() as s:
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers set it
                        s.bind(("127.0.0.1", port))
            except OSError as why:
                os.close(self._lock)
                refused.append(f"{base}: {why}")
            else:
                self.base = base
                return
        raise RuntimeError(f"no free ports for an instance: {refused}")

    def give_back(self) -> None:
        os.close(self._lock)


@dataclass
class House:
    """One running instance."""

    home: Path
    base: int
    process: asyncio.subprocess.Process
    env: dict[str, str]
    lines: list[str] = field(default_factory=list)

    @property
    def told(self) -> dict[str, Any]:
        """What make run wrote about itself."""
        content: dict[str, Any] = json.loads((self.home / "hotline.json").read_text())
        return content

    @property
    def database(self) -> str:
        return self.env.get("DATABASE_URL") or f"sqlite:///{self.home}/hotline.db"

    @property
    def redis(self) -> str:
        return f"redis://127.0.0.1:{self.base + 10}/0"

    def pid(self, name: str) -> int:
        return int((self.home / "pids" / name).read_text())

    def kill(self, name: str, sign: signal.Signals = signal.SIGKILL) -> None:
        os.kill(self.pid(name), sign)

    async def until_said(self, words: str, bound: float = START_WITHIN) -> str:
        """The launcher's next line with these words."""
        assert self.process.stdout is not None
        async with asyncio.timeout(bound):
            while True:
                line = (await self.process.stdout.readline()).decode()
                if not line:
                    raise RuntimeError(f"the house ended:\n{''.join(self.lines)}\n{self.logs()}")
                self.lines.append(line)
                if words in line:
                    return line

    def logs(self) -> str:
        return "\n".join(
            f"== {f.name}\n{f.read_text(errors='replace')[-1500:]}" for f in (self.home / "logs").glob("*.log")
        )

    async def dial(self, *arguments: str) -> "Citizen":
        """A citizen begins to ring."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "ivr", "dial", *arguments,
            cwd=ROOT, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        return Citizen(process)

    async def call(self, *arguments: str) -> dict[str, Any]:
        """A whole call, and what was lived through."""
        return await (await self.dial(*arguments)).end()

    async def door(self, *command: str, given: str = "") -> list[dict[str, Any]]:
        """The JSON lines a door prints."""
        return [json.loads(line) for line in (await self.say(*command, given=given)).splitlines()]

    async def say(self, *command: str, given: str = "") -> str:
        """What a door prints."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *command, cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        out, _ = await process.communicate(given.encode())
        assert process.returncode == 0
        return out.decode().strip()


@dataclass
class Citizen:
    """A running `ivr dial`."""

    process: asyncio.subprocess.Process

    async def until(self, what: str, bound: float = 60.0) -> None:
        """Until the citizen lives through this ("answered", "the robot speaks", "the citizen acts" ...)."""
        assert self.process.stderr is not None
        async with asyncio.timeout(bound):
            while line := (await self.process.stderr.readline()).decode():
                if line.strip() == f"dial: {what}":
                    return
        raise AssertionError(f"the citizen never lived through: {what}")

    async def end(self, bound: float = 150.0) -> dict[str, Any]:
        async with asyncio.timeout(bound):
            out, err = await self.process.communicate()
        assert self.process.returncode == 0, err.decode()
        lived: dict[str, Any] = json.loads(out)
        return lived

    async def hang_up(self) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()


@contextlib.asynccontextmanager
async def running_house(home: Path, ports: Ports | None = None, **environment: str) -> AsyncIterator[House]:
    """Start a hotline, stop it afterwards, and see that nothing of it is left."""
    ports = ports or Ports()
    base = ports.base
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HOTLINE_", "DATABASE_URL", "REDIS_URL"))}
    env |= {"PYTHONPATH": str(ROOT)}  # this tree is tried, whatever else is installed
    env |= {"VOICE_CACHE": f"{tempfile.gettempdir()}/hotline-voices-{os.getuid()}"}  # the same sentences in every house
    env |= {"HOTLINE_HOME": str(home), "HOTLINE_PORT_BASE": str(base), "HOTLINE_DIAL_TEST": "", **environment}
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "docker" / "up.py"), "--no-self-test",
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    house = House(home, base, process, env)
    try:
        await house.until_said("all processes are ready")
        yield house
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(40):
                    await process.communicate()
        if process.returncode is None:
            process.kill()
        ports.give_back()


class Wire:
    """A TCP wire between Asterisk and the robot that a test can cut in the middle of a call."""

    # No asyncio server: one that is closed in the turn of the loop between accepting a connection and making its
    # transport forgets the connection and leaves it open (Python 3.11), so that Asterisk talks to nobody.

    def __init__(self, target: int) -> None:
        self._target = target
        self.port = 0  # any that is free, until it was opened once
        self.loses_the_end = False  # whether the robot's word that a talk is over arrives as a reset
        self._joined: dict[asyncio.Task[None], socket.socket] = {}  # with Asterisk's end of each

    async def __aenter__(self) -> "Wire":
        self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await asyncio.gather(*self._joined, return_exceptions=True)

    def open(self) -> None:
        """Asterisk's connections go through (again, on the same port)."""
        self._door = socket.create_server(("127.0.0.1", self.port))
        self._door.setblocking(False)
        self.port = int(self._door.getsockname()[1])
        asyncio.get_running_loop().add_reader(self._door, self._accept)

    def close(self) -> None:
        """Every connection breaks, and new ones are refused."""
        if self._door.fileno() >= 0:  # not closed before
            asyncio.get_running_loop().remove_reader(self._door)
        self._door.close()
        self.cut()

    def cut(self) -> None:
        """Every connection ends, as when the robot's process ends."""
        for joined, asterisk in self._joined.items():
            with contextlib.suppress(OSError):
                asterisk.shutdown(socket.SHUT_WR)  # closed with something unread, it would be reset instead
            joined.cancel()

    def reset(self) -> None:
        """Every connection is reset, as when something on the way has forgotten it."""
        for joined, asterisk in self._joined.items():
            asterisk.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            joined.cancel()

    def _accept(self) -> None:
        asterisk, _ = self._door.accept()
        joined = asyncio.create_task(self._join(asterisk))
        self._joined[joined] = asterisk
        joined.add_done_callback(lambda done: self._joined.pop(done).close())

    async def _join(self, asterisk: socket.socket) -> None:
        with socket.socket() as robot:
            for end in (asterisk, robot):
                end.setblocking(False)
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                await asyncio.get_running_loop().sock_connect(robot, ("127.0.0.1", self._target))
                async with asyncio.TaskGroup() as ways:
                    ways.create_task(self._carry(asterisk, robot))
                    ways.create_task(self._carry(robot, asterisk))
            except* (OSError, EOFError):
                pass  # one end has closed, so the other is closed too

    async def _carry(self, source: socket.socket, target: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        carried = 0
        while data := await loop.sock_recv(source, 4096):
            carried += len(data)
            if self.loses_the_end and carried % SOUND == END:
                return self.reset()
            await loop.sock_sendall(target, data)
        raise EOFError


@contextlib.asynccontextmanager
async def desk_of_110(home: Path, address: str, port: int, behaviour: str) -> AsyncIterator[Path]:
    """A 110 desk that answers, stays silent or refuses; gives the book in which it writes what it was handed."""
    home.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - nothing else runs meanwhile
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ivr", "desk110", address, str(port), "--behaviour", behaviour,
        cwd=ROOT, env={**os.environ, "HOTLINE_HOME": str(home)}, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stderr is not None
    try:
        async with asyncio.timeout(START_WITHIN):
            while b"110 desk: ready" not in await process.stderr.readline():
                assert process.returncode is None
        yield home / "desk110.jsonl"
    finally:
        process.terminate()
        await process.communicate()


class SwitchEar:
    """Hears what Asterisk's manager tells, without taking part."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.events: list[dict[str, str]] = []
        self._more = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "SwitchEar":
        secret = (self._house.home / "asterisk" / "secrets").read_text().split()[0]
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._house.base + 3)
        self._writer.write(f"Action: Login\r\nUsername: hotline\r\nSecret: {secret}\r\nEvents: on\r\n\r\n".encode())
        await self._reader.readuntil(b"\r\n\r\n")
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
        self._writer.close()

    async def _read(self) -> None:
        while True:
            block = (await self._reader.readuntil(b"\r\n\r\n")).decode(errors="replace")
            event = dict(line.split(": ", 1) for line in block.strip().split("\r\n") if ": " in line)
            async with self._more:
                self.events.append(event)
                self._more.notify_all()

    async def until(self, is_it: Callable[[dict[str, str]], bool], bound: float = 30.0) -> dict[str, str]:
        """The first event, past or to come, that is it."""
        seen = 0
        async with asyncio.timeout(bound), self._more:
            while True:
                for event in self.events[seen:]:
                    if is_it(event):
                        return event
                seen = len(self.events)
                await self._more.wait()

    async def until_queued(self, bound: float = 30.0) -> dict[str, str]:
        """A caller is in the operators' queue."""
        return await self.until(lambda e: e.get("Event") == "QueueCallerJoin", bound)

    async def channels(self, bound: float = 15.0) -> list[str]:
        """The channels that are still there once everybody should have gone; empty as soon as there are none."""
        async with asyncio.timeout(bound):
            while True:
                self.events = [e for e in self.events if not e.get("Event", "").startswith("CoreShowChannel")]
                self._writer.write(b"Action: CoreShowChannels\r\n\r\n")
                await self.until(lambda e: e.get("Event") == "CoreShowChannelsComplete", bound)
                left = [e["Channel"] for e in self.events if e.get("Event") == "CoreShowChannel"]
                if not left:
                    return []
                await self.until(lambda e, gone=left[0]: e.get("Event") == "Hangup" and e.get("Channel") == gone, bound)

    def forget(self) -> None:
        self.events.clear()
