import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from agent_console.case_pages import UNIT_FILTERS
from routing.audit import wrong_events
from routing.case_desk import Conflict, NoSuchCase, count_open, duplicates, open_case, perform
from routing.case_lists import hotline_list, unit_list
from routing.case_views import NotYours, page_for_hotline, page_for_unit
from routing.cases import Action, NotAllowed, Role, State, valid_number
from routing.catalogue import shipped
from routing.database import writing
from routing.dispatch import Report, propose
from routing.events import CaseChanged, CaseDispatched, CaseOpened
from routing.feed import Feed
from routing.grids import sample
from routing.looks import looks_at
from routing.numbers import HIDDEN, without_numbers
from routing.office import Office
from routing.tables import CaseEventRow, CaseRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # a Tuesday, ten in the morning
LAMP = Report("泰安名苑门口路灯不亮，回电13812345678", place="泰安名苑", matter="0203", contact="13812345678")


def write(session, report=LAMP, now=NOW, **more):
    made = propose(report, shipped(), sample())
    return open_case(session, report, made, now, actor="op1001", **more)


def do(session, number, action, role, now=NOW, unit=None, **given):
    return perform(session, number, action, now, actor=f"a {role}", role=role, unit=unit, given=given)


def answered(session):
    number = write(session).number
    do(session, number, Action.SIGN, Role.DEPARTMENT, unit="urban_mgmt.hbw")
    do(session, number, Action.REPLY, Role.DEPARTMENT, unit="urban_mgmt.hbw", reply="换了灯泡", contacted="2026-03-04")
    do(session, number, Action.PASS, Role.SUPERVISOR)
    return number


def test_an_operators_case_shows_in_the_list_of_the_unit_responsible(session):
    opened = write(session, call="c1", contact_name="王女士")
    assert valid_number(opened.number)
    assert (opened.state, opened.lead) == (State.DISPATCHED, "urban_mgmt.hbw")
    assert opened.due == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
    (listed,) = unit_list(session, "urban_mgmt.hbw")
    assert (listed.number, listed.part, listed.matter) == (opened.number, "lead", "0203")
    assert [c.part for c in unit_list(session, "district.hbw")] == ["assist"]
    assert unit_list(session, "urban_mgmt.wd") == []
    assert [c.number for c in hotline_list(session, call="c1")] == [opened.number]
    assert count_open(session, "urban_mgmt.hbw") == 1


@pytest.mark.parametrize("states", [(), *(states for _, states in UNIT_FILTERS.values() if states), (State.MERGED,),
                                    (State.CLOSED, State.SIGNED)])  # fmt: skip
def test_a_unit_leafs_through_its_cases_of_a_kind_and_misses_none(session, states):
    unit, urge = "urban_mgmt.hbw", {"unit": "urban_mgmt.hbw"}
    steps = (
        (Action.SIGN, Role.DEPARTMENT, urge),
        (Action.REPLY, Role.DEPARTMENT, {**urge, "reply": "换了灯泡", "contacted": "2026-03-04"}),
        (Action.PASS, Role.SUPERVISOR, {}),
        (Action.CLOSE, Role.OPERATOR, {"solved": "yes", "satisfied": "yes"}),
        (Action.ARCHIVE, Role.SYSTEM, {}),
    )
    numbers = [write(session).number for _ in range(14)]
    for n, number in enumerate(numbers):
        for action, role, more in steps[: n % (len(steps) + 1)]:
            do(session, number, action, role, **more)
    for number in (numbers[0], numbers[6]):
        do(session, number, Action.MERGE, Role.DISPATCHER, parent=numbers[1])
    now = {row.number: State(row.state) for row in session.scalars(select(CaseRow))}
    wanted = [number for number in sorted(now, reverse=True) if not states or now[number] in states]
    seen, after = [], None
    while page := unit_list(session, unit, states=states, after=after, limit=3):
        seen += [brief.number for brief in page]
        assert [brief.state for brief in page] == [now[brief.number] for brief in page]
        after = page[-1].number
    assert seen == wanted


def test_the_unit_sees_no_number_and_not_what_the_citizen_answered(session):
    number = answered(session)
    do(session, number, Action.CLOSE, Role.OPERATOR, solved="yes", satisfied="very")
    page = page_for_unit(session, number, unit="urban_mgmt.hbw", actor="handler", purpose="办理")
    assert "13812345678" not in repr(page)
    assert HIDDEN in page.text
    assert (page.contact, page.solved, page.satisfied, page.call) == ("", None, None, None)
    assert "very" not in repr(page)
    whole = page_for_hotline(session, number, actor="op1001", role=Role.OPERATOR, purpose="回访")
    assert (whole.contact, whole.satisfied) == ("13812345678", "very")


@pytest.mark.parametrize(("privacy", "seen"), [("public", "王女士"), ("confidential", ""), ("anonymous", "")])
def test_a_citizen_decides_whether_the_unit_learns_the_name(session, privacy, seen):
    number = write(session, privacy=privacy, contact_name="王女士").number
    page = page_for_unit(session, number, unit="urban_mgmt.hbw", actor="h", purpose="办理")
    assert page.contact_name == seen


