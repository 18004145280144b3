"""What the description of the intake promises, the intake keeps, whatever is sent to it."""

import base64
import binascii
import contextlib
import json
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from photos import PDF, photo
from sqlalchemy.orm import Session

from agent_console.intake_description import description
from routing import handovers
from routing.api_keys import Right, issue
from routing.database import connect
from routing.pictures import Limits

EXAMPLES = 30  # of every address
KEYS = {  # whose message it is: name and source of the key
    "/intake/v1/video": ("eyes", "video"), "/intake/v1/110": ("police", "110"),
    "/intake/v1/replies": ("p12315", "outside"), "/intake/v1/files": ("police", "110"),
}  # fmt: skip
PICTURES = [base64.b64encode(photo(form=form, mark=n)).decode() for n, form in enumerate(("JPEG", "PNG", "WEBP"))]
DOCUMENT = base64.b64encode(PDF).decode()

described = schemathesis.openapi.from_dict(description(Limits()))


def possible(path: str, body: Any) -> Any:
    """What no schema can say: a file is a picture, and what was seen was seen within the last year."""
    if not isinstance(body, dict):
        return body
    made = dict(body)
    if isinstance(body.get("files"), list) and all(isinstance(one, str) and _base64(one) for one in body["files"]):
        kinds = PICTURES if path.endswith("video") else [*PICTURES, DOCUMENT]
        made["files"] = [one for one, _ in zip(cycle(kinds), body["files"], strict=False)]
    with contextlib.suppress(ValueError, TypeError, KeyError):
        if datetime.fromisoformat(body["seen_at"]).tzinfo is not None:
            made["seen_at"] = (datetime.now(UTC) - timedelta(hours=len(body))).isoformat()
    return made


def _base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False


@dataclass(frozen=True)
class Door:
    address: str
    keys: dict[str, str]

    def send(self, path: str, body: bytes) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.keys[path]}", "Content-Type": "application/json"}
        asked = urllib.request.Request(self.address + path, body, headers)
        try:
            with urllib.request.urlopen(asked, timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)


@pytest.fixture(scope="module")
def door(lone_console: tuple[str, str]) -> Door:
    """A key for each who knocks."""
    address, database = lone_console
    engine, now = connect(database), datetime.now(UTC)
    with Session(engine) as session:
        made = {
            name: issue(session, name, Right.WRITE, now, source=source, per_minute=6000)
            for name, source in sorted(set(KEYS.values()))
        }
        handovers.add_platform(session, "p12315", "12315平台", "http://127.0.0.1:9/cases", now)
        session.commit()
    engine.dispose()
    return Door(address, {path: made[name] for path, (name, _) in KEYS.items()})


@described.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_whatever_is_sent_is_answered_as_described(case: schemathesis.Case, door: Door):
    key = door.keys[case.operation.path]
    case.body = possible(case.operation.path, case.body)
    case.call_and_validate(base_url=door.address, headers={"Authorization": f"Bearer {key}"})


def test_the_description_is_what_the_door_gives_out_in_this_citys_bounds(door: Door):
    with urllib.request.urlopen(f"{door.address}/intake/openapi.json", timeout=10) as answer:
        assert json.load(answer) == description(Limits())
    video = description(Limits(number=2, size=30, kinds=frozenset({"image/png"})))["paths"]["/intake/v1/video"]["post"]
    files = video["requestBody"]["content"]["application/json"]["schema"]["properties"]["files"]
    assert (files["minItems"], files["maxItems"], files["items"]["maxLength"]) == (1, 2, 40)
    assert files["items"]["description"] == "image/png"


SAID = {"number": "n", "operator": "接警员", "text": "路灯不亮"}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        json.dumps({**SAID, "text": "\ud800"}).encode(),
        json.dumps(SAID, ensure_ascii=False).encode("gb18030"),
        json.dumps({**SAID, "lat": float("nan"), "lng": 1}).encode(),
        b'{"lat": 1' + b"0" * 400 + b', "lng": 1}',
        json.dumps({**SAID, "lat": 39.6}).encode(),
        json.dumps({**SAID, "number": " "}).encode(),
        json.dumps({**SAID, "number": 7}).encode(),
        json.dumps({**SAID, "place": ["南门"]}).encode(),
        json.dumps({**SAID, "files": PICTURES[0]}).encode(),
        json.dumps({**SAID, "files": ["照片"]}).encode(),
    ],
    ids=range(11),
)
def test_what_no_program_should_send_is_refused_in_words(door: Door, body: bytes):
    status, said = door.send("/intake/v1/110", body)
    assert (status, said[0]["code"]) == (400, "400")


def test_what_is_left_open_may_be_null(door: Door):
    nothing = dict.fromkeys(("place", "matter", "seen_at", "phone", "name", "privacy", "files"))
    status, receipt = door.send("/intake/v1/110", json.dumps({**SAID, "number": "open", **nothing}).encode())
    assert (status, receipt["number"]) == (201, "open")
