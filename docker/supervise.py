"""How is a handful of processes kept alive by one?  Started when what they need is ready, again when they die."""

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

GRACE = 8.0  # s a process has to end when asked; then it is killed
READY_WITHIN = 90.0  # s until a process must be ready on a busy machine
PROBE_EVERY = 0.05  # s between looks whether something is ready
ALIVE_EVERY = 1.0  # s between looks whether it still answers
ALIVE_WITHIN = 1.5  # s it has to answer
MISSES = 2  # unanswered looks in a row after which a process that hangs is killed (and started again)
LOG_LIMIT = 20 << 20  # bytes of a log kept when the house starts; older goes to <name>.log.1

Probe = Callable[[], Awaitable[bool]]
Say = Callable[[str], None]


@dataclass
class Service:
    """One process of the house."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    needs: Sequence[str] = ()
    ready: Probe | None = None
    alive: bool = False  # whether `ready` is asked again and again, and a hung process is killed
    once: bool = False  # runs to its end before others start
    nice: int = 0  # -20..19; who is served first when the processors do not suffice


def prefer(pid: int, nice: int) -> None:
    """Niceness of a process that has just begun; only root may ask for more than others have.

    Where Linux groups processes by session (autogroup), the niceness of the group is what counts.
    """
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/autogroup").write_text(f"{nice}\n", encoding="ascii")


class NotReady(RuntimeError):
    """A process did not become ready; the message names it and its log."""


class House:
    """All processes of one instance."""

    def __init__(self, services: Sequence[Service], logs: Path, env: Mapping[str, str], say: Say) -> None:
        self._services = {service.name: service for service in services}
        self._ready = {service.name: asyncio.Event() for service in services}
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._failed: asyncio.Queue[str] = asyncio.Queue()
        self._stopping = False
        self._logs, self._env, self._say = logs, env, say
        logs.mkdir(parents=True, exist_ok=True)
        self._pids = logs.parent / "pids"
        self._pids.mkdir(exist_ok=True)
        self._lock = _only_one(logs.parent / "launcher.lock")

    async def start(self) -> None:
        """Start all; returns when each is ready.  NotReady when one is not."""
        await self._end_leftovers()
        self._tasks = [asyncio.create_task(self._keep(service)) for service in self._services.values()]
        everything = asyncio.gather(*(event.wait() for event in self._ready.values()))
        failed = asyncio.create_task(self._failed.get())
        try:
            async with asyncio.timeout(READY_WITHIN):
                await asyncio.wait({everything, failed}, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            late = ", ".join(name for name, event in self._ready.items() if not event.is_set())
            raise NotReady(f"not ready after {READY_WITHIN:g} s: {late}; see {self._logs}") from None
        finally:
            everything.cancel()
            failed.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await everything
        if failed.done() and not failed.cancelled():
            raise NotReady(f"{failed.result()}; see {self._logs}")

    async def stop(self) -> None:
        """Stop all in reverse order; none is left behind."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        for name in reversed(list(self._services)):
            await self._end(self._processes.get(name))
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for file in self._pids.iterdir():
            file.unlink()
        os.close(self._lock)

    async def _end_leftovers(self) -> None:
        """A launcher that was killed leaves its processes to their callers, until another one starts here."""
        left = [pid for file in self._pids.iterdir() if (pid := _leftover(file, self._logs.parent)) is not None]
        if left:
            self._say("an earlier start was cut off and left processes behind; they are stopped first")
        for sign, bound in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 5.0)):
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, sign)
            until = time.monotonic() + bound
            while (left := [pid for pid in left if _alive(pid)]) and time.monotonic() < until:  # noqa: ASYNC110 - no event
                await asyncio.sleep(PROBE_EVERY)

    async def _keep(self, service: Service) -> None:
        pause, restarted = 0.2, False
        while not self._stopping:
            for need in service.needs:
                await self._ready[need].wait()
            began = time.monotonic()
            process = await self._spawn(service)
            watch = asyncio.create_task(self._watch(service, process, restarted))
            restarted = True
            code = await process.wait()
            watch.cancel()
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # what it left behind
            if self._stopping:
                return
            if service.once and code == 0:
                self._ready[service.name].set()
                return
            if service.once or (code == 2 and not self._ready[service.name].is_set()):
                # 2 is a clear error at the start (a bad model, a bad setting): starting again would not help
                self._failed.put_nowait(f"{service.name} ended with {code}: {self._last_line(service)}")
                return
            was_ready = self._ready[service.name].is_set()
            self._ready[service.name].clear()
            pause = 0.2 if was_ready and time.monotonic() - began > 5 else min(pause * 2, 15)
            self._say(f"{service.name} ended with {code}; starting it again in {pause:g} s")
            await asyncio.sleep(pause)

    async def _spawn(self, service: Service) -> asyncio.subprocess.Process:
        file = self._logs / f"{service.name}.log"
        if file.exists() and file.stat().st_size > LOG_LIMIT:
            file.replace(file.with_suffix(".log.1"))
        with file.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *service.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                env={**os.environ, **self._env, **service.env},
            )
        prefer(process.pid, service.nice)
        self._processes[service.name] = process
        (self._pids / service.name).write_text(f"{process.pid}\n")
        return process

    async def _watch(self, service: Service, process: asyncio.subprocess.Process, restarted: bool) -> None:
        """Ready once the probe says so; later, killed when the probe is not answered."""
        if service.once:
            return
        while service.ready is not None and not await answers(service.ready):  # noqa: ASYNC110 - a process has no event
            await asyncio.sleep(PROBE_EVERY)
        if restarted:
            self._say(f"{service.name} is ready again")
        self._ready[service.name].set()
        misses = 0
        while service.alive and service.ready is not None:
            await asyncio.sleep(ALIVE_EVERY)
            misses = 0 if await answers(service.ready) else misses + 1
            if self._stopping:
                return
            if misses >= MISSES:
                self._say(f"{service.name} hangs; it is killed so that its callers reach a person")
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                return

    def _last_line(self, service: Service) -> str:
        lines = (self._logs / f"{service.name}.log").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "no word"

    async def _end(self, process: asyncio.subprocess.Process | None) -> None:
        if process is None or process.returncode is not None:
            return
        for sign, bound in ((signal.SIGTERM, GRACE), (signal.SIGKILL, 5.0)):
            with contextlib.suppress(ProcessLookupError, TimeoutError):
                os.killpg(process.pid, sign)
                async with asyncio.timeout(bound):
                    await process.wait()
                return


