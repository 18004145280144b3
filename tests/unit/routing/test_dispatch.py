from dataclasses import replace

import pytest

from routing.catalogue import BadCatalogue, problems, shipped
from routing.dispatch import NothingSaid, Report, propose
from routing.grids import sample
from routing.matters import question, rank


def proposal(text, place="", **more):
    return propose(Report(text, place, **more), shipped(), sample())


def test_the_catalogue_is_whole_and_fits_together():
    catalogue = shipped()
    assert len(catalogue.leaves) == 142
    assert len(catalogue.tops()) == 16
    assert problems(catalogue) == []
    assert {leaf.lead for leaf in catalogue.leaves.values()} <= {unit.duty for unit in sample().units.values()}


def test_a_catalogue_that_contradicts_itself_is_refused():
    broken = replace(shipped().leaves["0101"], lead="nobody", sla="X9", kinds=("祝福",))
    found = problems(replace(shipped(), leaves={"0101": broken}))
    assert found == ["0101: no department nobody", "0101: no time profile X9", "0101: no kind 祝福"]
    assert issubclass(BadCatalogue, ValueError)


def test_cold_radiators_go_to_the_heating_company_of_the_district_and_the_regulator_is_told():
    made = proposal("我家暖气不热", "泰安名苑")
    assert (made.matter, made.lead, made.place.district) == ("0101", "heat_co.hbw", "hbw")
    assert "housing_bureau.hbw" in made.assist
    assert made.directed


def test_rubbish_is_led_by_the_district_with_the_department_at_its_side():
    made = proposal("垃圾好几天没人拉了", "五虎山街道")
    assert (made.lead, made.place.town) == ("district.wd", "wd09")
    assert "sanitation.wd" in made.assist
    assert made.runners_up[0].lead == "sanitation.wd"


def test_the_same_matter_goes_elsewhere_when_the_place_is_elsewhere():
    assert {proposal("垃圾好几天没人拉了", place).lead for place in ("海勃湾", "乌达", "海南")} == {
        "district.hbw",
        "district.wd",
        "district.hn",
    }


def test_without_a_place_a_dispatcher_must_direct_what_territory_leads():
    made = proposal("马路中间井盖没了")
    assert made.lead is None
    assert not made.directed
    assert "派单员" in made.because


def test_what_no_authority_takes_is_answered_by_the_hotline():
    assert (proposal("法院判了对方不给钱", "海南").lead, proposal("法院判了对方不给钱").assist) == ("hotline", ())


def test_an_operators_choice_is_not_overruled():
    made = proposal("说不清楚", "乌达", matter="0203")
    assert (made.matter, made.lead, made.question) == ("0203", "urban_mgmt.wd", None)
    assert "人工选定" in made.because


def test_every_matter_finds_a_unit_in_every_district():
    for leaf in shipped().leaves.values():
        for district in ("海勃湾区", "乌达区", "海南区"):
            made = proposal("", district, matter=leaf.code)
            assert made.lead in sample().units
            assert made.lead not in made.assist
            assert set(made.assist) <= set(sample().units)
            assert made.because


def test_nothing_said_is_nothing_proposed():
    with pytest.raises(NothingSaid):
        proposal("")
    assert rank("…") == ()


def test_a_matter_is_known_by_its_sound():
    assert rank("录灯不亮")[0].code == "0203"  # 路灯, as a recogniser may write it
    assert rank("垃机没人拉", ["垃圾没人拉"])[0].code == "0205"


def test_probabilities_are_ordered_and_reasons_are_given():
    found = rank("楼下太吵了")
    assert [r.probability for r in found] == sorted((r.probability for r in found), reverse=True)
    assert 0 < sum(r.probability for r in found) <= 1.001
    assert all(r.because for r in found)


def test_one_question_is_asked_when_two_matters_are_close():
    first, second, *_ = rank("暖气")
    close = (replace(first, probability=0.45), replace(second, probability=0.40))
    assert question(close) == f"您反映的是{first.zh}，还是{second.zh}？"
    assert question((replace(first, probability=0.9), second)) is None
    assert question((replace(first, probability=0.5), replace(second, probability=0.1))) is None
