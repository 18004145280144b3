"""Grid officers find things, others do the work, and somebody else looks whether it was done."""

from datetime import UTC, datetime, timedelta

import pytest
from photos import photo
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from routing import attachments, city, jobs, patrol, schema
from routing.alarms import acknowledge, open_alarms
from routing.audit import wrong_events
from routing.case_desk import open_case, perform
from routing.case_views import NotYours, page_for_officer
from routing.cases import Action, NotAllowed, Role, State
from routing.catalogue import shipped
from routing.database import connect, writing
from routing.dispatch import Report, propose
from routing.file_store import FileStore
from routing.grids import sample
from routing.office import Office
from routing.patrol import Sighting, report
from routing.pictures import Limits, clean
from routing.settings import City
from routing.tables import CaseEventRow, CaseRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
GRID, COMMUNITY = "hbw0100101", "hbw01001"
LIMITS = Limits(side=64)
AT = "永盛第1网格，距南门约30米"


@pytest.fixture
def office(tmp_path):
    return Office(files=FileStore(tmp_path / "files"), limits=LIMITS)


def picture(mark=0):
    return clean(photo(mark=mark), LIMITS)


def sighting(client="phone-1", **more):
    given = {"matter": "0203", "text": "路灯不亮", "grid": GRID, "landmark": "南门", "metres": 30, "seen": NOW}
    return Sighting(client=client, **(given | {"photos": [picture()]} | more))


def found(session, office, actor="olga", **more):
    return report(session, sighting(**more), NOW, actor=actor, area=COMMUNITY, office=office)


def do(session, number, action, role, office, *files, actor="", unit=None, area=None, **given):
    return perform(
        session, number, action, NOW, actor=actor or f"a {role}", role=role, unit=unit, area=area, given=given,
        office=office, files=files,
    )  # fmt: skip


def worked_on(session, office, number):
    lead = session.get_one(CaseRow, number).lead
    session.rollback()
    do(session, number, Action.SIGN, Role.DEPARTMENT, office, unit=lead)
    do(session, number, Action.REPLY, Role.DEPARTMENT, office, picture(1), unit=lead, reply="换了灯泡", contacted="无")
    return do(session, number, Action.PASS, Role.SUPERVISOR, office)


def test_what_an_officer_saw_goes_to_the_unit_of_the_grid_with_its_place_and_photograph(session, office):
    number = found(session, office, seen=NOW - timedelta(hours=5), point=(39.67, 106.81))
    case = session.get_one(CaseRow, number)
    assert (case.source, case.grid, case.lead, case.state) == ("grid", GRID, "urban_mgmt.hbw", State.DISPATCHED)
    assert case.place == AT
    assert (case.seen, case.lat, case.opened_by) == (NOW - timedelta(hours=5), 39.67, "olga")
    assert [a.purpose for a in attachments.of_case(session, number)] == ["report"]


def test_a_report_sent_twice_is_one_case_and_another_officers_id_is_their_own(session, office):
    number = found(session, office)
    assert found(session, office, text="又发了一次") == number
    assert found(session, office, actor="ben") != number
    assert found(session, office, client="phone-2") != number
    assert number in [c.number for c in patrol.own(session, "olga")]
    assert len(patrol.own(session, "olga")) == 2


def test_a_report_that_is_refused_leaves_its_id_free(session, office):
    with pytest.raises(NotAllowed):
        found(session, office, handled="扶正了")  # without a photograph of it
    with pytest.raises(NotAllowed, match="does not patrol"):
        found(session, office, grid="wd0100101")
    assert session.get(CaseRow, found(session, office)) is not None


def test_the_unit_does_the_work_and_an_officer_closes_it_there_with_a_photograph(session, office):
    number = found(session, office)
    assert worked_on(session, office, number).state is State.VERIFICATION
    assert [c.number for c in patrol.to_verify(session, "community", COMMUNITY, "ben")] == [number]
    session.rollback()
    with pytest.raises(NotAllowed, match="photo"):
        do(session, number, Action.VERIFY, Role.GRID, office, actor="ben", area=GRID, place=AT, photo="0" * 64)
    with pytest.raises(NotAllowed, match="does not lie"):
        do(session, number, Action.VERIFY, Role.GRID, office, picture(2), actor="eve", area="hbw0100102", place=AT)
    done = do(session, number, Action.VERIFY, Role.GRID, office, picture(2), actor="ben", area=GRID, place=AT)
    assert done.state is State.CLOSED
    events = list(session.scalars(select(CaseEventRow).where(CaseEventRow.case == number)))
    verified = next(e for e in events if e.action == "verify")
    assert (verified.actor, verified.at, verified.data) == ("ben", NOW, {"place": AT, "photo": picture(2).sha256})
    assert attachments.of_case(session, number)[-1].purpose == "after"
    assert list(wrong_events(session)) == []


