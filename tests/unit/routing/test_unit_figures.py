"""A unit sees how it does itself: what is open, in time and late, by month and matter."""

from datetime import UTC, date, datetime, timedelta

from routing import figure_desk
from routing.case_desk import open_case, perform
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.figures import Figure
from routing.grids import sample
from routing.unit_figures import Standing, months_back, own

UNIT, OTHER = "urban_mgmt.hbw", "urban_mgmt.wd"
FEBRUARY = datetime(2026, 2, 3, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 3, 17, 2, 0, tzinfo=UTC)  # a Tuesday, ten in the morning


def lamp(session, at, lead=UNIT):
    report = Report("路灯不亮", place="泰安名苑", matter="0203")
    return open_case(session, report, propose(report, shipped(), sample()), at, actor="op1001", lead=lead)


def do(session, number, action, role, at, **given):
    unit = UNIT if role is Role.DEPARTMENT else None
    perform(session, number, action, at, actor="x", role=role, unit=unit, given=given)


def reply(session, number, at):
    do(session, number, Action.REPLY, Role.DEPARTMENT, at, reply="换了灯泡", contacted="已电话")


def counted(session, *days):
    for day in days:
        figure_desk.recount(session, day)


def test_a_unit_finds_what_was_in_time_late_returned_and_reworked_of_its_own_only(session):
    good, late = (lamp(session, FEBRUARY) for _ in range(2))
    lamp(session, FEBRUARY, OTHER)
    for case in (good, late):
        do(session, case.number, Action.SIGN, Role.DEPARTMENT, FEBRUARY)
    reply(session, good.number, FEBRUARY + timedelta(days=1))
    do(session, good.number, Action.REJECT, Role.SUPERVISOR, FEBRUARY + timedelta(days=2), reason="没有照片")
    reply(session, late.number, late.due + timedelta(days=3))
    asked = lamp(session, NOW - timedelta(days=1))
    do(session, asked.number, Action.ASK_RETURN, Role.DEPARTMENT, NOW - timedelta(hours=20), reason="wrong_duty",
       basis="职责清单", unit="housing_bureau")  # fmt: skip
    days = {FEBRUARY.date() + timedelta(days=n) for n in range(30)} | {NOW.date(), NOW.date() - timedelta(days=1)}
    counted(session, *sorted(days))
    mine = own(session, UNIT, NOW, 3)
    assert [name for name, _ in mine.months] == ["2026-01", "2026-02", "2026-03"]
    february, march = dict(mine.months)["2026-02"], dict(mine.months)["2026-03"]
    assert [february.of(f) for f in (Figure.OPENED, Figure.DUE, Figure.IN_TIME, Figure.REWORKED)] == [2, 2, 1, 1]
    assert (february.late, february.in_time, march.of(Figure.RETURNED)) == (1, 0.5, 1)
    assert [code for code, _ in mine.matters] == ["0203"]
    assert mine.all.of(Figure.OPENED) == 3
    assert own(session, OTHER, NOW, 3).all.of(Figure.OPENED) == 1


def test_what_is_open_now_is_told_by_its_limits(session):
    waiting = lamp(session, NOW)
    do(session, waiting.number, Action.SIGN, Role.DEPARTMENT, NOW)
    lamp(session, NOW)
    lamp(session, NOW, OTHER)
    assert own(session, UNIT, NOW, 3).now == Standing(open=2, to_sign=1, due_today=0, overdue=0)
    session.rollback()
    assert own(session, UNIT, waiting.due - timedelta(minutes=5), 3).now == Standing(2, 1, 2, 0)
    assert own(session, UNIT, waiting.due + timedelta(minutes=5), 3).now == Standing(2, 1, 0, 2)


def test_a_limit_of_today_that_can_still_be_met_is_not_late(session):
    case = lamp(session, NOW)
    today = case.due - timedelta(minutes=5)
    counted(session, today.date())
    assert own(session, UNIT, today, 3).all.late == 0
    assert own(session, UNIT, today + timedelta(days=1), 3).all.late == 1


def test_months_begin_on_their_first_day_over_the_new_year():
    assert months_back(date(2026, 3, 17), 1) == date(2026, 3, 1)
    assert months_back(date(2026, 3, 17), 4) == date(2025, 12, 1)
    assert months_back(date(2026, 12, 31), 12) == date(2026, 1, 1)
