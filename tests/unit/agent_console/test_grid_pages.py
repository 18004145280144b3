"""Grid officers report and verify on their pages, and see nothing beyond their area."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from console import Console, Person, opened
from photos import photo

from agent_console import accounts, schema
from agent_console.permissions import Role
from routing import attachments, cases, jobs, patrol
from routing.alarms import open_alarms
from routing.case_desk import perform
from routing.cases import Action
from routing.database import connect, writing
from routing.file_store import FileStore
from routing.looks import looks_at
from routing.office import Office
from routing.patrol import Sighting
from routing.pictures import clean

GRID, COMMUNITY = "hbw0100101", "hbw01001"


@pytest.fixture
async def console(redis_url: str, tmp_path: Path):
    async with opened(f"sqlite:///{tmp_path}/h.db", redis_url, tmp_path) as console:
        yield console


def sighting(**more: str) -> dict[str, str]:
    given = {"client": "f" * 32, "matter": "0203", "text": "路灯不亮", "grid": GRID, "landmark": "南门", "metres": "30"}
    return given | more


async def reported(officer: Person, **more: str) -> str:
    answer = await officer.send("/grid/report", sighting(**more), ("photo", photo()))
    assert answer.status == 200, await answer.text()
    return answer.url.path.rpartition("/")[2]


async def done_by_its_unit(console: Console, number: str) -> None:
    unit = await console.person("carl", Role.UNIT, unit="urban_mgmt.hbw")
    supervisor = await console.person("sue", Role.SUPERVISOR, number="2001")
    await unit.send(f"/cases/{number}", {"action": "sign", "version": "2"})
    await unit.send(f"/cases/{number}", {"action": "reply", "version": "3", "reply": "换了灯泡", "contacted": "无"})
    passed = await supervisor.send(f"/cases/{number}", {"action": "pass", "version": "4"})
    assert "待核查" in await passed.text()


async def test_a_report_with_photograph_and_distance_becomes_a_case_once(console: Console):
    olga = await console.person("olga", Role.GRID, area=GRID)
    number = await reported(olga)
    page = await olga.read(f"/cases/{number}")
    for shown in ("永盛第1网格，距南门约30米", "反映的情况的照片 1", "网格"):
        assert shown in page
    assert await reported(olga, text="没有收到回音，又发一次") == number
    assert number in await olga.read("/grid")


async def test_an_officer_closes_what_a_unit_did_with_place_and_photograph(console: Console):
    olga = await console.person("olga", Role.GRID, area=GRID)
    ben = await console.person("ben", Role.GRID, area=COMMUNITY)
    number = await reported(olga)
    await done_by_its_unit(console, number)
    assert '待核查 <span class="pill warn">1' in await ben.read("/grid")
    verify = {"action": "verify", "version": "5", "place": "距南门约30米"}
    refused = await ben.send(f"/cases/{number}", {**verify, "photo": "0" * 64})
    assert refused.status == 400
    assert "请附上现场照片" in await refused.text()
    closed = await ben.send(f"/cases/{number}", verify, ("file", photo(mark=2)))
    assert "办结" in await closed.text()
    assert [a.purpose for a in console.down(attachments.of_case, number)] == ["report", "after"]


def waiting_since_new_year(console: Console) -> str:
    """A case that its unit did in January, and nobody has looked at."""
    then, office = datetime(2026, 1, 6, 2, 0, tzinfo=UTC), Office(files=FileStore(console.settings.files))
    picture = clean(photo(), office.limits)
    seen = Sighting("a" * 32, "0203", "路灯不亮", GRID, "南门", 30, then, [picture])
    number: str = console.down(patrol.report, seen, then, actor="olga", area=GRID, office=office)

    def do(action: Action, role: cases.Role, **given: str) -> None:
        unit = "urban_mgmt.hbw" if role is cases.Role.DEPARTMENT else None
        console.down(perform, number, action, then, actor="x", role=role, unit=unit, given=given, office=office)

    do(Action.SIGN, cases.Role.DEPARTMENT)
    do(Action.REPLY, cases.Role.DEPARTMENT, reply="换了灯泡", contacted="无")
    do(Action.PASS, cases.Role.SUPERVISOR)
    return number


async def test_who_should_look_sees_that_they_were_reminded_and_that_it_is_late_and_a_supervisor_is_told(
    console: Console, redis_url: str
):
    number = waiting_since_new_year(console)
    ben = await console.person("ben", Role.GRID, area=COMMUNITY)
    supervisor = await console.person("sue", Role.SUPERVISOR, number="2001")
    assert "核查时限 <strong" in await ben.read("/grid")
    jobs.rounds(console.settings.database, redis_url)
    assert '<span class="pill bad">核查超时</span>' in await ben.read("/grid")
    page = await ben.read(f"/cases/{number}")
    for shown in ("核查时限", "核查超时", "核查已超时", "核查超时，请班长安排核查"):
        assert shown in page
    assert "催办 1 次" not in page  # of the unit, which was in time
    assert [(a.kind, number in a.text) for a in console.down(open_alarms)] == [("verification", True)]
    for listed in ("/cases?show=verification", f"/cases?q={number}"):
        assert '<span class="pill bad">核查超时</span>' in await supervisor.read(listed)
    there = await supervisor.read(f"/cases/{number}")
    assert "timetable" not in there
    assert "核查通过" in there
    assert "核查超时" in there
    verify = {"action": "verify", "version": "7", "place": "距南门约30米"}
    closed = await ben.send(f"/cases/{number}", verify, ("file", photo(mark=2)))
    text = await closed.text()
    assert "办结" in text
    assert "核查时限" not in text


async def test_who_handled_it_cannot_verify_it(console: Console):
    olga = await console.person("olga", Role.GRID, area=COMMUNITY)
    given = sighting(handled="yes", reply="井盖扶正了")
    answer = await olga.send("/grid/report", given, ("photo", photo()), ("after", photo(mark=3)))
    page = await answer.text()
    assert "待核查" in page
    assert "核查通过" not in page
    number = answer.url.path.rpartition("/")[2]
    verify = {"action": "verify", "version": "3", "place": "南门"}
    assert (await olga.send(f"/cases/{number}", verify, ("file", photo()))).status == 400


async def test_an_officer_sees_nothing_beyond_their_area_and_no_desk(console: Console):
    olga = await console.person("olga", Role.GRID, area=GRID)
    eve = await console.person("eve", Role.GRID, area="hbw0100102")
    number = await reported(olga)
    (file,) = console.down(attachments.of_case, number)
    for path in (f"/cases/{number}", f"/cases/{number}/files/{file.id}"):
        assert (await eve.get(path)).status == 404
    for path in ("/cases", "/desk", "/supervisor", "/figures", "/knowledge"):
        assert (await eve.get(path)).status == 403
    assert (await eve.send("/grid/report", sighting(client="e" * 32), ("photo", photo()))).status == 400
    assert (await eve.send(f"/cases/{number}", {"action": "note", "version": "2", "note": "x"})).status == 404
    assert "eve" not in {look.actor for look in console.down(looks_at, number)}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"landmark": ""}, "请填写参照物"),
        ({"metres": "很远"}, "距离（0 到 2000 米）"),
        ({"matter": "9999"}, "请填写事项"),
        ({"handled": "yes"}, "请填写处理情况、处理后的照片"),
    ],
)
async def test_what_is_missing_is_named_and_no_word_is_lost(console: Console, more: dict[str, str], says: str):
    olga = await console.person("olga", Role.GRID, area=GRID)
    answer = await olga.send("/grid/report", sighting(**more), ("photo", photo()))
    page = await answer.text()
    assert answer.status == 400
    assert says in page
    assert "路灯不亮</textarea>" in page
    told = await olga.send("/grid/report", sighting(**more), ("photo", photo()), headers={"Accept": "application/json"})
    assert says in (await told.json())["problem"]


def test_an_older_console_learns_of_officers_and_forgets_them(database_url: str):
    schema.upgrade(database_url, "a0001")
    schema.upgrade(database_url)
    engine = connect(database_url)
    with writing(engine) as session:
        password = accounts.create(session, "olga", Role.GRID, "网格员", area=GRID)
        accounts.create(session, "anna", Role.OPERATOR, "话务员", number="1001")
        session.commit()
        assert password
        found = accounts.verify(session, "olga", password)
        assert found
        assert found.area == GRID
    schema.downgrade(database_url, "a0001")
    schema.upgrade(database_url)
    with writing(engine) as session:
        assert accounts.verify(session, "olga", password) is None
        assert [a.name for a in accounts.with_phone(session)] == ["anna"]
    engine.dispose()
