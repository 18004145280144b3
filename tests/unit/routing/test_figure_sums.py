"""A report of months says exactly what its days say, however often and in whatever order they were counted."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from routing import figure_desk, figure_sums, schema, unit_figures
from routing.case_desk import open_case, perform
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.database import connect, writing
from routing.dispatch import Report, propose
from routing.figure_sums import By, Span
from routing.figures import Figure
from routing.grids import sample
from routing.tables import DayFigureRow

FIRST, LAST = date(2025, 12, 20), date(2026, 3, 12)
PLACES = ("泰安名苑", "")
MATTERS = ("0203", "0101")


def busy_weeks(session: Session) -> list[date]:
    """Cases on some days of two years; the days, none of them counted yet."""
    dice = random.Random(5)
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    for day in dice.sample(days, 20):
        at = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)
        report = Report("路灯不亮", place=dice.choice(PLACES), matter=dice.choice(MATTERS), contact="12000000001")
        made = open_case(session, report, propose(report, shipped(), sample()), at, actor="op1001")
        if made.lead and dice.random() < 0.6:
            perform(session, made.number, Action.SIGN, at, actor="u", role=Role.DEPARTMENT, unit=made.lead)
    return days


def of_the_days(session: Session, since: date, until: date, part: int) -> dict[str, Counter[Figure]]:
    """The same sums straight from the days' numbers; `part`: 0 unit, 1 matter, 2 district."""
    f = DayFigureRow
    found: dict[str, Counter[Figure]] = {}
    for figure, n, *codes in session.execute(
        select(f.figure, f.n, f.unit, f.matter, f.district).where(f.day >= str(since), f.day <= str(until))
    ):
        found.setdefault(codes[part], Counter())[Figure(figure)] += n
    return found


@pytest.mark.parametrize(
    ("since", "until"), [(FIRST, LAST), (date(2026, 2, 1), date(2026, 2, 28)), (date(2026, 2, 3), date(2026, 3, 12)),
     (date(2026, 2, 3), date(2026, 3, 5)), (date(2026, 3, 3), date(2026, 3, 12))]
)  # fmt: skip
def test_a_supervisor_reads_in_a_long_report_what_the_days_say(session, since, until):
    days = busy_weeks(session)
    again = [*days, *days[10:30]]
    random.Random(2).shuffle(again)
    for day in again:
        figure_desk.recount(session, day)
    made = figure_desk.report(session, since, until)
    assert made.sums[Figure.OPENED] > 0
    for lines, part in ((made.units, 0), (made.matters, 1), (made.districts, 2)):
        expected = {code: dict(n) for code, n in of_the_days(session, since, until, part).items() if code}
        assert {line.code: line.counts for line in lines} == expected
    assert sum(opened for _, _, opened in made.days) == made.sums[Figure.OPENED]


def test_days_of_one_month_that_are_counted_at_once_are_both_in_it(session, office_url):
    busy_weeks(session)
    many = office_url.startswith("postgresql")
    # SQLite serves who waits in no order: were there much to count, one might wait too long for the database
    days = [date(2026, 2, day) for day in range(1, 29 if many else 9)]

    def counted(day: date) -> None:
        engine = connect(office_url)
        with writing(engine) as own:
            figure_desk.recount(own, day)
        engine.dispose()

    with ThreadPoolExecutor(6 if many else 2) as pool:
        list(pool.map(counted, [*days, *days]))
    sums = figure_sums.sums(session, [By.MATTER], days[0], days[-1])[By.MATTER]
    expected = {code: dict(n) for code, n in of_the_days(session, days[0], days[-1], 1).items()}
    assert sums == expected != {}


