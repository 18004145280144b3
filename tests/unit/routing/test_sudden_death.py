"""A process dies (kill -9) beside any of its commits: a case is as it was or as it should be, and no alarm is lost."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from killed import killed_after_commit, killed_before_commit
from sqlalchemy import select
from sqlalchemy.orm import Session

from routing import api_keys, case_search, incident_desk, jobs, open_desk
from routing.alarms import open_alarms
from routing.audit import wrong_events
from routing.case_desk import open_case, perform
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.grids import sample
from routing.incidents import AT_LEAST
from routing.office import Office
from routing.tables import CaseEventRow, CaseRow, CaseUnitRow, IncidentRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
UNIT = "urban_mgmt.hbw"
LIFE = (  # each step of a case, and who does it with what
    (Action.SIGN, Role.DEPARTMENT, {}),
    (Action.REPLY, Role.DEPARTMENT, {"reply": "已修好", "contacted": "2026-03-04"}),
    (Action.PASS, Role.DISPATCHER, {}),
    (Action.CLOSE, Role.OPERATOR, {"solved": "yes", "satisfied": "yes"}),
)
STEP = """
import json, sys
from datetime import datetime
from routing.case_desk import perform
from routing.cases import Action, Role
from routing.database import connect, writing
url, number, action, role, given, unit, at = sys.argv[1:]
with writing(connect(url)) as session:
    perform(session, number, Action(action), datetime.fromisoformat(at), actor="a", role=Role(role),
            unit=unit or None, given=json.loads(given))
"""
OPENING = """
import sys
from datetime import datetime
from routing import api_keys, open_desk
from routing.database import connect, writing
from routing.dispatch import Report
from routing.office import Office
url, key, at = sys.argv[1:]
engine = connect(url)
with writing(engine) as session:
    known = api_keys.known(session, key)
with writing(engine) as session:
    open_desk.take_in(session, known, Report("楼下配电房着火了, 有人被困", "泰安名苑"), datetime.fromisoformat(at),
                      Office(), idempotency="once", content="fire")
"""
ROUND = """
import sys
from routing import jobs
jobs.rounds(sys.argv[1], sys.argv[2], now=sys.argv[3])
"""
LOOK = """
import sys
from datetime import datetime
from routing import incident_desk
from routing.database import connect, writing
with writing(connect(sys.argv[1])) as session:
    incident_desk.look(session, datetime.fromisoformat(sys.argv[2]))
"""


def lamp(session: Session, matter: str = "0203", number: int = 0) -> str:
    report = Report(f"路灯不亮{number}", "泰安名苑", matter=matter)
    return open_case(session, report, propose(report, shipped(), sample()), NOW, actor="op1001").number


def standing(engine, number: str) -> tuple[object, ...]:
    """All that a step may write about a case."""
    with Session(engine) as session:
        case = session.get_one(CaseRow, number)
        events = select(CaseEventRow.version, CaseEventRow.action, CaseEventRow.after).where(
            CaseEventRow.case == number
        )
        units = select(CaseUnitRow.unit, CaseUnitRow.running).where(CaseUnitRow.case == number)
        columns = {c.name: getattr(case, c.name) for c in CaseRow.__table__.columns}
        assert list(wrong_events(session)) == []
        return columns, session.execute(events.order_by(CaseEventRow.version)).all(), session.execute(units).all()


def test_a_case_whose_process_dies_within_a_step_is_as_it_was(session, engine, office_url):
    number = lamp(session)
    child = lamp(session, number=1)
    merge = {"parent": number}
    perform(session, child, Action.MERGE, NOW, actor="d1", role=Role.DISPATCHER, given=merge)
    session.rollback()
    for action, role, given in LIFE:
        unit = UNIT if role is Role.DEPARTMENT else ""
        before = standing(engine, number), standing(engine, child)
        killed_before_commit(STEP, office_url, number, action, role, json.dumps(given), unit, NOW.isoformat())
        assert (standing(engine, number), standing(engine, child)) == before
        done = perform(session, number, action, NOW, actor="a", role=role, unit=unit or None, given=given)
        assert done.state != before[0][0]["state"]


@pytest.mark.parametrize("killed", [killed_before_commit, killed_after_commit])
def test_a_danger_that_was_reported_and_its_alarm_come_together_or_not_at_all(session, engine, office_url, killed):
    key = api_keys.issue(session, "city-app", api_keys.Right.WRITE, NOW)
    killed(OPENING, office_url, key, NOW.isoformat())
    there = session.scalars(select(CaseRow.number)).all()
    assert [a.kind for a in open_alarms(session)] == ["danger"] * len(there)
    assert len(there) == (killed is killed_after_commit)
    session.rollback()
    with Session(engine) as again:
        report = Report("楼下配电房着火了, 有人被困", "泰安名苑")
        known = api_keys.known(again, key)
        again.rollback()
        number = open_desk.take_in(again, known, report, NOW, Office(), idempotency="once", content="fire")
    assert session.scalars(select(CaseRow.number)).all() == [number]
    (alarm,) = open_alarms(session)
    assert number in alarm.text
    assert case_search.find(session, "配电房着火", 5) == [number]


def test_an_overdue_danger_whose_round_dies_has_its_alarm_as_soon_as_it_has_climbed(
    session, engine, office_url, redis_url
):
    number = lamp(session, "0201")
    session.rollback()
    late, climbed = (NOW + timedelta(hours=3)).isoformat(), 0
    while not climbed:
        killed_after_commit(ROUND, office_url, redis_url, late)
        with Session(engine) as looking:
            climbed = looking.get_one(CaseRow, number).escalated
            assert [a.kind for a in open_alarms(looking)] == ["overdue"] * climbed
    assert standing(engine, number)[0]["escalated"] == 1
    jobs.rounds(office_url, redis_url, now=late)
    assert len(open_alarms(session)) == 1


def test_an_incident_that_is_proposed_by_a_dying_round_is_shown_to_the_supervisors(session, office_url):
    for n in range(AT_LEAST):
        lamp(session, number=n)
    session.rollback()
    at = NOW + timedelta(minutes=5)
    killed_before_commit(LOOK, office_url, at.isoformat())
    assert (session.scalars(select(IncidentRow)).all(), open_alarms(session)) == ([], [])
    session.rollback()
    killed_after_commit(LOOK, office_url, at.isoformat())
    assert [a.kind for a in open_alarms(session)] == ["incident"]
    assert incident_desk.look(session, at) == [], "proposed once"
