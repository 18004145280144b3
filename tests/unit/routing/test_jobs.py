import json
import os
import select
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from rq import Queue, SimpleWorker
from sqlalchemy.orm import Session

from routing import jobs
from routing.alarms import open_alarms
from routing.audit import wrong_events
from routing.case_desk import open_case, perform
from routing.cases import Action, Role, State
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.escalation import LOOK, CaseClock, Patience, Waiting, pushes
from routing.grids import sample
from routing.settings import Settings
from routing.tables import CaseRow
from routing.working_time import Calendar

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def lamp(session, matter="0203"):
    made = propose(Report("路灯不亮", "泰安名苑", matter=matter), shipped(), sample())
    return open_case(session, Report("路灯不亮", "泰安名苑"), made, NOW, actor="op1001").number


def clock(**more):
    known = {"number": "1", "state": State.SIGNED, "urgency": "P2", "dispatched": NOW, "sign_by": None, "due": DUE,
             "closed": None, "reminded": 0, "escalated": 0}  # fmt: skip
    return CaseClock(**{**known, **more})


def wanted(case, at):
    return [p.action for p in pushes(case, at, Calendar())]


def test_a_unit_is_reminded_before_the_limit_and_at_it_and_then_it_climbs():
    assert wanted(clock(), NOW + timedelta(days=1)) == []
    assert wanted(clock(), DUE - timedelta(days=1)) == [Action.REMIND]
    assert wanted(clock(reminded=1), DUE - timedelta(days=1)) == []
    assert wanted(clock(reminded=1), DUE) == [Action.REMIND, Action.ESCALATE]
    assert wanted(clock(reminded=2, escalated=1), DUE + timedelta(hours=1)) == []
    assert wanted(clock(reminded=2, escalated=1), DUE + timedelta(days=1)) == [Action.ESCALATE]
    assert wanted(clock(reminded=2, escalated=2), DUE + timedelta(days=3)) == [Action.ESCALATE]
    assert wanted(clock(reminded=2, escalated=3), DUE + timedelta(days=90)) == []


def test_an_answered_case_is_the_units_no_more():
    assert wanted(clock(state=State.CALLBACK), DUE + timedelta(days=9)) == []
    assert wanted(clock(state=State.LONG_TERM), DUE) == [Action.RESUME]
    assert wanted(clock(state=State.CLOSED, closed=NOW), NOW + timedelta(days=30)) == [Action.ARCHIVE]


LOOKED_FOR = datetime(2026, 3, 6, 8, 0, tzinfo=UTC)  # Friday, four in the afternoon
REMINDED, LOOK_BY = datetime(2026, 3, 9, 3, 0, tzinfo=UTC), datetime(2026, 3, 9, 9, 30, tzinfo=UTC)  # Monday


def waits(reminded=0, escalated=0, **more):
    return clock(state=State.VERIFICATION, waiting=Waiting(LOOKED_FOR, reminded, escalated), **more)


def test_who_should_look_is_reminded_after_half_a_working_day_and_after_a_day_a_supervisor_is_told():
    assert wanted(waits(), REMINDED - timedelta(minutes=1)) == []
    assert wanted(waits(), REMINDED) == [Action.REMIND]
    assert wanted(waits(1), LOOK_BY - timedelta(minutes=1)) == []
    assert wanted(waits(1), LOOK_BY) == [Action.REMIND, Action.ESCALATE]
    assert wanted(waits(2, 1), LOOK_BY + timedelta(days=1)) == []
    assert wanted(waits(2, 1), LOOK_BY + timedelta(days=2)) == [Action.ESCALATE]
    assert wanted(waits(2, 2), LOOK_BY + timedelta(days=90)) == []
    told = pushes(waits(1), LOOK_BY, Calendar())[-1]
    assert (told.alarm, "请班长安排核查" in told.given["reason"]) == ("verification", True)