class AlreadyRunning(RuntimeError):
    """Another launcher holds this state folder."""


def _only_one(file: Path) -> int:
    """The lock of a state folder, held until it is closed or this process ends.  AlreadyRunning."""
    lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise AlreadyRunning(f"a hotline is already running in {file.parent}") from None
    return lock


def _leftover(file: Path, home: Path) -> int | None:
    """The process a pid file names, when it is still one of this state folder and not somebody else's by now."""
    try:
        pid = int(file.read_text())
        told = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if f"HOTLINE_HOME={home}".encode() in told and _alive(pid) else None


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def answers(probe: Probe) -> bool:
    try:
        async with asyncio.timeout(ALIVE_WITHIN):
            return await probe()
    except (TimeoutError, OSError, EOFError):
        return False


def port_open(host: str, port: int, *, send: bytes = b"", expect: bytes = b"") -> Probe:
    """A TCP port that accepts, and answers `send` with something that begins with `expect`."""

    async def probe() -> bool:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            if send:
                writer.write(send)
                return (await reader.readexactly(len(expect))) == expect
            return True
        finally:
            writer.close()

    return probe


def http_ok(host: str, port: int, path: str) -> Probe:
    """An HTTP door that says 200."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    return port_open(host, port, send=request, expect=b"HTTP/1.1 200")
