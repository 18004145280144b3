"""What the description of the open door promises, the door keeps, whatever is sent to it."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from servers import free_port
from sqlalchemy.orm import Session

import kb.schema
import routing.schema
from agent_console import schema as console_schema
from agent_console.open311_description import description
from routing.api_keys import Right, issue
from routing.database import connect

EXAMPLES = 40  # of every address
ALIVE_WITHIN = 60  # s

described = schemathesis.openapi.from_dict(description())


@pytest.fixture(scope="module")
def door(redis_server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """A console in a process of its own: its address, and a key per right."""
    home: Path = tmp_path_factory.mktemp("console")
    database, port = f"sqlite:///{home}/hotline.db", free_port()
    for room in (kb.schema, routing.schema, console_schema):
        room.upgrade(database)
    engine = connect(database)
    with Session(engine) as session:
        keys = {
            right.value: issue(session, f"probe-{right}", right, datetime.now(UTC), per_minute=6000) for right in Right
        }
    engine.dispose()
    env = {
        **os.environ, "HOTLINE_HOME": str(home), "DATABASE_URL": database, "REDIS_URL": redis_server_url,
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
        yield f"http://127.0.0.1:{port}", keys
    finally:
        process.terminate()
        process.wait(20)


@described.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_whatever_is_sent_is_answered_as_described(case: schemathesis.Case, door: tuple[str, dict[str, str]]):
    address, keys = door
    key = keys["write" if case.method == "POST" else "read"]
    case.call_and_validate(base_url=address, headers={"Authorization": f"Bearer {key}"})


def test_the_description_is_what_the_door_gives_out(door: tuple[str, dict[str, str]]):
    with urllib.request.urlopen(f"{door[0]}/open311/openapi.json", timeout=10) as answer:
        assert json.load(answer) == description()