def test_whether_a_danger_is_gone_is_looked_at_by_night_too():
    late = LOOKED_FOR + timedelta(hours=4)
    assert wanted(waits(urgency="P1"), LOOKED_FOR + timedelta(hours=2)) == [Action.REMIND]
    assert wanted(waits(urgency="P1"), late) == [Action.REMIND, Action.ESCALATE]
    assert wanted(waits(urgency="P2"), late) == []


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)),
    st.lists(st.integers(0, 60 * 24 * 5), max_size=30),
    st.sampled_from(["P0", "P1", "P2", "P3"]),
    st.sampled_from([Patience.of(*LOOK), Patience.of("3 WD", "2 h")]),
)
def test_however_seldom_the_rounds_come_nobody_is_pushed_twice_for_one_thing_and_nothing_is_left_out(
    since, pauses, urgency, patience
):
    at, reminded, escalated = since, 0, 0
    for pause in [*pauses, 60 * 24 * 40, *[0] * 4]:
        at += timedelta(minutes=pause)
        case = replace(clock(state=State.VERIFICATION, urgency=urgency), waiting=Waiting(since, reminded, escalated))
        found = [p.action for p in pushes(case, at, Calendar(), patience)]
        reminded, escalated = reminded + found.count(Action.REMIND), escalated + found.count(Action.ESCALATE)
        soon, look_by = patience.limits(urgency, since, Calendar())
        assert since < soon <= look_by
        assert found == [] or at >= soon
        assert escalated == 0 or at >= look_by
    assert (reminded, escalated) == (2, 2)


def test_the_clock_cannot_be_stopped_by_not_signing(session, office_url, redis_url):
    left = lamp(session)
    signed = lamp(session)
    perform(session, signed, Action.SIGN, NOW, actor="h", role=Role.DEPARTMENT, unit="urban_mgmt.hbw")
    late = datetime(2026, 3, 12, 2, 0, tzinfo=UTC).isoformat()
    assert jobs.rounds(office_url, redis_url, now=late) == 3 + 2  # signed for them; one reminder and one rung each
    assert jobs.rounds(office_url, redis_url, now=late) == 2 + 2  # a working day later still: again
    session.expire_all()
    first, second = session.get(CaseRow, left), session.get(CaseRow, signed)
    assert (first.state, first.due) == ("signed", second.due)
    assert (first.reminded, first.escalated) == (second.reminded, second.escalated) == (2, 2)
    assert jobs.rounds(office_url, redis_url, now=late) == 0
    assert list(wrong_events(session)) == []


def test_an_overdue_danger_raises_an_alarm(session, office_url, redis_url):
    number = lamp(session, "0201")
    jobs.rounds(office_url, redis_url, now=(NOW + timedelta(hours=3)).isoformat())
    (alarm,) = open_alarms(session)
    assert (alarm.kind, number in alarm.text) == ("overdue", True)


@pytest.mark.parametrize(
    ("says", "outcome", "alarms"),
    [
        ('print(\'{"outcome": "answer"}\')', "answer", 0),
        ('print(\'{"outcome": "operator"}\')', "operator", 1),
        ("print('no json')", "no result", 1),
        ("import signal; signal.pause()", "no answer", 1),
    ],
)
def test_a_line_that_does_not_answer_rightly_raises_an_alarm(session, office_url, redis_url, says, outcome, alarms):
    command = f"{sys.executable} -c {json.dumps(says)}"
    found = jobs.dial_test(command, "answer", office_url, redis_url, within=5 if outcome != "no answer" else 1)
    assert found == outcome
    assert len(open_alarms(session)) == alarms
    assert jobs.dial_test("/nowhere/dial", "answer", office_url, redis_url) == "failed"


def test_the_timetable_puts_the_jobs_in_and_a_worker_does_them(session, office_url, redis_url):
    lamp(session, "0201")
    connection = Redis.from_url(redis_url)
    settings = Settings(database_url=office_url, redis_url=redis_url, hotline_dial_test="/nowhere/dial")
    cron = jobs.timetable(connection, settings)
    wanted = {jobs.rounds, jobs.count_figures, jobs.tell_subscribers, jobs.hand_over, jobs.retain, jobs.dial_test}
    assert {job.func for job in cron.enqueue_jobs()} == wanted
    queue = Queue(jobs.QUEUE, connection=connection)
    SimpleWorker([queue], connection=connection).work(burst=True)
    assert queue.failed_job_registry.get_job_ids() == []
    assert "dial_test" in [a.kind for a in open_alarms(session)]
    connection.close()


def test_the_worker_runs_by_itself_and_ends_when_told(session, engine, office_url, redis_url):
    lamp(session, "0201")
    env = {**os.environ, "DATABASE_URL": office_url, "REDIS_URL": redis_url, "HOTLINE_DIAL_TEST": "/nowhere/dial"}
    worker = subprocess.Popen([sys.executable, "-m", "routing", "work"], env=env)
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with Session(engine) as own:
                if any(a.kind == "dial_test" for a in open_alarms(own)):
                    break
            select.select([], [], [], 0.1)
        with Session(engine) as own:
            assert any(a.kind == "dial_test" for a in open_alarms(own))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
    finally:
        worker.kill()
        worker.wait()