def test_every_look_is_written_down_and_strangers_do_not_look(session):
    number = write(session).number
    page_for_unit(session, number, unit="urban_mgmt.hbw", actor="handler", purpose="办理", now=NOW)
    page_for_hotline(session, number, actor="op1001", role=Role.OPERATOR, purpose="查询进度", now=NOW)
    assert [(look.at, look.actor, look.purpose) for look in looks_at(session, number)] == [
        (NOW, "handler", "办理"),
        (NOW, "op1001", "查询进度"),
    ]
    with pytest.raises(NotYours):
        page_for_unit(session, number, unit="urban_mgmt.wd", actor="x", purpose="办理")
    with pytest.raises(NoSuchCase):
        page_for_hotline(session, "03260303000018", actor="x", role=Role.OPERATOR, purpose="查询")
    assert len(looks_at(session, number)) == 2


def test_numbers_are_hidden_however_they_are_written_and_dates_stay():
    for number in (
        "13812345678",
        "138-1234-5678",
        "138 1234 5678",
        "0473-2012345",
        "一三八一二三四五六七八",
        "２０１２３４５",
    ):
        assert without_numbers(f"打{number}找我") == f"打{HIDDEN}找我"
    for kept in ("2026-03-04下午", "三号楼2单元501", "12345热线", "110"):
        assert without_numbers(kept) == kept


def test_what_nobody_can_be_named_for_waits_for_a_dispatcher(session):
    opened = write(session, Report("井盖没了", matter="0201"))
    assert (opened.state, opened.lead, opened.due) == (State.UNDIRECTED, None, None)
    assert [c.number for c in hotline_list(session, states=[State.UNDIRECTED])] == [opened.number]
    later = NOW + timedelta(hours=1)
    done = do(session, opened.number, Action.DISPATCH, Role.SUPERVISOR, later, lead="district.wd", reason="问明在乌达")
    assert (done.state, done.lead) == (State.DISPATCHED, "district.wd")
    assert unit_list(session, "district.wd")[0].part == "lead"
    with pytest.raises(NotAllowed, match="no unit"):
        write(session, lead="nobody")


def test_the_whole_life_of_a_case(session):
    number = answered(session)
    page = page_for_hotline(session, number, actor="op", role=Role.OPERATOR, purpose="回访")
    assert Action.CLOSE in [action for action, _ in page.choices]
    done = do(session, number, Action.CLOSE, Role.OPERATOR, solved="yes", satisfied="ok")
    assert done.state is State.CLOSED
    assert do(session, number, Action.ARCHIVE, Role.SYSTEM).state is State.ARCHIVED
    history = page_for_hotline(session, number, actor="op", role=Role.OPERATOR, purpose="查询").history
    assert [h.action for h in history] == ["dispatch", "sign", "reply", "pass", "close", "archive"]
    assert [h.version for h in history] == [1, 2, 3, 4, 5, 6]
    assert list(wrong_events(session)) == []


def test_a_unit_acts_only_on_what_it_leads(session):
    number = write(session).number
    for stranger in (None, "urban_mgmt.wd", "district.hbw"):
        with pytest.raises(NotAllowed, match="is not led by"):
            do(session, number, Action.SIGN, Role.DEPARTMENT, unit=stranger)
    page = page_for_unit(session, number, unit="district.hbw", actor="x", purpose="协办")
    assert page.choices == ()


def test_a_return_moves_the_case_but_not_its_deadline(session):
    opened = write(session)
    asked = {"reason": "wrong_territory", "basis": "不在辖区", "unit": "urban_mgmt.wd"}
    with pytest.raises(NotAllowed, match="no lawful reason"):
        perform(session, opened.number, Action.ASK_RETURN, NOW, actor="h", role=Role.DEPARTMENT, unit="urban_mgmt.hbw",
                given={**asked, "reason": "忙"})  # fmt: skip
    perform(session, opened.number, Action.ASK_RETURN, NOW, actor="h", role=Role.DEPARTMENT, unit="urban_mgmt.hbw",
            given=asked)  # fmt: skip
    do(session, opened.number, Action.ACCEPT_RETURN, Role.SUPERVISOR, reason="属实")
    later = NOW + timedelta(days=3)
    done = do(session, opened.number, Action.DISPATCH, Role.SUPERVISOR, later, lead="urban_mgmt.wd", reason="改派")
    assert done.due == opened.due
    assert unit_list(session, "urban_mgmt.hbw") == []
    assert len(unit_list(session, "urban_mgmt.wd")) == 1


def test_one_reply_answers_all_who_were_merged_and_each_is_asked(session):
    child = write(session).number
    parent = write(session).number
    with pytest.raises(NotAllowed, match="no open case"):
        do(session, child, Action.MERGE, Role.SUPERVISOR, parent=child)
    do(session, child, Action.MERGE, Role.SUPERVISOR, parent=parent)
    do(session, parent, Action.SIGN, Role.DEPARTMENT, unit="urban_mgmt.hbw")
    do(session, parent, Action.REPLY, Role.DEPARTMENT, unit="urban_mgmt.hbw", reply="已修", contacted="x")
    do(session, parent, Action.PASS, Role.SUPERVISOR)
    page = page_for_hotline(session, child, actor="op", role=Role.OPERATOR, purpose="回访")
    assert (page.brief.state, page.reply) == (State.CALLBACK, "已修")
    assert list(wrong_events(session)) == []


