"""The citizen is asked, by the hotline, at a decent hour; what they say is what happens to the case."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from routing import follow_up_desk
from routing.case_desk import open_case, perform
from routing.case_views import page_for_unit
from routing.cases import Action, Facts, Role, State
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.follow_up import Answers, Hours, follows, may_ring
from routing.grids import sample
from routing.office import Office
from routing.records import CallEvent, apply
from routing.tables import CaseRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)  # ten in the morning
DAY = Hours.parse("09:00-20:00")
UNIT = "urban_mgmt.hbw"
NUMBER = "13800130001"


def replied(session: Session, contact: str = NUMBER) -> str:
    report = Report("泰安名苑门口路灯不亮", place="泰安名苑", matter="0203", contact=contact)
    number = open_case(session, report, propose(report, shipped(), sample()), NOW, actor="op1001").number
    reply(session, number)
    return number


def reply(session: Session, number: str) -> None:
    given = {"reply": "灯泡已经更换。", "contacted": "电话"}
    state = session.get(CaseRow, number).state
    session.rollback()
    if state == State.DISPATCHED:
        perform(session, number, Action.SIGN, NOW, actor="u", role=Role.DEPARTMENT, unit=UNIT)
    perform(session, number, Action.REPLY, NOW, actor="u", role=Role.DEPARTMENT, unit=UNIT, given=given)
    perform(session, number, Action.PASS, NOW, actor="d", role=Role.SUPERVISOR)


def asked(session: Session, case: str, at: datetime, **answers: str) -> str:
    """The robot rings, the citizen answers (nothing: nobody picks up), and the desk draws its conclusion."""
    call = follow_up_desk.begin(session, case, at)
    if answers:
        apply(session, CallEvent(call, 1, at, "arrived", {"caller": NUMBER, "line": "to citizen"}))
        apply(session, CallEvent(call, 2, at, "asked_after", {"case": case, **answers}))
        apply(session, CallEvent(call, 3, at, "ended", {"outcome": "answer"}))
        session.commit()
    (attempt,) = [a for a in follow_up_desk.open_attempts(session) if a.call == call]
    session.rollback()
    return follow_up_desk.settle(session, attempt, at + timedelta(minutes=3), Office())


def state(session: Session, case: str) -> str:
    session.expire_all()
    return session.get(CaseRow, case).state


def test_citizens_are_rung_by_day_three_times_and_not_again_at_once():
    night = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)
    assert may_ring(NOW, [], DAY)
    assert not may_ring(night, [], DAY)
    assert not may_ring(NOW, [NOW - timedelta(hours=1)], DAY)
    assert may_ring(NOW, [NOW - timedelta(hours=5)], DAY)
    assert not may_ring(NOW, [NOW - timedelta(days=n) for n in (1, 2, 3)], DAY)


@pytest.mark.parametrize(
    ("answers", "reworks", "action"),
    [
        (Answers("yes", "very", ""), 0, Action.CLOSE),
        (Answers("partly", "ok", ""), 0, Action.CLOSE),
        (Answers("no", "no", "还是不亮"), 0, Action.REOPEN),
        (Answers("yes", "no", "态度不好"), 0, Action.REOPEN),
        (Answers("no", "no", "还是不亮"), 1, Action.TO_SUPERVISOR),
        (Answers("no", "", ""), 0, Action.REOPEN),
        (Answers("yes", "", ""), 0, Action.NOT_REACHED),
        (None, 0, Action.NOT_REACHED),
    ],
)
def test_silence_is_not_a_yes_and_a_no_opens_the_case_once_by_itself(answers, reworks, action):
    assert follows(answers, Facts(reworks=reworks, led=True))[0] is action


def test_a_satisfied_citizen_closes_the_case_and_the_unit_never_sees_the_answer(session):
    case = replied(session)
    assert asked(session, case, NOW, solved="yes", satisfied="very") == "close"
    assert state(session, case) == State.CLOSED
    page = page_for_unit(session, case, unit=UNIT, actor="u", purpose="test")
    assert page.satisfied is None
    assert "very" not in str(page.history)


def test_a_dissatisfied_citizen_opens_it_again_and_the_second_time_a_supervisor_decides(session):
    case = replied(session)
    assert asked(session, case, NOW, solved="no", satisfied="no", words="还是不亮") == "reopen"
    assert state(session, case) == State.REWORKED
    reply(session, case)
    assert asked(session, case, NOW + timedelta(days=1), solved="no", satisfied="no") == "to_supervisor"
    assert state(session, case) == State.ARBITRATION


def test_who_does_not_pick_up_is_tried_again_later_and_the_case_stays_open(session):
    case = replied(session)
    for day in range(3):
        at = NOW + timedelta(days=day)
        assert follow_up_desk.next_to_ring(session, at, 5, DAY) == [(case, NUMBER)]
        assert asked(session, case, at) == "not_reached"
        assert state(session, case) == State.CALLBACK
    assert follow_up_desk.next_to_ring(session, NOW + timedelta(days=9), 5, DAY) == [], "now an operator asks"


def test_nobody_is_asked_twice_in_a_week_about_one_matter(session):
    first, second = replied(session), replied(session)
    asked(session, first, NOW, solved="yes", satisfied="yes")
    later = NOW + timedelta(days=1)
    assert follow_up_desk.next_to_ring(session, later, 5, DAY) == []
    assert follow_up_desk.next_to_ring(session, NOW + timedelta(days=8), 5, DAY) == [(second, NUMBER)]


def test_a_conclusion_drawn_twice_changes_nothing_more(session):
    case = replied(session)
    call = follow_up_desk.begin(session, case, NOW)
    (attempt,) = follow_up_desk.open_attempts(session)
    session.rollback()
    late = NOW + timedelta(minutes=5)
    assert follow_up_desk.settle(session, attempt, late, Office()) == "not_reached"
    before = session.get(CaseRow, case).version
    session.rollback()
    perform(
        session, case, Action.CLOSE, late, actor="op", role=Role.OPERATOR, given={"solved": "yes", "satisfied": "ok"}
    )
    assert follow_up_desk.settle(session, attempt, late, Office()) == "gone"
    session.expire_all()
    assert session.get(CaseRow, case).version == before + 1
    assert call not in follow_up_desk.ringing(session)
