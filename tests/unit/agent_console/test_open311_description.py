"""What the description of the open door promises, the door keeps, whatever is sent to it."""

import json
import urllib.request
from datetime import UTC, datetime

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from sqlalchemy.orm import Session

from agent_console.open311_description import description
from routing.api_keys import Right, issue
from routing.database import connect

EXAMPLES = 40  # of every address

described = schemathesis.openapi.from_dict(description())


@pytest.fixture(scope="module")
def door(lone_console: tuple[str, str]) -> tuple[str, dict[str, str]]:
    """The address of a console in a process of its own, and a key per right."""
    address, database = lone_console
    engine = connect(database)
    with Session(engine) as session:
        keys = {
            right.value: issue(session, f"probe-{right}", right, datetime.now(UTC), per_minute=6000) for right in Right
        }
    engine.dispose()
    return address, keys


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
