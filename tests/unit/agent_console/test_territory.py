"""A city works with its own places and units, on every page, and with what they have become meanwhile."""

import asyncio
from datetime import date
from pathlib import Path

import pytest
from console import opened

from agent_console import app
from agent_console.__main__ import first_units
from agent_console.permissions import Role
from routing import city
from routing.settings import City

TERRITORY = """kind,code,name,parent,also,since,until
district,east,东湖区,,东湖,2026-01-01,
town,east01,湖滨街道,east,,2026-01-01,
community,east01001,荷花社区,east01,荷花里,2026-01-01,
grid,east0100101,荷花第1网格,east01001,荷花里小区,2026-01-01,
"""
UNITS = """code,name,duty,area,since,until
hotline,热线中心,hotline,,2026-01-01,
district.east,东湖区政府,district,east,2026-01-01,
lamps.east,东湖区路灯所,urban_mgmt,east,2026-01-01,
"""


@pytest.fixture
def own(tmp_path: Path) -> dict[str, Path]:
    files = {"hotline_territory": tmp_path / "territory.csv", "hotline_units": tmp_path / "units.csv"}
    for file, text in zip(files.values(), (TERRITORY, UNITS), strict=True):
        file.write_text(text, encoding="utf-8")
    return files


async def test_an_operator_of_another_city_finds_its_own_units_and_places(redis_url: str, tmp_path: Path, own):
    async with opened(f"sqlite:///{tmp_path}/h.db", redis_url, tmp_path, hotline_city_code="44", **own) as console:
        operator = await console.person("anna", Role.OPERATOR, number="1001")
        lamp = {"matter": "0203", "place": "荷花里小区", "text": "路灯不亮"}
        proposal = await (await operator.send("/desk/proposal?part=1", lamp)).text()
        assert "东湖区路灯所" in proposal
        assert "东湖区 湖滨街道 荷花社区" in proposal
        saved = await operator.send("/cases", lamp)
        number = saved.url.path.rpartition("/")[2]
        assert number.startswith("44")
        page = await saved.text()
        assert "东湖区路灯所" in page
        assert "东湖区 荷花社区" in page
        supervisor = await console.person("ben", Role.SUPERVISOR, number="2001")
        assert "东湖区路灯所" in await supervisor.read("/cases")
        unit = await console.person("carl", Role.UNIT, unit="lamps.east")
        assert "东湖区路灯所 的工单" in await unit.read("/cases")


def test_first_accounts_are_those_of_the_citys_own_districts(own):
    territory = city.territory(City(**own))
    assert [unit.code for unit in first_units(territory)] == ["district.east"]


LATER = "lamps.lakeside,湖滨路灯站,urban_mgmt,east01,2026-07-01,\n"


def test_a_unit_begins_and_ends_its_work_on_its_day_and_nobody_starts_anything_anew(own):
    own["hotline_units"].write_text(UNITS + LATER.replace(",\n", ",2026-07-31\n"))
    days = [date(2026, 6, 30), date(2026, 6, 30), date(2026, 7, 1), date(2026, 7, 1), date(2026, 8, 1)]
    files = city.Files(City(**own), iter(days).__next__)
    assert files.changed() is None
    july = files.changed()
    assert july is not None
    assert "lamps.lakeside" in july.territory.units
    assert files.changed() is None
    august = files.changed()
    assert august is not None
    assert "lamps.lakeside" not in august.territory.units


def test_a_file_that_contradicts_itself_is_refused_until_it_is_mended(own, tmp_path, caplog):
    own["hotline_holidays"] = tmp_path / "days.txt"
    files = city.Files(City(**own))
    own["hotline_units"].write_text(UNITS + LATER.replace("east01", "nowhere"))
    assert files.changed() is None
    assert "no area nowhere" in caplog.records[-1].why
    for broken in (b"\x00", "甲区".encode("gb18030")):
        own["hotline_units"].write_bytes(UNITS.encode() + broken)
        assert files.changed() is None
    own["hotline_units"].unlink()
    assert files.changed() is None
    own["hotline_units"].write_text(UNITS + LATER)
    own["hotline_holidays"].write_text("2026-12-24 off\n")
    mended = files.changed()
    assert mended is not None
    assert "lamps.lakeside" in mended.territory.units
    assert not mended.calendar.works(date(2026, 12, 24))


async def test_an_operator_is_offered_a_unit_that_came_while_the_page_was_open(redis_url, tmp_path, own, monkeypatch):
    monkeypatch.setattr(app, "FILES_EVERY", 0.02)
    async with opened(f"sqlite:///{tmp_path}/h.db", redis_url, tmp_path, **own) as console:
        operator = await console.person("anna", Role.OPERATOR, number="1001")
        lamp = {"matter": "0203", "place": "荷花里小区", "text": "路灯不亮"}
        assert "东湖区路灯所" in await (await operator.send("/desk/proposal?part=1", lamp)).text()
        own["hotline_units"].write_text(UNITS + LATER.replace("2026-07-01", "2026-01-01"))
        async with asyncio.timeout(10):
            while "湖滨路灯站" not in await (await operator.send("/desk/proposal?part=1", lamp)).text():
                pass
