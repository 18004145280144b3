from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from routing.records import CallEvent, apply, call, calls_since, close_open_calls

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def fact(seq, kind, call="c1", after=None, **data):
    return CallEvent(call, seq, NOON + timedelta(seconds=seq if after is None else after), kind, data)


ANSWERED = [
    fact(1, "arrived", caller="13800000000", line="12345"),
    fact(2, "said", text="请问有什么可以帮您?"),
    fact(
        3,
        "heard",
        text="居住证怎么办理",
        alternatives=["居住证怎么办"],
        confidences=[0.4],
        ms=310,
        began=0.4,
        stopped=2.0,
    ),
    fact(4, "answered_by_robot", article="k0001", revision=2),
    fact(5, "said", text="请带身份证。"),
    fact(6, "ended", outcome="answer", cause="caller hung up"),
]


def test_a_call_is_remembered_whole(session):
    for event in ANSWERED:
        apply(session, event)
    record = call(session, "c1")
    assert (record.caller, record.outcome, record.article) == ("13800000000", "answer", "k0001")
    assert (record.arrived, record.ended) == (ANSWERED[0].at, ANSWERED[-1].at)
    assert [(t.who, t.text) for t in record.turns][:2] == [
        ("robot", "请问有什么可以帮您?"),
        ("caller", "居住证怎么办理"),
    ]
    assert record.turns[1].decisions == ({"decision": "answer", "article": "k0001", "revision": 2},)
    assert record.turns[1].alternatives == ("居住证怎么办",)
    assert record.turns[1].confidences == (0.4,)
    assert record.turns[1].ms == 310
    assert list(record.events) == ANSWERED


def test_a_fact_told_twice_is_one_fact(session):
    assert [apply(session, event) for event in ANSWERED * 2] == [True] * 6 + [False] * 6
    assert len(call(session, "c1").events) == 6


def test_two_processes_may_count_alike_about_one_call(session):
    apply(session, fact(1, "arrived", caller="1"))
    apply(session, fact(1, "queued", after=2, queue="citizens", position=1))
    assert [e.kind for e in call(session, "c1").events] == ["arrived", "queued"]


def test_the_order_in_which_facts_arrive_changes_nothing(session):
    few = [ANSWERED[0], ANSWERED[3], ANSWERED[5]]
    for number, order in enumerate(permutations(few)):
        for event in order:
            apply(session, CallEvent(f"p{number}", event.seq, event.at, event.kind, event.data))
    made = {(r.caller, r.arrived, r.ended, r.outcome, r.article) for r in calls_since(session, NOON)}
    assert len(made) == 1


@pytest.mark.parametrize(
    ("facts", "outcome"),
    [
        ([], "hangup"),
        ([("answered_by_robot", {"article": "k1"})], "answer"),
        ([("handed_over", {"to": "queue"})], "operator"),
        ([("answered_by_robot", {"article": "k1"}), ("handed_over", {"to": "queue"})], "operator"),
        ([("handed_over", {"to": "emergency"}), ("emergency", {"status": "ANSWER", "route": "1"})], "emergency"),
        ([("handed_over", {"to": "emergency"}), ("queued", {"queue": "citizens"})], "operator"),
        ([("queued", {"queue": "citizens"}), ("answered", {"operator": "7"})], "operator"),
    ],
)
def test_what_became_of_a_caller_is_told_by_the_facts(session, facts, outcome):
    events = [("arrived", {"caller": "1"}), *facts, ("ended", {"cause": "16"})]
    for seq, (kind, data) in enumerate(events, 1):
        apply(session, fact(seq, kind, **data))
        assert (call(session, "c1").outcome is None) == (kind != "ended")
    assert call(session, "c1").outcome == outcome


def test_a_crash_leaves_no_call_open_for_ever(session):
    for event in ANSWERED[:3]:
        apply(session, event)
    apply(session, fact(1, "arrived", call="alive", caller="2"))
    assert close_open_calls(session, {"alive"}, NOON + timedelta(hours=1)) == ["c1"]
    assert close_open_calls(session, {"alive"}, NOON + timedelta(hours=1)) == []
    assert (call(session, "c1").ended, call(session, "c1").outcome) == (ANSWERED[2].at, "hangup")
    assert call(session, "alive").ended is None
    apply(session, fact(9, "ended", outcome=None, cause="16"))  # somebody saw the end after all
    assert call(session, "c1").ended == NOON + timedelta(seconds=9)


def test_many_calls_are_read_in_order_and_only_from_the_time_asked(session):
    for n in range(450):
        apply(session, fact(1, "arrived", call=f"c{n:03d}", after=n // 3))
    ids = [r.id for r in calls_since(session, NOON + timedelta(seconds=50))]
    assert ids == [f"c{n:03d}" for n in range(150, 450)]
    assert call(session, "nobody") is None
