"""A console with its database and no telephone behind it, and people signed in there."""

import contextlib
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, FormData
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import kb.schema
import routing.schema
from agent_console import accounts, schema
from agent_console.app import make_app
from agent_console.permissions import Role
from agent_console.settings import Settings
from routing.database import connect, writing
from tests.servers import free_port

ALIVE_WITHIN = 60  # s


@dataclass
class Person:
    """Somebody signed in, in a browser of their own."""

    client: Any
    csrf: str

    async def get(self, path: str, **more: Any) -> ClientResponse:
        answer: ClientResponse = await self.client.get(path, **more)
        return answer

    async def read(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status == 200, path
        return await answer.text()

    async def send(self, path: str, given: dict[str, str], *files: tuple[str, bytes], **more: Any) -> ClientResponse:
        """A form as a browser sends it; `files` are names of fields with what was chosen there."""
        form = FormData({"csrf": self.csrf, **given}, default_to_multipart=bool(files))
        for at, (name, content) in enumerate(files):
            form.add_field(name, content, filename=f"IMG_{at}.jpg", content_type="application/octet-stream")
        answer: ClientResponse = await self.client.post(path, data=form, **more)
        return answer


@dataclass
class Console:
    """A running console."""

    server: TestServer
    engine: Engine
    settings: Settings
    _windows: list[Any] = field(default_factory=list)

    def down(self, do: Callable[..., Any], *given: Any, **more: Any) -> Any:
        """Do something downstairs, in a transaction of its own."""
        with writing(self.engine) as session:
            done = do(session, *given, **more)
            session.commit()
            return done

    def row(self, kind: Any, key: Any) -> Any:
        """One row of a table, as it stands now."""
        with Session(self.engine) as session:
            return session.get_one(kind, key)

    async def person(self, name: str, role: Role, **more: Any) -> Person:
        password = self.down(accounts.create, name, role, name, **more)
        client = TestClient(self.server)
        self._windows.append(client)
        first = await client.post("/sign-in", data={"name": name, "password": password})
        assert first.status == 200, name
        csrf = re.search(r'data-csrf="([^"]+)"', await first.text())
        assert csrf
        return Person(client, csrf[1])

    async def close(self) -> None:
        for window in self._windows:
            await window.session.close()


@contextlib.asynccontextmanager
async def opened(database: str, redis_url: str, home: Path, **more: Any) -> AsyncIterator[Console]:
    for room in (kb.schema, routing.schema, schema):
        room.upgrade(database)
    settings = Settings(
        hotline_home=home, database_url=database, redis_url=redis_url, ami_address=f"127.0.0.1:{free_port()}", **more
    )
    engine = connect(database)
    async with TestServer(make_app(settings)) as server:
        console = Console(server, engine, settings)
        yield console
        await console.close()
    engine.dispose()


@contextlib.contextmanager
def alone(home: Path, redis_url: str) -> Iterator[tuple[str, str]]:
    """A console in a process of its own, for who asks from a thread: its address, and its database."""
    database, port = f"sqlite:///{home}/hotline.db", free_port()
    for room in (kb.schema, routing.schema, schema):
        room.upgrade(database)
    env = {
        **os.environ, "HOTLINE_HOME": str(home), "DATABASE_URL": database, "REDIS_URL": redis_url,
        "CONSOLE_OPEN_PER_MINUTE": "100000", "CONSOLE_ADDRESS": f"127.0.0.1:{port}",
        "AMI_ADDRESS": f"127.0.0.1:{free_port()}",
    }  # fmt: skip
    with (home / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "agent_console"], env=env, stdout=log, stderr=log)
    try:
        until = time.monotonic() + ALIVE_WITHIN
        while time.monotonic() < until and process.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                break
        yield f"http://127.0.0.1:{port}", database
    finally:
        process.terminate()
        process.wait(20)
