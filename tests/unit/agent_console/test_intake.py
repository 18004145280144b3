"""Video patrols, 110 and other platforms bring cases and answers in by their keys, and get a receipt."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession
from console import Console, opened
from photos import photo
from sqlalchemy import select

from agent_console.permissions import Role
from routing import attachments, handovers
from routing.alarms import open_alarms
from routing.api_keys import Right, issue
from routing.case_desk import perform
from routing.cases import Action, State
from routing.cases import Role as Part
from routing.tables import CaseRow, OriginRow

STILL = base64.b64encode(photo()).decode()
SEEN = {
    "number": "V-20261126-001",
    "camera": "CAM-0427",
    "reviewer": "李审核",
    "reason": "占道经营堵塞消防通道",
    "matter": "0207",
    "text": "摊位占用消防通道",
    "place": "永盛第1网格路口",
    "files": [STILL],
}
CALLED = {
    "number": "110-8899",
    "operator": "接警员007",
    "text": "楼上半夜装修太吵，不是警情",
    "place": "泰安名苑",
    "matter": "1102",
    "phone": "+86 138 1234 5678",
    "name": "王女士",
}


@dataclass
class Door:
    """The intake, and a key for each who knocks."""

    console: Console
    client: ClientSession
    keys: dict[str, str]

    async def send(self, path: str, given: Any, key: str) -> ClientResponse:
        url = self.console.server.make_url(f"/intake/v1/{path}")
        return await self.client.post(url, json=given, headers={"Authorization": f"Bearer {self.keys[key]}"})

    def case(self, number: str) -> CaseRow:
        return self.console.row(CaseRow, number)


@pytest.fixture
async def door(redis_url: str, tmp_path: Path):
    async with opened(f"sqlite:///{tmp_path}/h.db", redis_url, tmp_path) as console, ClientSession() as client:
        now, keys = datetime.now(UTC), {"nobody": "hk_x"}
        for name, right, source in (
            ("video", Right.WRITE, "video"), ("police", Right.WRITE, "110"), ("p12315", Right.WRITE, "outside"),
            ("reader", Right.READ, "outside"),
        ):  # fmt: skip
            keys[name] = console.down(issue, name, right, now, source=source, per_minute=6000)
        yield Door(console, client, keys)


async def test_what_a_reviewer_saw_on_a_camera_becomes_a_case_with_its_still_and_is_verified_later(door: Door):
    answer = await door.send("video", SEEN, "video")
    receipt = await answer.json()
    assert answer.status == 201
    assert (receipt["number"], receipt["unit"]) == ("V-20261126-001", "海勃湾区人民政府")
    number = receipt["case"]
    case = door.case(number)
    assert (case.source, case.grid, case.lead) == ("video", "hbw0100101", "district.hbw")
    (file,) = door.console.down(attachments.of_case, number)
    assert (file.media, file.purpose) == ("image/jpeg", "report")
    again = await door.send("video", SEEN, "video")
    assert (again.status, await again.json()) == (200, receipt)
    other = await door.send("video", {**SEEN, "text": "另一件事"}, "video")
    assert other.status == 409
    unit = await door.console.person("carl", Role.UNIT, unit="district.hbw")
    page = await unit.read(f"/cases/{number}")
    assert "CAM-0427" in page
    assert "堵塞消防通道" in page
    assert "李审核" not in page
    assert "V-20261126-001" not in page


async def test_110_hands_over_what_is_no_emergency_and_gets_a_receipt(door: Door):
    receipt = await (await door.send("110", CALLED, "police")).json()
    case = door.case(receipt["case"])
    assert (case.source, case.contact, case.contact_name) == ("110", "13812345678", "王女士")
    assert receipt["taken_at"]
    origin = door.console.row(OriginRow, receipt["case"])
    assert (origin.number, origin.person, origin.system) == ("110-8899", "接警员007", "police")
    operator = await door.console.person("anna", Role.OPERATOR, number="1001")
    page = await operator.read(f"/cases/{receipt['case']}")
    assert "110 转来" in page
    assert "110-8899" in page
    assert "接警员007" in page


async def test_what_110_hands_over_and_yet_sounds_like_danger_is_before_a_supervisor_at_once(door: Door):
    await door.send("110", {**CALLED, "matter": "", "text": "三楼着火了，有人困在里面"}, "police")
    assert [a.kind for a in door.console.down(open_alarms)] == ["danger"]


@pytest.mark.parametrize(
    ("path", "key", "given", "status"),
    [
        ("video", "nobody", SEEN, 401),
        ("video", "reader", SEEN, 403),
        ("video", "police", SEEN, 403),
        ("110", "video", CALLED, 403),
        ("video", "video", {**SEEN, "files": []}, 400),
        ("video", "video", {**SEEN, "files": ["no base64!"]}, 400),
        ("video", "video", {**SEEN, "files": [base64.b64encode(photo()[:300]).decode()]}, 422),
        ("video", "video", {**SEEN, "camera": ""}, 400),
        ("video", "video", {**SEEN, "matter": "9999"}, 404),
        ("video", "video", {**SEEN, "seen_at": "2999-01-01T00:00:00+08:00"}, 400),
        ("video", "video", {**SEEN, "lat": "nan", "lng": "nan"}, 400),
        ("video", "video", ["no object"], 400),
        ("110", "police", {**CALLED, "operator": ""}, 400),
        ("replies", "p12315", {"case": "03260303000018", "reply": "已办", "by": "张科"}, 404),
    ],
)
async def test_what_may_not_come_in_is_refused_in_words_and_nothing_is_kept(
    door: Door, path: str, key: str, given: Any, status: int
):
    answer = await door.send(path, given, key)
    assert answer.status == status
    assert (await answer.json())[0]["description"]
    assert door.console.down(lambda s: s.scalars(select(CaseRow.number)).all()) == []
    assert not door.console.settings.files.exists()


async def test_a_citizens_photographs_follow_a_case_that_an_app_brought_in(door: Door):
    number = (await (await door.send("110", CALLED, "police")).json())["case"]
    given = {"case": number, "files": [STILL]}
    for _ in range(2):
        answer = await door.send("files", given, "police")
        assert (answer.status, await answer.json()) == (201, {"case": number, "files": 1})
    assert (await door.send("files", given, "p12315")).status == 404
    assert (await door.send("files", {**given, "files": []}, "police")).status == 400
    (file,) = door.console.down(attachments.of_case, number)
    assert (file.purpose, file.role) == ("report", "system")


async def test_a_dispatcher_sends_a_case_over_follows_it_on_its_page_and_its_answer_comes_in(door: Door):
    receipt = await (await door.send("110", CALLED, "police")).json()
    number, console = receipt["case"], door.console
    console.down(handovers.add_platform, "p12315", "12315平台", "http://127.0.0.1:9/cases", datetime.now(UTC))
    supervisor = await console.person("sue", Role.SUPERVISOR, number="2001")
    assert "12315平台</option>" in await supervisor.read(f"/cases/{number}")
    given = {"action": "send_over", "version": "1", "platform": "p12315", "reason": "属市场监管"}
    page = await (await supervisor.send(f"/cases/{number}", given)).text()
    assert "移交外部平台" in page
    assert "外部平台：12315平台" in page
    assert "等待送达" in page
    took = {"outside_number": "M-77"}
    later = datetime.now(UTC) + timedelta(minutes=1)
    console.down(perform, number, Action.RECEIPT, later, actor="platform:p12315", role=Part.SYSTEM, given=took)
    page = await supervisor.read(f"/cases/{number}")
    assert "对方已受理" in page
    assert "M-77" in page
    reply = {"case": number, "reply": "已责令整改", "by": "张科", "files": [STILL]}
    assert (await door.send("replies", reply, "p12315")).status == 201
    assert (await door.send("replies", reply, "p12315")).status == 200
    assert (await door.send("replies", {**reply, "reply": "又一个答复"}, "p12315")).status == 409
    assert door.case(number).state == State.CALLBACK
    page = await supervisor.read(f"/cases/{number}")
    assert "已责令整改" in page
    assert "办理反馈的照片 1" in page
