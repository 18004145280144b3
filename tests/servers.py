"""Private Redis and PostgreSQL for tests: own port or socket, own data, gone when the test run ends.

They need Debian's redis-server and postgresql packages (binaries only: no cluster, no service).
PostgreSQL refuses to run as root, so as root its commands run as the `postgres` user.
"""

import contextlib
import os
import pwd
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

GRACE = 10  # s a server has to stop


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def stop(process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _pause(seconds: float) -> None:
    select.select([], [], [], seconds)


def start_redis(port: int) -> "subprocess.Popen[bytes]":
    """A Redis that keeps nothing, answering when this returns."""
    process = subprocess.Popen(
        ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no",
         "--dir", tempfile.gettempdir()],
        stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(500):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5) as s:
            s.sendall(b"PING\r\n")
            if s.recv(16).startswith(b"+PONG"):
                return process
        if process.poll() is not None:
            raise RuntimeError(f"redis-server ended with {process.returncode}")
        _pause(0.02)
    stop(process)
    raise RuntimeError("redis-server does not answer")


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    port = free_port()
    process = start_redis(port)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        stop(process)


def postgres_folder() -> Path:
    found = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return max(found, key=lambda p: int(re.sub(r"\D", "", p.parts[-3]) or 0)).parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError("no initdb: install Debian's postgresql package")
    return Path(on_path).parent


# A test's database need not outlive the machine.
HASTY = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=60")


class Postgres:
    """A PostgreSQL on a socket of its own, which a test may also stop and start again."""

    def __init__(self, options: tuple[str, ...] = HASTY) -> None:
        self._options = options
        self._binaries = postgres_folder()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # a socket's path holds 107 bytes at most
        self._as: dict[str, Any] = {}
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}
        self._env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        self._process: subprocess.Popen[bytes] | None = None
        self._count = 0
        self._run("initdb", "-D", f"{self.folder}/data", "-U", "test", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync", "--no-instructions")  # fmt: skip
        self.start()

    def _run(self, command: str, *arguments: str) -> None:
        subprocess.run(
            [self._binaries / command, *arguments], check=True, stdout=subprocess.DEVNULL, env=self._env, **self._as
        )

    def start(self) -> None:
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [self._binaries / "postgres", "-D", f"{self.folder}/data", "-k", str(self.folder),
             "-c", "listen_addresses=", *self._options],
            stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=self._env, **self._as,
        )  # fmt: skip
        log.close()
        for _ in range(500):
            ready = [self._binaries / "pg_isready", "-q", "-h", str(self.folder)]
            if subprocess.run(ready, env=self._env, check=False).returncode == 0:
                return
            if self._process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            _pause(0.02)
        raise RuntimeError("postgres does not answer")

    def stop(self, how: int = signal.SIGINT) -> None:
        if self._process is not None:
            stop(self._process, how)

    def new_database(self, master: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of `master`, to which nobody may be connected."""
        self._count += 1
        name = f"test{self._count}"
        copied = f" TEMPLATE {master}" if master else ""
        with psycopg.connect(f"postgresql://test@/postgres?host={self.folder}", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{copied}")
        return f"postgresql://test@/{name}?host={self.folder}"

    @staticmethod
    def name(url: str) -> str:
        """The database in a URL of new_database()."""
        return url.removeprefix("postgresql://test@/").partition("?")[0]

    def close(self) -> None:
        self.stop(signal.SIGQUIT)  # at once: nobody will read what it would still write down
        shutil.rmtree(self.folder, ignore_errors=True)
