from datetime import UTC, datetime, timedelta

import pytest

from routing import case_search
from routing.case_desk import open_case, perform
from routing.case_lists import search
from routing.case_search import TooShort
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.grids import sample

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)


def write(session, text="泰安名苑门口路灯不亮，回电13800138000", place="泰安名苑", now=NOW, **more):
    report = Report(text, place=place, matter="0203", contact="13800138000")
    return open_case(session, report, propose(report, shipped(), sample()), now, actor="op1001", **more).number


def found(session, words, **more):
    return [case.number for case in search(session, words, **more)]


def test_a_case_is_found_by_two_characters_of_what_was_said_and_where(session):
    lamp = write(session)
    drain = write(session, "碧水社区下水道堵了", "碧水社区")
    assert found(session, "路灯") == [lamp]
    assert found(session, "路灯 泰安") == [lamp]
    assert found(session, "下水道堵了") == [drain]
    assert found(session, "路灯 碧水") == []


def test_a_case_is_found_by_its_number_its_beginning_and_by_the_contact(session):
    number = write(session)
    assert found(session, number) == found(session, number[:8]) == found(session, " 138-0013 8000") == [number]


def test_the_newest_come_first_a_page_at_a_time_over_the_years(session):
    written = [write(session, now=NOW + timedelta(days=40 * n)) for n in range(9)]
    page, seen = found(session, "路灯", limit=2), []
    while page:
        seen += page
        page = found(session, "路灯", limit=2, after=page[-1])
    assert seen == written[::-1]


def test_a_unit_finds_its_own_cases_and_nobody_by_number(session):
    number = write(session, contact_name="王女士")
    unit = "urban_mgmt.hbw"
    assert found(session, "路灯", unit=unit) == found(session, number, unit=unit) == [number]
    assert found(session, "路灯", unit="urban_mgmt.wd") == found(session, number, unit="urban_mgmt.wd") == []
    assert found(session, "13800138000", unit=unit) == []
    with pytest.raises(TooShort):  # neither is the number in the text a word
        search(session, "回 138 0013 8000", unit=unit)
    assert found(session, "王女士", unit=unit) == []


def test_a_whole_sentence_finds_who_said_all_of_it_and_nobody_who_said_most(session):
    said = "泰安名苑东门外面的三盏路灯已经坏了半个月晚上老人孩子出门都看不见路"
    mine = [write(session, said + end) for end in ("", "请尽快修好", "谢谢")]
    for left_out in range(2, len(said) - 1):  # the place says the first words, too
        write(session, said[:left_out] + "，" + said[left_out + 2 :])
    assert found(session, said) == mine[::-1]
    assert found(session, said, unit="urban_mgmt.hbw") == mine[::-1]
    assert found(session, said, limit=2) == mine[:0:-1]
    assert found(session, said, limit=2, after=mine[1]) == mine[:1]
    assert found(session, said, unit="urban_mgmt.wd") == []


def test_a_unit_that_the_case_was_taken_from_finds_it_no_more(session):
    number, given = write(session), {"reason": "wrong_duty", "basis": "三定方案", "unit": "urban_mgmt.wd"}
    before, after = "urban_mgmt.hbw", "urban_mgmt.wd"
    perform(session, number, Action.ASK_RETURN, NOW, actor="h", role=Role.DEPARTMENT, unit=before, given=given)
    perform(session, number, Action.ACCEPT_RETURN, NOW, actor="d", role=Role.SUPERVISOR, given={"reason": "属实"})
    given = {"lead": after, "reason": "属实"}
    perform(session, number, Action.DISPATCH, NOW, actor="d", role=Role.SUPERVISOR, given=given)
    assert found(session, "路灯", unit=before) == []
    assert found(session, "路灯", unit=after) == [number]


def test_one_character_and_marks_alone_are_nothing_to_look_for(session):
    for words in ("灯", "", "' OR *", "！"):
        if words != "' OR *":
            with pytest.raises(TooShort):
                search(session, words)
    assert found(session, "' OR *") == []


def test_cases_from_before_the_search_are_filed_when_it_comes(session):
    number = write(session)
    case_search.drop(session.connection())
    case_search.create(session.connection())
    assert found(session, "路灯") == []
    case_search.fill(session.connection())
    assert found(session, "路灯 名苑") == [number]


def test_months_run_backwards_over_new_year():
    assert list(case_search.months("2511", "2602")) == ["2602", "2601", "2512", "2511"]
