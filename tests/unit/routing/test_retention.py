import os
import select as wait
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from routing import holds
from routing.audit import wrong_events
from routing.case_desk import open_case, perform
from routing.case_lists import search
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.database import writing
from routing.dispatch import Report, propose
from routing.grids import sample
from routing.holds import NothingToHold
from routing.records import CallEvent, apply, call
from routing.retention import Periods, case_due, what_stays
from routing.retention_desk import Erased, erase
from routing.tables import CallRow, CaseEventRow, CaseRow

THEN = datetime(2023, 3, 3, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
NUMBER, WORDS = "12000000001", "泰安名苑门口路灯不亮，我是王女士"


def write(session, call=None, kind="", now=THEN):
    """A case that was opened, withdrawn and archived three years and more ago."""
    report = Report(WORDS, place="泰安名苑", matter="0203", contact=NUMBER, kind=kind)
    proposal = propose(report, shipped(), sample())
    number = open_case(session, report, proposal, now, actor="op1001", contact_name="王女士", call=call).number
    given = {"words": "王女士说已经亮了"}
    perform(session, number, Action.WITHDRAW, now, actor="op1001", role=Role.OPERATOR, given=given)
    perform(session, number, Action.ARCHIVE, now + timedelta(days=30), actor="timetable", role=Role.SYSTEM)
    return number


def rung(session, name="c1", at=THEN):
    facts = [("arrived", {"caller": NUMBER, "line": "12345"}), ("heard", {"text": WORDS}),
             ("handed_over", {"to": "queue", "words": WORDS}), ("ended", {"outcome": "operator"})]  # fmt: skip
    for seq, (kind, data) in enumerate(facts, 1):
        apply(session, CallEvent(name, seq, at + timedelta(seconds=seq), kind, data))
    session.commit()
    return name


def everything(session):
    """All that the tables know, as one text."""
    tables = ("cases", "case_events", "calls", "call_events")
    return "".join(str(session.execute(text(f"SELECT * FROM {table}")).all()) for table in tables)


@pytest.fixture
def recordings(tmp_path):
    folder = tmp_path / "rec"
    folder.mkdir()
    return folder


def test_what_is_due_loses_its_words_and_the_history_stays_verifiable(session, engine, recordings):
    call_id, number = rung(session), write(session, call="c1")
    (recordings / "c1.wav").write_bytes(b"RIFF")
    assert erase(engine, NOW, Periods(), recordings) == Erased(cases=1, calls=1, recordings=1)
    session.expire_all()
    left = everything(session)
    for word in (NUMBER, "王女士", "路灯不亮，", "泰安名苑"):
        assert word not in left
    assert not (recordings / "c1.wav").exists()
    assert search(session, "泰安") == []
    case = session.get(CaseRow, number)
    assert (case.matter, case.lead, case.title, case.erased) == ("0203", "urban_mgmt.hbw", "路灯不亮", NOW)
    actions = session.scalars(select(CaseEventRow.action).where(CaseEventRow.case == number).order_by(CaseEventRow.id))
    assert list(actions) == ["dispatch", "withdraw", "archive", "erase"]
    record = call(session, call_id)
    assert (record.outcome, record.turns, [e.kind for e in record.events]) == (
        "operator", (), ["arrived", "handed_over", "ended"]
    )  # fmt: skip
    assert list(wrong_events(session)) == []
    session.rollback()
    assert erase(engine, NOW + timedelta(days=1), Periods(), recordings) == Erased()
    assert everything(session) == left


def test_what_is_held_stays_until_the_hold_is_lifted(session, engine, recordings):
    held, of_held_call = write(session), write(session, call=rung(session))
    with writing(engine) as lawyer, lawyer.begin():
        holds.add(lawyer, held, "诉讼", "法制科", NOW)
        holds.add(lawyer, "c1", "诉讼", "法制科", NOW)
        with pytest.raises(NothingToHold):
            holds.add(lawyer, "nothing", "诉讼", "法制科", NOW)
    before = everything(session)
    session.rollback()
    assert erase(engine, NOW, Periods(), recordings) == Erased(held=3)
    assert everything(session) == before
    assert [h.target for h in holds.standing(session)] == [held, "c1"]
    session.rollback()
    with writing(engine) as lawyer, lawyer.begin():
        holds.lift(lawyer, held, "法制科", NOW)
    assert erase(engine, NOW, Periods(), recordings) == Erased(cases=1, held=2)
    session.expire_all()
    assert session.get(CaseRow, of_held_call).contact == NUMBER


def test_a_hold_on_a_case_holds_its_call(session, engine, recordings):
    number = write(session, call=rung(session))
    with writing(engine) as lawyer, lawyer.begin():
        holds.add(lawyer, number, "诉讼", "法制科", NOW)
    assert erase(engine, NOW, Periods(), recordings) == Erased(held=2)


def test_reports_and_disputes_are_kept_longer_and_young_cases_whole(session, engine, recordings):
    write(session, kind="举报")
    write(session, now=NOW - timedelta(days=1000))
    assert erase(engine, NOW, Periods(), recordings) == Erased()
    assert erase(engine, THEN + timedelta(days=1826), Periods(), recordings) == Erased(cases=2)
    assert not case_due("投诉", "司法调解与信访边界", THEN, NOW, Periods())
    assert what_stays({"caller": NUMBER, "line": "12345"}) == {"line": "12345"}


def test_who_empties_an_event_without_saying_so_is_found(session):
    number = write(session)
    session.execute(update(CaseEventRow).where(CaseEventRow.version == 2).values(data={}, salt=""))
    assert list(wrong_events(session)) == [f"case {number}: event 2 is not what was written"]


def test_events_from_before_the_seals_stay_valid_with_and_without_their_words(session, engine, recordings):
    from routing.audit import NOTHING_BEFORE, digest

    number, previous = write(session), NOTHING_BEFORE
    for e in session.scalars(select(CaseEventRow).order_by(CaseEventRow.version)):
        e.salt = e.sealed = ""
        e.previous_hash = previous
        e.hash = digest(previous, e.case, e.version, e.at, e.action, (e.actor, e.role), (e.before, e.after), e.data)
        previous = e.hash
    session.commit()
    assert list(wrong_events(session)) == []
    session.rollback()
    assert erase(engine, NOW, Periods(), recordings).cases == 1
    assert list(wrong_events(session)) == []
    session.execute(update(CaseEventRow).where(CaseEventRow.version == 1).values(hash="0" * 64))
    assert list(wrong_events(session)) == [f"case {number}: event 2 is not what was written"]


ERASING = """
import sys
from datetime import datetime
from pathlib import Path
from routing.database import connect
from routing.retention import Periods
from routing.retention_desk import erase
print("begun", flush=True)
erase(connect(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), Periods(), Path(sys.argv[3]))
"""


def test_a_sudden_death_leaves_no_case_half_erased(session, engine, office_url, recordings):
    for n in range(20):
        write(session, call=rung(session, f"c{n}"))
    session.rollback()
    command = [sys.executable, "-c", ERASING, office_url, NOW.isoformat(), str(recordings)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."})
    erased = select(func.count()).select_from(CaseRow).where(CaseRow.erased.is_not(None))
    for _ in range(3000):
        with Session(engine) as looking:
            if looking.scalar(erased) >= 3:
                break
        wait.select([], [], [], 0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    with Session(engine) as looking:
        gone = looking.scalar(erased)
        assert gone >= 3
        assert list(wrong_events(looking)) == []
        for case in looking.scalars(select(CaseRow)):
            events = looking.scalars(select(CaseEventRow).where(CaseEventRow.case == case.number)).all()
            words = {bool(case.text), bool(case.contact), bool(case.place), any(e.data for e in events)}
            assert words == {case.erased is None}
    assert erase(engine, NOW, Periods(), recordings).cases == 20 - gone
    with Session(engine) as looking:
        assert looking.scalar(erased) == 20
        assert looking.scalar(select(func.count()).select_from(CallRow).where(CallRow.caller != "")) == 0
        assert list(wrong_events(looking)) == []