def test_who_says_to_have_done_it_does_not_verify_it(session, office):
    number = found(session, office, handled="井盖已扶正", after=[picture(3)])
    assert session.get_one(CaseRow, number).state == State.VERIFICATION
    assert patrol.to_verify(session, "community", COMMUNITY, "olga") == []
    session.rollback()
    with pytest.raises(NotAllowed, match="somebody else's work"):
        do(session, number, Action.VERIFY, Role.GRID, office, picture(4), actor="olga", area=COMMUNITY, place=AT)
    do(session, number, Action.VERIFY, Role.GRID, office, picture(4), actor="ben", area=COMMUNITY, place=AT)
    assert session.get_one(CaseRow, number).state == State.CLOSED
    assert [a.purpose for a in attachments.of_case(session, number)] == ["before", "after", "after"]


def test_what_was_not_done_goes_back_and_is_looked_at_again(session, office):
    number = found(session, office)
    worked_on(session, office, number)
    failed = do(session, number, Action.FAIL, Role.GRID, office, picture(5), actor="ben", area=GRID, place=AT,
                seen="灯还是不亮")  # fmt: skip
    assert failed.state is State.REWORKED
    lead = "urban_mgmt.hbw"
    do(session, number, Action.REPLY, Role.DEPARTMENT, office, unit=lead, reply="换了线路", contacted="无")
    assert do(session, number, Action.PASS, Role.SUPERVISOR, office).state is State.VERIFICATION