def test_an_extension_is_one_and_a_promise_has_a_day_ahead(session):
    number = write(session).number
    do(session, number, Action.SIGN, Role.DEPARTMENT, unit="urban_mgmt.hbw")
    with pytest.raises(NotAllowed, match="is past"):
        do(session, number, Action.PROMISE, Role.SUPERVISOR, until="2020-01-01", reason="等开春")
    done = do(session, number, Action.EXTEND, Role.SUPERVISOR, reason="等配件", told="已告知")
    assert done.due == datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
    with pytest.raises(NotAllowed):
        do(session, number, Action.EXTEND, Role.SUPERVISOR, reason="等配件", told="已告知")
    done = do(session, number, Action.PROMISE, Role.SUPERVISOR, until="2026-05-01", reason="等开春")
    assert (done.state, done.due.date().isoformat()) == (State.LONG_TERM, "2026-05-01")


def test_the_same_matter_in_the_same_community_is_pointed_out(session):
    first = write(session)
    community = sample().find("泰安名苑").community
    assert duplicates(session, "0203", community, NOW + timedelta(days=6)) == [first.number]
    assert duplicates(session, "0203", community, NOW + timedelta(days=8)) == []
    assert duplicates(session, "0203", None, NOW) == []


def test_who_looked_at_an_old_version_must_look_again(session):
    number = write(session).number
    perform(session, number, Action.NOTE, NOW, actor="a", role=Role.OPERATOR, version=1, given={"note": "急"})
    with pytest.raises(Conflict):
        perform(session, number, Action.NOTE, NOW, actor="b", role=Role.OPERATOR, version=1, given={"note": "x"})
    assert session.get(CaseRow, number).version == 2


def test_many_hands_lose_no_change(engine):
    with Session(engine) as session:
        number = write(session).number
    failed = []

    def work(name):
        for n in range(10):
            try:
                with writing(engine) as own:
                    perform(own, number, Action.NOTE, NOW, actor=name, role=Role.OPERATOR, given={"note": str(n)})
            except Exception as problem:
                failed.append(problem)

    hands = [threading.Thread(target=work, args=(f"h{i}",)) for i in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert failed == []
    with Session(engine) as session:
        assert session.get(CaseRow, number).version == 41
        assert session.scalar(select(func.count()).select_from(CaseEventRow)) == 41
        assert list(wrong_events(session)) == []


def test_numbers_of_a_day_are_never_given_twice(engine):
    numbers, problems = [], []

    def work():
        try:
            for _ in range(8):
                with writing(engine) as own:
                    numbers.append(write(own).number)
        except Exception as problem:
            problems.append(problem)

    hands = [threading.Thread(target=work) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert problems == []
    assert len(set(numbers)) == 32


def test_whoever_changes_history_is_found_out(session):
    numbers = [answered(session) for _ in range(4)]
    assert list(wrong_events(session)) == []
    session.execute(text("UPDATE case_events SET actor='nobody' WHERE \"case\"=:n AND version=2"), {"n": numbers[0]})
    session.execute(text('DELETE FROM case_events WHERE "case"=:n AND version=4'), {"n": numbers[1]})
    session.execute(text("UPDATE cases SET state='closed' WHERE number=:n"), {"n": numbers[2]})
    session.execute(text("DELETE FROM cases WHERE number=:n"), {"n": numbers[3]})
    found = "\n".join(wrong_events(session))
    assert f"case {numbers[0]}: event 2 is not what was written" in found
    assert f"case {numbers[1]} is callback at version 4; its events say replied at 3" in found
    assert f"case {numbers[2]} is closed" in found
    assert f"case {numbers[3]} is missing" in found


async def test_the_desks_are_told(session, redis_url):
    office = Office(feed=Feed(redis_url))
    opened = write(session, office=office, call="c9")
    perform(
        session, opened.number, Action.NOTE, NOW, actor="a", role=Role.OPERATOR, given={"note": "急"}, office=office
    )
    follower = office.feed.follow("0")
    told = [(await anext(follower)).event for _ in range(3)]
    await follower.aclose()
    assert [type(e) for e in told] == [CaseOpened, CaseDispatched, CaseChanged]
    assert (told[0].call, told[1].unit) == ("c9", "urban_mgmt.hbw")
    assert "13812345678" not in repr(told)


def test_a_refused_step_leaves_nothing_behind(session):
    number = write(session).number
    with pytest.raises(NotAllowed):
        do(session, number, Action.CLOSE, Role.OPERATOR, solved="yes", satisfied="yes")
    with pytest.raises(NoSuchCase):
        do(session, "03260303999990", Action.NOTE, Role.OPERATOR, note="x")
    assert session.get(CaseRow, number).version == 1
    assert list(wrong_events(session)) == []
    with pytest.raises(ValueError, match="no level of privacy"):
        write(session, replace(LAMP, text="x"), privacy="secret")
