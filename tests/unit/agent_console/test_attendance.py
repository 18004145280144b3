"""Wrap-up and lost pages, by the clock only."""

from datetime import UTC, datetime, timedelta

from agent_console.attendance import CutOff, NewState, Presence, Rules, due
from routing.switch_board import Board, State
from routing.switch_events import Connected

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
RULES = Rules(wrap_up=60, lost_after=10)
DESK = "PJSIP/op1001-00000007"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def seated(state: State, call: str = "") -> Board:
    board = Board()
    board.set_state("op1001", state, NOON, call=call)
    return board


def test_a_wrap_up_ends_by_itself_when_its_time_is_over():
    board = seated(State.WRAP_UP, "c1")
    assert due(board, {}, at(59), RULES) == []
    assert due(board, {}, at(60), RULES) == [NewState("op1001", State.READY)]


def test_a_city_may_leave_the_end_of_wrap_up_to_its_operators():
    assert due(seated(State.WRAP_UP, "c1"), {}, at(9999), Rules(0, 10)) == []


def test_a_desk_whose_page_is_gone_gets_no_more_calls_and_a_reloaded_one_is_not_gone():
    presence, board = Presence(), seated(State.READY)
    presence.came("op1001", "a")
    presence.went("op1001", "a", at(100))
    assert due(board, presence.gone, at(109), RULES) == []
    presence.came("op1001", "a")
    assert due(board, presence.gone, at(200), RULES) == []
    presence.went("op1001", "a", at(200))
    assert due(board, presence.gone, at(210), RULES) == [NewState("op1001", State.BREAK, "lost")]


def test_with_two_pages_open_closing_one_means_nothing():
    presence = Presence()
    presence.came("op1001", "a")
    presence.came("op1001", "b")
    assert presence.elsewhere("op1001", "a")
    presence.went("op1001", "b", NOON)
    assert not presence.elsewhere("op1001", "a")
    assert not presence.gone


def test_a_lost_page_in_wrap_up_keeps_the_call_whose_case_is_not_written_yet():
    found = due(seated(State.WRAP_UP, "c1"), {"op1001": NOON}, at(61), RULES)
    assert found == [NewState("op1001", State.BREAK, "lost", "c1")]


def test_nobody_is_left_talking_to_a_page_that_is_gone():
    board = Board()
    board.apply(Connected("c1", "op1001", DESK, 0), NOON)
    assert due(board, {"op1001": NOON}, at(10), RULES) == [CutOff("op1001", DESK)]


def test_a_break_is_left_alone():
    assert due(seated(State.BREAK), {"op1001": NOON}, at(999), RULES) == []


def test_after_a_restart_of_the_console_pages_have_time_to_come_back():
    presence = Presence()
    presence.expect(["op1001"], NOON)
    board = seated(State.READY)
    assert due(board, presence.gone, at(9), RULES) == []
    assert due(board, presence.gone, at(10), RULES) == [NewState("op1001", State.BREAK, "lost")]