def at(day, hour=2, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def rounds(url, redis_url, now, **more):
    return jobs.rounds(url, redis_url, now=now.isoformat(), **more)


def pushed(session, number):
    """What the timetable did, and what it said."""
    session.rollback()
    events = select(CaseEventRow).where(CaseEventRow.case == number, CaseEventRow.actor == "timetable")
    said = [(e.action, e.data.get("note") or e.data["reason"]) for e in session.scalars(events.order_by("version"))]
    session.rollback()
    return said


def test_what_is_done_and_nobody_looks_at_is_before_the_officers_and_then_before_a_supervisor(
    session, office, office_url, redis_url
):
    number = found(session, office)
    worked_on(session, office, number)  # Tuesday at ten
    assert rounds(office_url, redis_url, at(3, 8)) == 0
    (line,) = patrol.to_verify(session, "community", COMMUNITY, "ben", office)
    assert (line.look_by, line.reminded) == (at(4, 9, 30), False)
    assert rounds(office_url, redis_url, at(3, 9)) == 1  # four office hours later
    assert rounds(office_url, redis_url, at(3, 9)) == 0
    session.rollback()
    assert [c.reminded for c in patrol.to_verify(session, "community", COMMUNITY, "ben", office)] == [True]
    assert open_alarms(session) == []
    session.rollback()
    assert rounds(office_url, redis_url, at(4, 9, 30)) == 2
    (alarm,) = open_alarms(session)
    assert (alarm.kind, number in alarm.text) == ("verification", True)
    session.rollback()
    acknowledge(session, alarm.id, "sue")
    assert rounds(office_url, redis_url, at(5)) == 0
    assert rounds(office_url, redis_url, at(9)) == 1  # seen by a supervisor, but nobody went there
    assert len(open_alarms(session)) == 1
    assert pushed(session, number) == [
        ("remind", "请尽快到现场核查"), ("remind", "核查已超时"), ("escalate", "核查超时，请班长安排核查"),
        ("escalate", "核查超时，仍无人核查，请班长到现场核查"),
    ]  # fmt: skip
    page = page_for_officer(session, number, area=GRID, actor="ben", purpose="核查")
    assert (page.waiting.since, page.waiting.reminded, page.waiting.escalated) == (NOW, 2, 2)
    assert {Action.VERIFY, Action.FAIL} <= {action for action, _ in page.choices}
    assert list(wrong_events(session)) == []


def test_no_note_and_no_photograph_stops_the_verifiers_clock_and_an_operator_may_remind_them_sooner(
    session, office, office_url, redis_url
):
    number = found(session, office)
    worked_on(session, office, number)
    for actor in ("ben", "sue"):
        do(session, number, Action.NOTE, Role.GRID, office, picture(7), actor=actor, area=COMMUNITY, note="下班前去看")
    do(session, number, Action.REMIND, Role.OPERATOR, office)
    assert rounds(office_url, redis_url, at(3, 9)) == 0  # they know already
    assert rounds(office_url, redis_url, at(4, 9, 30)) == 2
    with pytest.raises(NotAllowed):
        do(session, number, Action.REMIND, Role.GRID, office, area=COMMUNITY)


def test_the_unit_is_not_charged_with_what_the_verifier_let_wait_and_the_next_wait_begins_anew(
    session, office, office_url, redis_url
):
    number = found(session, office)
    worked_on(session, office, number)
    due = session.get_one(CaseRow, number).due
    session.rollback()
    assert [rounds(office_url, redis_url, at(9)) for _ in range(3)] == [2, 2, 0]
    do(session, number, Action.FAIL, Role.GRID, office, actor="ben", area=GRID, place=AT, seen="还是不亮")
    case = session.get_one(CaseRow, number)
    assert (case.reminded, case.escalated, case.due) == (0, 0, due)
    session.rollback()
    assert rounds(office_url, redis_url, due) == 2  # the unit's own reminder and its own first rung
    perform(session, number, Action.REPLY, due, actor="u", role=Role.DEPARTMENT, unit="urban_mgmt.hbw", office=office,
            given={"reply": "换了线路", "contacted": "无"})  # fmt: skip
    perform(session, number, Action.PASS, due, actor="s", role=Role.SUPERVISOR, office=office)
    page = page_for_officer(session, number, area=GRID, actor="ben", purpose="核查")
    assert (page.waiting.since, page.waiting.reminded, page.waiting.escalated) == (due, 0, 0)
    session.rollback()
    assert rounds(office_url, redis_url, due + timedelta(hours=1)) == 0


def test_a_city_says_how_long_it_may_wait(session, office, office_url, redis_url):
    number = found(session, office)
    worked_on(session, office, number)
    assert rounds(office_url, redis_url, NOW + timedelta(minutes=30), look=("20 min", "2 h")) == 1
    assert rounds(office_url, redis_url, NOW + timedelta(hours=2), look=("20 min", "2 h")) == 2
    own = city.office(City(hotline_look_within="3 WD"))
    session.rollback()
    (line,) = patrol.to_verify(session, "community", COMMUNITY, "ben", own)
    assert line.look_by == at(6, 9, 30)
    with pytest.raises(ValueError, match="hotline_look_within"):
        City(hotline_look_within="bald")


def test_who_looked_just_before_the_round_came_leaves_nobody_pushed(
    session, office, office_url, redis_url, monkeypatch
):
    number = found(session, office)
    worked_on(session, office, number)
    look = jobs._clocks

    def and_meanwhile_ben_was_there(reading, after, now):
        clocks = look(reading, after, now)
        reading.rollback()
        do(session, number, Action.FAIL, Role.GRID, office, actor="ben", area=GRID, place=AT, seen="还是不亮")
        return clocks

    monkeypatch.setattr(jobs, "_clocks", and_meanwhile_ben_was_there)
    assert rounds(office_url, redis_url, at(4, 9, 30)) == 0
    assert open_alarms(session) == []
    assert pushed(session, number) == []


def test_officers_see_their_area_without_names_and_numbers_and_nothing_that_was_to_stay_quiet(session, office):
    told = Report("永盛家园路灯不亮，我电话13812345678", place="永盛家园", matter="0203", contact="13812345678")
    numbers = {}
    for privacy in ("public", "confidential"):
        made = propose(told, shipped(), sample())
        numbers[privacy] = open_case(
            session, told, made, NOW, actor="op1001", contact_name="王女士", privacy=privacy, office=office
        ).number
    assert [c.number for c in patrol.running(session, "grid", GRID)] == [numbers["public"]]
    assert "138" not in repr(patrol.running(session, "grid", GRID))
    session.rollback()
    page = page_for_officer(session, numbers["public"], area=GRID, actor="olga", purpose="查看")
    assert "王女士" not in repr(page)
    assert "138" not in repr(page)
    assert {action for action, _ in page.choices} == {Action.NOTE, Action.ATTACH}
    for number, area in ((numbers["confidential"], GRID), (numbers["public"], "hbw0100102")):
        with pytest.raises(NotYours):
            page_for_officer(session, number, area=area, actor="olga", purpose="查看")


def test_danger_that_an_officer_writes_down_is_before_a_supervisor_at_once(session, office):
    found(session, office)
    assert open_alarms(session) == []
    session.rollback()
    number = found(session, office, client="phone-2", text="楼道里有很浓的煤气味", matter="0109")
    (alarm,) = open_alarms(session)
    assert (alarm.kind, number in alarm.text) == ("danger", True)


def test_two_sendings_at_once_become_one_case(engine, office):
    from concurrent.futures import ThreadPoolExecutor

    def send(_):
        with writing(engine) as session:
            return found(session, office)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1


def test_a_city_goes_back_to_before_the_patrol_and_forth(office_url, office):
    engine = connect(office_url)
    with Session(engine) as session:
        found(session, office)
    schema.downgrade(office_url, "r0009")
    with Session(engine) as session:
        assert session.execute(text("SELECT source, grid FROM cases")).one() == ("grid", GRID)
    schema.upgrade(office_url)
    with Session(engine) as session:
        assert session.scalars(select(CaseRow.seen)).one() is None
    engine.dispose()
