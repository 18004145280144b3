"""The figures a city reports are made of what happened, and can be made again."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from routing import figure_desk
from routing.case_desk import open_case, perform
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.figures import CallFact, CaseFact, DueFact, Figure, Key, count, rates
from routing.grids import sample
from routing.records import CallEvent, apply

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 3)
UNIT = "urban_mgmt.hbw"


def call(session, name: str, *facts: tuple[str, dict], at: datetime = NOW) -> None:
    for seq, (kind, data) in enumerate((("arrived", {"caller": "13800130001"}), *facts, ("ended", {}))):
        apply(session, CallEvent(name, seq, at + timedelta(seconds=seq), kind, data))
    session.commit()


def lamp(session, at: datetime = NOW) -> str:
    report = Report("路灯不亮", place="泰安名苑", matter="0203", contact="13800130001")
    return open_case(session, report, propose(report, shipped(), sample()), at, actor="op1001").number


def follow(session, number: str, answers: dict, replied: datetime) -> None:
    perform(session, number, Action.SIGN, NOW, actor="u", role=Role.DEPARTMENT, unit=UNIT)
    given = {"reply": "换了", "contacted": "电话"}
    perform(session, number, Action.REPLY, replied, actor="u", role=Role.DEPARTMENT, unit=UNIT, given=given)
    perform(session, number, Action.PASS, replied, actor="d", role=Role.SUPERVISOR)
    action = Action.REOPEN if answers["satisfied"] == "no" else Action.CLOSE
    perform(session, number, action, replied, actor="op", role=Role.OPERATOR, given=answers)


def test_a_day_counts_what_happened_on_it_and_counting_again_changes_nothing(session):
    call(session, "c1", ("answered_by_robot", {"article": "k1"}))
    call(session, "c2", ("queued", {}), ("answered", {"operator": "op1001", "held": 9}))
    call(session, "c3", ("queued", {}), ("answered", {"operator": "op1001", "held": 40}))
    call(session, "c4", ("queued", {}))
    follow(session, lamp(session), {"solved": "yes", "satisfied": "very", "words": "好"}, NOW + timedelta(hours=1))
    follow(session, lamp(session), {"solved": "no", "satisfied": "no", "words": "没修"}, NOW + timedelta(hours=2))
    first = figure_desk.recount(session, TODAY)
    assert figure_desk.recount(session, TODAY) == first
    made = figure_desk.report(session, TODAY, TODAY)
    found = {rate.name: (rate.part, rate.whole) for rate in made.rates}
    assert found["direct"] == (1, 4)
    assert found["taken"] == (2, 3)
    assert found["taken_soon"] == (1, 3)
    assert found["closure"] == (1, 2)
    assert found["solved"] == found["satisfied"] == (1, 2)
    assert made.days == [(TODAY, 4, 2)]
    assert [(line.code, line.counts[Figure.OPENED]) for line in made.units] == [(UNIT, 2)]
    assert [(t.matter, t.now, t.before) for t in made.topics] == [("0203", 2, 0)]


def test_a_limit_that_passes_without_an_answer_is_late_and_an_answer_before_it_is_in_time(session):
    follow(session, lamp(session), {"solved": "yes", "satisfied": "yes"}, NOW + timedelta(hours=1))
    lamp(session)
    due = date(2026, 3, 10)
    figure_desk.recount(session, due)
    (rate,) = [r for r in figure_desk.report(session, due, due).rates if r.name == "in_time"]
    assert (rate.part, rate.whole) == (1, 2)


def test_a_week_is_compared_with_the_week_before(session):
    lamp(session, NOW - timedelta(days=7))
    for _ in range(3):
        lamp(session)
    for day in (TODAY, TODAY - timedelta(days=7)):
        figure_desk.recount(session, day)
    (topic,) = figure_desk.report(session, TODAY - timedelta(days=6), TODAY).topics
    assert (topic.now, topic.before) == (3, 1)


def test_where_nothing_was_measured_there_is_no_rate():
    assert all(rate.value is None for rate in rates({}))


CASES = st.builds(
    CaseFact,
    action=st.sampled_from(["dispatch", "close", "reopen", "not_reached", "answer", "note"]),
    version=st.integers(1, 9),
    data=st.fixed_dictionaries({"solved": st.sampled_from(["yes", "no", "partly", ""]), "satisfied": st.just("yes")}),
    unit=st.sampled_from(["a", "b"]),
    matter=st.just("0203"),
    district=st.just(""),
)


@given(st.lists(CASES), st.lists(CASES))
def test_days_add_up_whatever_order_things_happened_in(one, other):
    together = count([], one + other, [])
    assert together == count([], one, []) + count([], other, [])
    assert together == count([], list(reversed(one + other)), [])


def test_no_share_is_more_than_its_whole():
    calls = [CallFact("operator", queued=True, held=3), CallFact("answer", queued=False, held=None)]
    due = [DueFact(NOW, NOW + timedelta(seconds=1), "a", "0203", ""), DueFact(NOW, NOW, "a", "0203", "")]
    found = count(calls, [], due)
    assert found[Key(Figure.IN_TIME, "a", "0203")] == 1
    sums = {figure: sum(n for key, n in found.items() if key.figure is figure) for figure in Figure}
    assert all(rate.part <= rate.whole for rate in rates(sums) if rate.whole)