def test_a_case_that_another_unit_got_leaves_the_months_of_the_first(session):
    at = datetime(2026, 2, 10, 2, tzinfo=UTC)
    report = Report("路灯不亮", place="泰安名苑", matter="0203", contact="12000000001")
    number = open_case(session, report, propose(report, shipped(), sample()), at, actor="op1001").number
    figure_desk.recount(session, date(2026, 2, 10))
    later = datetime(2026, 3, 5, 2, tzinfo=UTC)
    first, second = "urban_mgmt.hbw", "urban_mgmt.wd"
    assert unit_figures.own(session, first, later, 3).all.of(Figure.OPENED) == 1
    given = {"reason": "wrong_territory", "unit": second, "basis": "属地不符"}
    perform(session, number, Action.SIGN, at, actor="u", role=Role.DEPARTMENT, unit=first)
    perform(session, number, Action.ASK_RETURN, at, actor="u", role=Role.DEPARTMENT, unit=first, given=given)
    perform(session, number, Action.ACCEPT_RETURN, at, actor="d", role=Role.DISPATCHER, given={"reason": "属实"})
    perform(
        session, number, Action.DISPATCH, at, actor="d", role=Role.DISPATCHER, given={"lead": second, "reason": "属地"}
    )
    figure_desk.recount(session, date(2026, 2, 10))
    assert unit_figures.own(session, first, later, 3).all.of(Figure.OPENED) == 0
    assert unit_figures.own(session, second, later, 3).all.of(Figure.OPENED) == 1


@pytest.mark.parametrize(
    ("since", "until", "added", "taken_away"),
    [
        (date(2026, 2, 1), date(2026, 2, 28), ["2026-02"], []),
        (date(2026, 2, 1), date(2026, 2, 27), ["2026-02"], ["2026-02-28"]),
        (date(2025, 12, 31), date(2026, 2, 1), ["2025-12-31", "2026-01", "2026-02-01"], []),
        (date(2025, 2, 2), date(2026, 12, 31), ["2025", "2026"], ["2025-01", "2025-02-01"]),
        (date(2026, 2, 2), date(2026, 2, 1), [], []),
    ],
)
def test_a_period_is_made_of_years_months_and_days_whichever_are_fewer(since, until, added, taken_away):
    assert figure_sums.spans(since, until) == {**dict.fromkeys(added, 1), **dict.fromkeys(taken_away, -1)}


@given(st.dates(date(2023, 1, 1), date(2026, 12, 31)), st.integers(0, 1098))
def test_every_day_of_a_period_counts_once_and_no_other(since, length):
    until = since + timedelta(days=length)
    counted: Counter[date] = Counter()
    made = figure_sums.spans(since, until)
    for name, sign in made.items():
        first = date.fromisoformat(f"{name}-01-01"[:10])
        whole = {4: Span.year, 7: Span.month}.get(len(name), lambda day: Span("", day, day))(first)
        for n in range((whole.until - whole.since).days + 1):
            counted[whole.since + timedelta(days=n)] += sign
    assert +counted == Counter(since + timedelta(days=n) for n in range(length + 1))
    assert min(counted.values()) >= 0
    assert len(made) <= 50


def test_figures_counted_before_there_were_sums_are_in_the_next_report(database_url):
    schema.upgrade(database_url, "r0014")
    engine = connect(database_url)
    key = {"unit": "urban_mgmt.hbw", "matter": "0203", "district": "hbw"}
    with Session(engine) as session:
        for day, n in (("2026-02-01", 2), ("2026-02-28", 3), ("2026-03-01", 5)):
            session.add(DayFigureRow(day=day, figure=Figure.OPENED, n=n, **key))
            session.add(DayFigureRow(day=day, figure=Figure.CALLS, n=10 * n, unit="", matter="", district=""))
        session.commit()
    schema.upgrade(database_url)
    with Session(engine) as session:
        made = figure_desk.report(session, date(2026, 2, 1), date(2026, 3, 1))
        assert (made.sums[Figure.OPENED], made.sums[Figure.CALLS]) == (10, 100)
        assert [(line.code, line.counts) for line in made.units] == [("urban_mgmt.hbw", {Figure.OPENED: 10})]
        at = datetime(2026, 3, 2, tzinfo=UTC)
        assert [m for m, _ in unit_figures.own(session, "urban_mgmt.hbw", at, 2).matters] == ["0203"]
        assert figure_sums.sums(session, [By.DISTRICT], date(2026, 2, 1), date(2026, 2, 28)) == {
            By.DISTRICT: {"": {Figure.CALLS: 50}, "hbw": {Figure.OPENED: 5}}
        }
    engine.dispose()
    schema.downgrade(database_url, "r0014")
    schema.upgrade(database_url)
