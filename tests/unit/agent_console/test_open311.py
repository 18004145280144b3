"""Other platforms read and write cases through the open door; what citizens entrusted to the hotline stays there."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from databases import Prepared
from servers import free_port
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

import kb.schema
import routing.schema
from agent_console import schema
from agent_console.app import make_app
from agent_console.settings import Settings
from routing.alarms import open_alarms
from routing.api_keys import Right, issue, keys, revoke
from routing.case_desk import open_case, perform
from routing.case_lists import unit_list
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.database import connect, writing
from routing.dispatch import Report, propose
from routing.file_store import FileStore
from routing.grids import sample
from routing.looks import looks_at
from routing.office import Office
from routing.pictures import JPEG, Clean
from routing.tables import CaseRow

ROOMS = (kb.schema, routing.schema, schema)
LAMP = {
    "service_code": "0203",
    "description": "泰安名苑门口路灯不亮，回电13812345678",
    "address_string": "泰安名苑",
    "lat": "40.8412",
    "long": "111.6512",
    "last_name": "王",
    "first_name": "小明",
    "phone": "+86 138 1234 5678",
    "email": "wang@example.cn",
}


@dataclass
class City:
    """A console with its open door, and the records behind it."""

    client: Any
    engine: Engine
    session: Session
    reader: str
    writer: str

    async def get(self, path: str, key: str | None = "reader", **more: Any) -> ClientResponse:
        headers = {"Authorization": f"Bearer {getattr(self, key)}"} if key else {}
        answer: ClientResponse = await self.client.get(f"/open311/v2/{path}", headers=headers, **more)
        return answer

    async def post(self, given: dict[str, str], again: str = "", key: str = "writer", form: str = "json") -> Any:
        headers = {"Authorization": f"Bearer {getattr(self, key)}", **({"Idempotency-Key": again} if again else {})}
        return await self.client.post(f"/open311/v2/requests.{form}", data=given, headers=headers)

    async def write(self, **more: str) -> str:
        answer = await self.post({**LAMP, **more})
        assert answer.status == 201, await answer.text()
        (made,) = await answer.json()
        return str(made["service_request_id"])

    def down(self, do: Callable[..., Any], *given: Any, **more: Any) -> Any:
        with writing(self.engine) as session:
            return do(session, *given, **more)

    def case(self, number: str) -> CaseRow:
        self.session.rollback()
        return self.session.get_one(CaseRow, number, populate_existing=True)


def looked(city: City, number: str) -> list[tuple[str, str]]:
    """Who looked at a case, and what for."""
    return [(look.actor, look.purpose) for look in looks_at(city.session, number)]


@contextlib.asynccontextmanager
async def opened(database: str, redis_url: str, home: Path) -> AsyncIterator[City]:
    settings = Settings(
        hotline_home=home, database_url=database, redis_url=redis_url, ami_address=f"127.0.0.1:{free_port()}"
    )
    engine = connect(database)
    with Session(engine) as session:
        now = datetime.now(UTC)
        reader = issue(session, "reports", Right.READ, now, per_minute=6000)
        writer = issue(session, "grid-app", Right.WRITE, now, source="grid", per_minute=6000)
        async with TestClient(TestServer(make_app(settings))) as client:
            yield City(client, engine, session, reader, writer)
    engine.dispose()


@pytest.fixture
async def city(prepared: Prepared, redis_url: str, tmp_path: Path) -> AsyncIterator[City]:
    async with opened(prepared.new("sqlite", tmp_path, *ROOMS), redis_url, tmp_path) as city:
        yield city


@pytest.fixture
async def any_city(database_kind: str, prepared: Prepared, redis_url: str, tmp_path: Path) -> AsyncIterator[City]:
    """Once on SQLite, once on PostgreSQL."""
    async with opened(prepared.new(database_kind, tmp_path, *ROOMS), redis_url, tmp_path) as city:
        yield city


async def test_a_report_of_the_grid_app_shows_at_the_unit_responsible(any_city: City):
    city = any_city
    number = await city.write()
    case = city.case(number)
    assert (case.source, case.lead, case.opened_by) == ("grid", "urban_mgmt.hbw", "key:grid-app")
    assert (case.contact, case.contact_name, case.other_contact) == ("13812345678", "王小明", "wang@example.cn")
    assert (case.lat, case.lng) == (40.8412, 111.6512)
    assert [b.number for b in unit_list(city.session, "urban_mgmt.hbw")] == [number]


async def test_a_report_of_danger_is_before_a_supervisor_at_once(city: City):
    await city.write()
    assert city.down(open_alarms) == []
    for words in ("三楼着火了，有人困在里面", "楼道里有很浓的煤气味"):
        number = await city.write(description=words)
        assert number in city.down(open_alarms)[0].text
    assert [alarm.kind for alarm in city.down(open_alarms)] == ["danger"] * 2


async def test_a_reader_never_sees_whom_a_case_is_about(city: City):
    number = await city.write()
    for path in ("requests.json", "requests.xml", f"requests/{number}.json", f"requests/{number}.xml"):
        answer = await city.get(path)
        text = await answer.text()
        assert (answer.status, number in text) == (200, True)
        assert not [secret for secret in ("1381234", "小明", "wang@", "13812345678") if secret in text]
    (shown,) = await (await city.get(f"requests/{number}.json")).json()
    assert (shown["status"], shown["service_code"]) == ("open", "0203")
    assert shown["agency_responsible"] == sample().units["urban_mgmt.hbw"].name


@pytest.mark.parametrize("privacy", ["confidential", "anonymous"])
async def test_who_asked_for_confidence_is_in_no_list(city: City, privacy: str):
    number = await city.write(**{"attribute[privacy]": privacy})
    assert await (await city.get("requests.json")).json() == []
    assert (await city.get(f"requests/{number}.json")).status == 404
    assert await (await city.get("requests.json", params={"service_request_id": number})).json() == []
    assert (await city.get(f"requests/{number}.json", key="writer")).status == 200
    assert looked(city, number)[0] == ("key:grid-app", "open311:grid-app")


async def test_every_look_at_a_case_is_kept(any_city: City):
    city = any_city
    number = await city.write()
    await city.get(f"requests/{number}.json")
    await city.get("requests.xml", params={"service_request_id": number})
    await city.get("requests.json")
    city.session.rollback()
    assert looked(city, number) == [("key:reports", "open311:reports")] * 2


async def test_a_writer_sees_only_what_it_wrote(city: City):
    made = propose(Report("路灯不亮", "泰安名苑", matter="0203"), shipped(), sample())
    other = city.down(
        open_case, Report("路灯不亮", "泰安名苑"), made, datetime.now(UTC), actor="op1001", office=Office()
    )
    number = await city.write()
    seen = [case["service_request_id"] for case in await (await city.get("requests.json", key="writer")).json()]
    assert seen == [number]
    assert (await city.get(f"requests/{other.number}.json", key="writer")).status == 404
    assert (await city.get(f"requests/{other.number}.json")).status == 200


async def test_a_report_sent_again_is_one_case(any_city: City):
    city = any_city
    answers = await asyncio.gather(*(city.post(LAMP, again="grid-000001") for _ in range(8)))
    assert {answer.status for answer in answers} == {201}
    assert len({await answer.text() for answer in answers}) == 1
    city.session.rollback()
    assert len(city.session.scalars(select(CaseRow.number)).all()) == 1
    assert (await city.post({**LAMP, "description": "井盖坏了"}, again="grid-000001")).status == 409
    assert (await city.post(LAMP, again="grid-000002")).status == 201
    assert (await city.post(LAMP, again="short")).status == 400


async def test_the_answer_of_the_unit_is_shown_when_the_hotline_has_checked_it(city: City, tmp_path: Path):
    number, unit = await city.write(), "urban_mgmt.hbw"
    now = datetime.now(UTC)

    async def notes() -> str:
        (shown,) = await (await city.get(f"requests/{number}.json")).json()
        return str(shown["status_notes"])

    city.down(perform, number, Action.SIGN, now, actor="h", role=Role.DEPARTMENT, unit=unit)
    replied = {"reply": "已换灯泡，联系人13900001111", "contacted": "当日"}
    city.down(perform, number, Action.REPLY, now, actor="h", role=Role.DEPARTMENT, unit=unit, given=replied)
    assert "灯泡" not in await notes()
    city.down(perform, number, Action.PASS, now, actor="s", role=Role.SUPERVISOR)
    assert "已换灯泡" in await notes()
    assert "1390000" not in await notes()
    office, seen = Office(files=FileStore(tmp_path / "files")), [Clean(b"a lamp that shines", JPEG)]
    city.down(perform, number, Action.VERIFY, now, actor="ben", role=Role.GRID, area="hbw", given={"place": "泰安名苑"},
              office=office, files=seen)  # fmt: skip
    for status, found in (("open", 0), ("closed", 1), ("open,closed", 1)):
        assert len(await (await city.get("requests.json", params={"status": status})).json()) == found


async def test_lists_are_asked_by_matter_time_and_page(any_city: City):
    city = any_city
    numbers = [await city.write() for _ in range(3)] + [await city.write(service_code="0204")]

    async def found(**asked: str) -> list[str]:
        return [c["service_request_id"] for c in await (await city.get("requests.json", params=asked)).json()]

    assert await found() == numbers[::-1]
    assert await found(service_code="0204,0101") == numbers[3:]
    assert await found(page="2", page_size="3") == numbers[:1]
    assert await found(start_date="2020-01-01T00:00:00Z", end_date="2020-02-01T00:00:00+08:00") == []
    assert await found(service_request_id=",".join(numbers[:2])) == numbers[:2]


WRONG: list[tuple[dict[str, str], int]] = [
    ({"service_code": "9999"}, 404),
    ({"service_code": ""}, 400),
    ({"description": "   "}, 400),
    ({"description": "x" * 4001}, 400),
    ({"description": "a\x00b"}, 400),
    ({"lat": "nan"}, 400),
    ({"lat": "91"}, 400),
    ({"long": ""}, 400),
    ({"phone": "ring me"}, 400),
    ({"email": "nobody"}, 400),
    ({"attribute[kind]": "玩笑"}, 400),
    ({"attribute[privacy]": "secret"}, 400),
    ({"description": "长" * 70_000}, 413),
]


async def test_what_cannot_be_a_report_is_refused_in_the_shape_of_the_standard(city: City):
    for wrong, status in WRONG:
        answer = await city.post({**LAMP, **wrong})
        assert (answer.status, [e["code"] for e in await answer.json()]) == (status, [str(status)]), wrong
        answer = await city.post({**LAMP, **wrong}, form="xml")
        assert (answer.status, answer.content_type) == (status, "text/xml")
        assert ElementTree.fromstring(await answer.text()).findtext("error/code") == str(status)
    headers = {"Authorization": f"Bearer {city.writer}", "Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"description=%ff&service_code=0203", b"\xff\xfe", b"&".join([b"a=1"] * 50)):
        assert (await city.client.post("/open311/v2/requests.json", data=body, headers=headers)).status == 400
    assert (await city.client.post("/open311/v2/requests.json", json=LAMP, headers=headers | {
        "Content-Type": "application/json"})).status == 415  # fmt: skip
    city.session.rollback()
    assert city.session.scalars(select(CaseRow.number)).all() == []


async def test_what_cannot_be_asked_is_refused(city: City):
    for asked in (
        {"start_date": "yesterday"}, {"start_date": "2026-01-01"}, {"page": "0"}, {"page_size": "201"},
        {"status": "lost"}, {"service_request_id": "1"}, {"service_code": "0203;"}, {"end_date": "0001-01-01T00:00Z"},
    ):  # fmt: skip
        assert (await city.get("requests.json", params=asked)).status == 400, asked


async def test_without_a_key_that_may_nobody_reads_or_writes(city: City):
    assert (await city.get("requests.json", key=None)).status == 403
    assert (await city.post(LAMP, key="reader")).status == 403
    assert (await city.client.post("/open311/v2/requests.json", data=LAMP)).status == 403
    assert (await city.client.post("/open311/v2/requests.json", data={**LAMP, "api_key": city.writer})).status == 201
    assert (await city.client.get("/open311/v2/requests.json", params={"api_key": city.reader})).status == 200
    assert [key.used is not None for key in keys(city.session)] == [True, True]
    city.down(revoke, "reports", datetime.now(UTC))
    assert (await city.get("requests.json")).status == 403


async def test_the_other_addresses_of_the_console_are_as_closed_as_before(city: City):
    headers = {"Authorization": f"Bearer {city.writer}", "Origin": "https://elsewhere.example"}
    answer = await city.client.post("/cases", data=LAMP, headers=headers, allow_redirects=False)
    assert answer.status == 403
    answer = await city.client.get("/cases", headers={"Authorization": headers["Authorization"]}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    assert (await city.client.post("/open311/../cases", data=LAMP, headers=headers)).status in (403, 404)


async def test_a_platform_reads_a_failure_of_ours_like_any_other_refusal(city: City):
    city.down(lambda session: (session.execute(text("ALTER TABLE api_keys RENAME TO gone")), session.commit()))
    answer = await city.get("requests.json")
    assert (answer.status, (await answer.json())[0]["code"]) == (500, "500")


async def test_a_platform_in_a_hurry_is_told_to_wait(city: City):
    slow = city.down(issue, "hurried", Right.READ, datetime.now(UTC), per_minute=3)
    headers = {"Authorization": f"Bearer {slow}"}
    answers = [await city.client.get("/open311/v2/requests.json", headers=headers) for _ in range(5)]
    assert [answer.status for answer in answers] == [200] * 3 + [429] * 2
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
    assert (await city.get("requests.json")).status == 200


async def test_a_guesser_of_keys_is_told_to_wait(city: City):
    answers = [await city.get("requests.json", key=None) for _ in range(121)]
    assert (answers[-2].status, answers[-1].status) == (403, 429)


async def test_every_matter_of_the_catalogue_is_a_service(city: City):
    listed = await (await city.get("services.json", key=None)).json()
    assert [s["service_code"] for s in listed] == list(shipped().leaves)
    tree = ElementTree.fromstring(await (await city.get("services.xml", key=None)).text())
    assert (tree.tag, len(tree.findall("service"))) == ("services", 142)
    assert tree.findtext("service/metadata") == "true"
    one = await (await city.get("services/0203.json", key=None)).json()
    assert [a["code"] for a in one["attributes"]] == ["kind", "privacy"]
    tree = ElementTree.fromstring(await (await city.get("services/0203.xml", key=None)).text())
    assert tree.findtext("attributes/attribute/values/value/key") == shipped().leaves["0203"].kinds[0]
    assert (await city.get("services/9999.json", key=None)).status == 404
    assert (await city.get("nothing.xml", key=None)).content_type == "text/xml"


async def test_a_point_alone_is_said_so_that_the_unit_can_read_it(city: City):
    number = await city.write(address_string="")
    assert city.case(number).place == "北纬40°50.472′ 东经111°39.072′"
    (shown,) = await (await city.get(f"requests/{number}.json")).json()
    assert shown["address"] == "北纬40°50.472′ 东经111°39.072′"


async def test_a_program_finds_the_interface_and_its_description(city: City):
    found = await (await city.client.get("/open311/discovery.json")).json()
    assert found["endpoints"][0]["url"].endswith("/open311/v2")
    described = json.loads(await (await city.client.get("/open311/openapi.json")).text())
    assert described["openapi"] == "3.1.0"
