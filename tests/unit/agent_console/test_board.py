"""What the desks see of a call: why it came, what the robot did; and who sees which number."""

from datetime import UTC, datetime, timedelta

from agent_console import board as shown
from agent_console.attendance import Rules
from routing.records import CallEvent, CallRecord, turns
from routing.service_level import Service
from routing.switch_board import Board, State
from routing.switch_events import Arrived, Joined

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
QUESTIONS = {"k1": "暖气不热怎么办", "k2": "暖气费怎么交"}


def record(*facts: tuple[str, dict]) -> CallRecord:
    events = tuple(CallEvent("c1", n, NOON + timedelta(seconds=n), kind, data) for n, (kind, data) in enumerate(facts))
    return CallRecord("c1", "13800138000", NOON, None, None, None, None, turns(events), events)


def test_an_operator_reads_what_the_robot_offered_and_why_the_call_came():
    candidates = [{"article": "k1", "probability": 0.5}, {"article": "k2", "probability": 0.2}]
    seen = shown.call(
        record(
            ("said", {"text": "请问有什么可以帮您？"}), ("heard", {"text": "暖气的事"}),
            ("decided", {"decision": "clarify", "candidates": candidates}),
            ("handed_over", {"to": "queue", "reason": "not understood twice"}),
        ), None, QUESTIONS, numbers=True,
    )  # fmt: skip
    assert seen["tried"] == ["给出候选, 请来电人确认: 暖气不热怎么办 / 暖气费怎么交", "转人工: 两次没有听懂"]
    assert seen["because"] == "两次没有听懂"
    assert seen["turns"][1]["notes"] == ["给出候选, 请来电人确认: 暖气不热怎么办 / 暖气费怎么交"]


def test_a_call_that_110_did_not_take_says_so_in_front_of_everything_before():
    seen = shown.call(
        record(("handed_over", {"to": "emergency", "service": "110"}), ("emergency", {"status": "lost", "route": ""})),
        None, {}, numbers=True,
    )  # fmt: skip
    assert seen["because"] == "110 没有接通, 请立即处理"


def test_who_need_not_call_back_sees_a_masked_number():
    assert shown.call(record(), None, {}, numbers=False)["caller"] == "138****8000"
    board = Board()
    board.apply(Arrived("c1", "x", "13800138000"), NOON)
    board.apply(Joined("c1", "x", "citizens", 1), NOON)
    assert "13800138000" not in str(shown.floor(board, {}, []))


def test_a_supervisor_sees_who_is_signed_in_and_counts_by_state():
    board = Board()
    board.set_state("op1001", State.READY, NOON)
    board.set_state("op1002", State.SIGNED_OUT, NOON)
    floor = shown.floor(board, {"op1001": "话务员一"}, [])
    assert [seat["name"] for seat in floor["operators"]] == ["话务员一"]
    assert floor["counts"]["ready"] == 1


def test_an_operator_sees_when_wrap_up_ends_by_itself():
    board = Board()
    board.set_state("op1001", State.WRAP_UP, NOON, call="c1")
    assert shown.desk(board, "op1001", NOON, Rules(60, 10))["ready_at"] == (NOON + timedelta(seconds=60)).isoformat()
    assert shown.desk(board, "op1001", NOON, Rules(0, 10))["ready_at"] is None


def test_the_service_level_is_shown_in_whole_percent_or_not_at_all():
    assert shown.service(Service(4, 2, 2, 1), 15)["level"] == 67
    assert shown.service(Service(0, 0, 0, 0), 15)["level"] is None
