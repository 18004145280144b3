from collections import Counter
from datetime import date

import pytest

from routing.grids import SAMPLE, BadTerritory, read, sample
from routing.sample import generate
from tests.bench.places import measure

HEAD = "kind,code,name,parent,also,since,until\n"
UNITS = "code,name,duty,area,since,until\n"


def test_the_sample_city_has_its_size_and_is_always_the_same(tmp_path, monkeypatch):
    count = Counter(area.kind for area in sample().areas.values())
    assert count == {"district": 3, "town": 20, "community": 82, "grid": 786}
    assert len(sample().units) == 289
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    generate.main()
    for name in ("territory.csv", "units.csv"):
        assert (tmp_path / name).read_bytes() == (SAMPLE / name).read_bytes()


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("我在海勃湾", ("hbw", None, None)),
        ("泰安社区", ("hbw", "hbw01", "hbw01003")),
        ("泰安名苑三号楼", ("hbw", "hbw01", "hbw01003")),
        ("太安明苑", ("hbw", "hbw01", "hbw01003")),  # as it sounds
        ("海博湾区永胜那边", ("hbw", "hbw01", "hbw01001")),
        ("乌达区五虎山街道", ("wd", "wd09", None)),
        ("乌兰脑尔镇", ("wd", "wd15", None)),
        ("火星", (None, None, None)),
        ("", (None, None, None)),
    ],
)
def test_spoken_places_are_found(said, place):
    found = sample().find(said)
    assert (found.district, found.town, found.community) == place


def test_every_area_is_found_by_its_own_name():
    territory = sample()
    for area in territory.areas.values():
        found = territory.find(area.name)
        assert area.code in (found.district, found.town, found.community, found.grid), area


def test_a_community_without_a_known_grid_gets_its_first():
    assert sample().find("泰安社区").grid == "hbw0100301"
    assert sample().find("泰安第三网格").grid == "hbw0100303"


def test_ordinary_words_in_a_sentence_are_not_taken_for_places():
    assert sample().find("我们建设单位要团结和平", sentence=True).smallest is None
    assert sample().find("乌达区三道坎那边井盖没了", sentence=True).town == "wd08"


def test_a_short_name_is_believed_where_the_caller_means_a_place_by_it():
    assert sample().find("沙枣那边路灯不亮", sentence=True).community == "hbw02009"
    assert sample().find("傻枣那边路灯不亮", sentence=True).community == "hbw02009"  # as it sounds
    assert sample().find("我们利民超市要办证", sentence=True).smallest is None


def test_below_a_town_that_was_understood_one_syllable_may_be_lost():
    assert sample().find("海勃湾区凤凰岭街道永家园").community == "hbw01001"
    assert sample().find("乌达区月球花园").community is None


@pytest.mark.parametrize(("noise", "right"), [(0.0, 0.99), (0.2, 0.85)])
def test_spoken_addresses_find_their_community_and_seldom_another(noise, right):
    lines = [line for line in measure(noise, number=60) if line["form"] != "bare name, in a sentence"]
    assert sum(float(str(line["right"])) for line in lines) / len(lines) >= right
    assert sum(float(str(line["wrong"])) for line in lines) / len(lines) <= 0.02


def test_a_unit_is_the_nearest_of_its_duty():
    territory = sample()
    there = territory.find("泰安社区")
    assert territory.unit("district", there).code == "district.hbw01003"
    assert territory.unit("urban_mgmt", there).code == "urban_mgmt.hbw"
    assert territory.unit("power_co", there).code == "power_co"
    assert territory.unit("nobody", there) is None


def files(tmp_path, areas, units=""):
    (tmp_path / "t.csv").write_text(HEAD + areas)
    (tmp_path / "u.csv").write_text(UNITS + units)
    return tmp_path / "t.csv", tmp_path / "u.csv"


def test_bad_rows_are_named_all_of_them(tmp_path):
    areas = (
        "district,a,甲区,,,,\ntown,b,乙镇,x,,,\nplanet,c,丙,,,,\ndistrict,a,丁区,,,,\n"
        "town,,戊镇,a,,,\ntown,f,己镇,a,,昨天,\ntown,g\n"
    )
    with pytest.raises(BadTerritory) as refused:
        read(*files(tmp_path, areas, "u1,单位,police,nowhere,,\n"))
    for part in ("b (town) cannot lie in x", "row 4: no kind planet", "row 5: a stands there twice", "row 6: no code",
                 "昨天", "row 8: not 7 values", "u.csv row 2: no area nowhere"):  # fmt: skip
        assert part in str(refused.value)


def test_rows_have_their_time(tmp_path):
    areas = "district,a,甲区,,,,2026-06-30\ndistrict,b,乙区,,,2026-07-01,\n"
    paths = files(tmp_path, areas)
    assert list(read(*paths, on=date(2026, 6, 30)).areas) == ["a"]
    assert list(read(*paths, on=date(2026, 7, 1)).areas) == ["b"]
    (tmp_path / "t.csv").write_text("kind,code\n")
    with pytest.raises(BadTerritory, match="no column name, parent"):
        read(*paths)
