"""The model city's history, small."""

import io
from datetime import date

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from routing.audit import wrong_events
from routing.case_lists import hotline_list, search
from routing.cases import LIFE_CYCLE, OPEN, Action, State
from routing.database import connect
from routing.records import call
from routing.sample import archive
from routing.sample.lives import WAYS
from routing.tables import CallEventRow, CallRow, CaseEventRow, CaseRow, CaseUnitRow, DayCountRow

PLAN = archive.Plan(calls=1200, cases=900, seed=7, until=date(2026, 11, 20), length=400)


@pytest.fixture
def city(office_url):
    archive.write(office_url, PLAN, workers=1, out=io.StringIO())
    engine = connect(office_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_the_days_add_up_and_nobody_changed_their_history(city, office_url):
    assert city.scalar(select(func.count()).select_from(CallRow)) == PLAN.calls
    assert city.scalar(select(func.count()).select_from(CaseRow)) == PLAN.cases
    assert list(wrong_events(city)) == []
    first, last = city.execute(select(func.min(CaseRow.opened), func.max(CaseRow.opened))).one()
    assert (last - first).days > 390
    states = dict(city.execute(select(CaseRow.state, func.count()).group_by(CaseRow.state)).all())
    assert states[State.ARCHIVED] > 0.8 * PLAN.cases
    assert 0 < sum(states.get(state, 0) for state in OPEN) < 0.1 * PLAN.cases
    running = select(CaseUnitRow.running, CaseRow.state).join(CaseRow, CaseRow.number == CaseUnitRow.case)
    assert all(is_running == (state in OPEN) for is_running, state in city.execute(running))
    assert city.scalar(select(func.sum(DayCountRow.last))) == PLAN.cases
    # a second start finds every day there and writes nothing
    assert archive.write(office_url, PLAN, workers=1, out=io.StringIO()) == 0


def test_the_desks_find_what_was_written(city):
    newest = city.scalars(select(CaseRow).where(CaseRow.call.is_not(None)).order_by(CaseRow.number.desc())).first()
    assert newest.number in {c.number for c in hotline_list(city)}
    assert newest.number in {c.number for c in search(city, f"{newest.place} {newest.title[-6:]}")}
    record = call(city, newest.call)
    assert (record.outcome, record.caller) == ("operator", newest.contact)
    assert [turn.who for turn in record.turns] == ["robot", "caller"]


def test_of_a_call_older_than_a_year_no_number_and_no_word_is_there(city):
    old = city.scalars(select(CallRow).order_by(CallRow.arrived)).first()
    assert (old.caller, old.erased is not None) == ("", True)
    kinds = set(city.scalars(select(CallEventRow.kind).where(CallEventRow.call == old.id)))
    assert not kinds & {"said", "heard"}


def test_every_way_of_a_case_is_one_the_table_knows():
    for _, way in WAYS:
        state = State.DRAFT
        for action in way:
            state = LIFE_CYCLE[state, Action(action)].to or state
        assert state is State.ARCHIVED


def test_the_same_seed_is_the_same_city():
    day = PLAN.days()[-9]
    one, other = archive.rows_of(PLAN, *day), archive.rows_of(PLAN, *day)
    assert one == other
    assert archive.rows_of(archive.Plan(PLAN.calls, PLAN.cases, 8, PLAN.until, PLAN.length), *day) != one


def test_an_interrupted_archive_goes_on_where_it_stopped(office_url):
    plan = archive.Plan(calls=60, cases=40, seed=3, until=date(2026, 11, 20), length=20)
    days = [day for day in plan.days() if day[1]]
    for day in days[::2]:
        archive.write_day(office_url, plan, *day)
    assert archive.write(office_url, plan, workers=1, out=io.StringIO()) >= len(days) // 2
    engine = connect(office_url)
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(CaseRow)) == plan.cases
        assert session.scalar(select(func.count()).select_from(CaseEventRow)) > plan.cases
    engine.dispose()


def test_a_city_with_calls_of_its_own_is_left_alone(office_url):
    engine = connect(office_url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO calls (id, caller, arrived) VALUES ('c1', '', '2026-03-01 00:00:00')"))
    with pytest.raises(archive.NotEmpty, match="empty"):
        archive.write(office_url, PLAN, workers=1, out=io.StringIO())
    engine.dispose()
