"""Many calls about one thing: proposed by the machine, confirmed by a person, told to callers, closed together."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from routing import incident_desk
from routing.alarms import open_alarms
from routing.case_desk import open_case, perform
from routing.cases import Action, Role, State
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.grids import sample
from routing.incidents import AT_LEAST, Fresh, about, from_area, spikes
from routing.office import Office
from routing.tables import CaseRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
UNIT = "urban_mgmt.hbw"
COMMUNITY = "泰安名苑"


def dark(session, number: int, at: datetime = NOW) -> str:
    report = Report(f"路灯不亮{number}", place=COMMUNITY, matter="0203", contact=f"1380013{number:04d}")
    return open_case(session, report, propose(report, shipped(), sample()), at, actor="op1001").number


def fresh(number: int, matter: str = "0203", **areas: str) -> Fresh:
    return Fresh(f"{number:014d}", matter, areas)


def test_five_cases_of_one_matter_from_one_community_stand_out_and_four_do_not():
    four = [fresh(n, community="c1", town="t1") for n in range(AT_LEAST - 1)]
    assert spikes(four, lambda *_: 0.0) == []
    (spike,) = spikes([*four, fresh(9, community="c1", town="t1")], lambda *_: 0.0)
    assert (spike.matter, spike.level, spike.area) == ("0203", "community", "c1")
    assert spike.numbers[0] == f"{0:014d}", "the oldest case is proposed as the master"


def test_what_is_many_for_one_place_is_usual_for_another():
    many = [fresh(n, community="c1") for n in range(6)]
    assert spikes(many, lambda *_: 1.0)
    assert not spikes(many, lambda *_: 3.0)


def test_cases_spread_over_a_town_are_one_thing_of_the_town():
    spread = [fresh(n, community=f"c{n}", town="t1") for n in range(5)]
    (spike,) = spikes(spread, lambda *_: 0.0)
    assert (spike.level, spike.area) == ("town", "t1")


def test_a_person_confirms_callers_are_told_and_one_reply_answers_all(session):
    numbers = [dark(session, n) for n in range(5)]
    (incident,) = incident_desk.look(session, NOW + timedelta(minutes=5))
    assert incident_desk.look(session, NOW + timedelta(minutes=6)) == [], "proposed once"
    assert [a.kind for a in open_alarms(session)] == ["incident"]
    assert incident_desk.active(session, NOW) == (), "nobody is told before a person has looked"
    until = NOW + timedelta(hours=6)
    incident_desk.confirm(session, incident, "泰安名苑一带路灯线路检修，今晚恢复。", until, NOW, by="sup2001")
    told = incident_desk.active(session, NOW)
    assert [n.text for n in told] == ["泰安名苑一带路灯线路检修，今晚恢复。"]
    home = incident_desk.areas_of(session, "13800130003")
    assert from_area(told, home, NOW)
    assert not from_area(told, incident_desk.areas_of(session, "13900000000"), NOW)
    assert about(told, "0203", (), NOW)
    assert not about(told, "0203", ("somewhere else",), NOW)
    assert not about(told, "0101", (), NOW)
    assert not from_area(told, home, until), "a notice ends by itself"
    assert incident_desk.link(session, incident, NOW, by="sup2001", office=Office()) == 4
    states = dict(session.execute(select(CaseRow.number, CaseRow.state)).all())
    session.rollback()
    assert [states[n] for n in numbers] == [State.DISPATCHED, *[State.MERGED] * 4]
    given = {"reply": "线路已经修复。", "contacted": "现场"}
    perform(session, numbers[0], Action.SIGN, NOW, actor="u", role=Role.DEPARTMENT, unit=UNIT)
    perform(session, numbers[0], Action.REPLY, NOW, actor="u", role=Role.DEPARTMENT, unit=UNIT, given=given)
    perform(session, numbers[0], Action.PASS, NOW, actor="d", role=Role.SUPERVISOR)
    after = session.execute(select(CaseRow.state, CaseRow.reply)).all()
    assert {tuple(row) for row in after} == {(State.CALLBACK, "线路已经修复。")}, "each citizen is asked on their own"


def test_a_notice_that_cannot_be_spoken_or_is_over_already_is_refused(session):
    for n in range(5):
        dark(session, n)
    (incident,) = incident_desk.look(session, NOW)
    with pytest.raises(incident_desk.BadNotice):
        incident_desk.confirm(session, incident, "长" * 121, NOW + timedelta(hours=1), NOW, by="sup2001")
    with pytest.raises(incident_desk.BadNotice):
        incident_desk.confirm(session, incident, "停水", NOW, NOW, by="sup2001")
    incident_desk.end(session, incident, by="sup2001")
    assert incident_desk.listed(session) == []
