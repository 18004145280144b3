"""The board of seats and calls, from what Asterisk tells."""

from datetime import UTC, datetime, timedelta

import pytest

from routing.switch_board import Board, Membership, Phase, State, membership, snapshot
from routing.switch_events import (
    Abandoned,
    Arrived,
    Completed,
    Connected,
    Ended,
    Joined,
    Left,
    ListeningBegan,
    ListeningEnded,
    MemberPaused,
    NotAnswered,
    Rang,
    translate,
)

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
DESK = "PJSIP/op1001-00000007"


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@pytest.fixture
def board() -> Board:
    """Operator 1001 is ready."""
    made = Board()
    made.set_state("op1001", State.READY, NOON)
    return made


def test_a_call_goes_from_the_robot_through_the_queue_to_an_operator_and_into_wrap_up(board):
    told = [
        (0, Arrived("c1", "PJSIP/citizen-trunk-1", "13800138000"), Phase.ROBOT, State.READY),
        (9, Joined("c1", "PJSIP/citizen-trunk-1", "citizens", 1), Phase.WAITING, State.READY),
        (10, Rang("c1", "op1001", DESK), Phase.WAITING, State.RINGING),
        (12, Connected("c1", "op1001", DESK, 3), Phase.TALKING, State.TALKING),
        (90, Completed("c1", "op1001", 78), Phase.TALKING, State.WRAP_UP),
    ]
    for seconds, event, phase, state in told:
        board.apply(event, at(seconds))
        assert (board.calls["c1"].phase, board.seats["op1001"].state) == (phase, state), event
    board.apply(Ended("c1", "16"), at(91))
    seat = board.seats["op1001"]
    assert board.calls == {}
    assert (seat.state, seat.since, seat.call) == (State.WRAP_UP, at(90), "c1"), "the case of c1 is still to be written"


def test_a_lost_desk_is_in_wrap_up_while_its_caller_waits_again(board):
    board.apply(Connected("c1", "op1001", DESK, 3), NOON)
    board.apply(translate({"Event": "Hangup", "Channel": "PJSIP/op1001-00000001"}), at(1))
    assert board.seats["op1001"].state is State.TALKING, "that was the channel of another call"
    board.apply(translate({"Event": "Hangup", "Channel": DESK}), at(2))
    board.apply(Joined("c1", "x", "citizens", 1), at(2))
    assert board.seats["op1001"].state is State.WRAP_UP
    assert [c.call for c in board.waiting()] == ["c1"]


def test_who_talks_or_wraps_up_is_paused_in_the_queue_so_nothing_can_ring():
    assert membership(State.READY) == Membership(True)
    assert membership(State.TALKING).paused
    assert membership(State.WRAP_UP).paused
    assert membership(State.BREAK, "meal") == Membership(True, True, "meal")
    assert not membership(State.SIGNED_OUT).member


def test_who_lets_it_ring_is_put_on_a_break_that_says_so(board):
    board.apply(Joined("c1", "x", "citizens", 1), NOON)
    board.apply(Rang("c1", "op1001", DESK), at(1))
    board.apply(NotAnswered("c1", "op1001"), at(16))
    board.apply(MemberPaused("op1001", "Auto-Pause"), at(16))
    seat = board.seats["op1001"]
    assert (seat.state, seat.reason, seat.call) == (State.BREAK, "no_answer", "")


def test_a_caller_who_hangs_up_while_it_rings_leaves_the_operator_ready(board):
    board.apply(Joined("c1", "x", "citizens", 1), NOON)
    board.apply(Rang("c1", "op1001", DESK), at(1))
    board.apply(Abandoned("c1", 5), at(5))
    board.apply(Ended("c1", "16"), at(5))
    assert board.seats["op1001"].state is State.READY


def test_places_in_the_queue_move_up_when_somebody_leaves_and_down_when_somebody_enters_in_front(board):
    for n in (1, 2):
        board.apply(Joined(f"c{n}", "x", "citizens", n), at(n))
    board.apply(Joined("urgent", "x", "citizens", 1), at(3))
    assert [(c.call, c.position) for c in board.waiting()] == [("urgent", 1), ("c1", 2), ("c2", 3)]
    board.apply(Left("urgent"), at(4))
    board.apply(Ended("urgent", "16"), at(4))
    assert [(c.call, c.position) for c in board.waiting()] == [("c1", 1), ("c2", 2)]


def test_a_supervisor_is_seen_listening_for_as_long_as_they_do(board):
    started = {"Event": "ChanSpyStart", "SpyerChannel": "PJSIP/sup2001-0000000a", "SpyeeChannel": DESK,
               "SpyerExten": "whisper"}  # fmt: skip
    event = translate(started)
    assert event == ListeningBegan("sup2001", "op1001", "whisper", "PJSIP/sup2001-0000000a")
    board.apply(event, NOON)
    assert board.listeners["sup2001"].operator == "op1001"
    board.apply(ListeningEnded("sup2001", "op1001", "PJSIP/sup2001-00000009"), at(1))
    assert "sup2001" in board.listeners, "an older channel's end says nothing about this one"
    stopped = translate({"Event": "ChanSpyStop", "SpyerChannel": "PJSIP/sup2001-0000000a", "SpyeeChannel": DESK})
    board.apply(stopped, at(2))
    assert board.listeners == {}


def test_after_a_lost_connection_talks_and_listeners_are_seen_again(board):
    board.apply(Connected("c1", "op1001", DESK, 3), NOON)
    channels = [
        {"Channel": "PJSIP/citizen-trunk-1", "ChanVariable": "CALL_ID=c1", "ChannelStateDesc": "Up"},
        {"Channel": DESK, "ChanVariable": "CALL_ID=c1", "ChannelStateDesc": "Up"},
        {"Channel": "PJSIP/sup2001-0000000a", "Application": "ChanSpy", "ApplicationData": f"{DESK},qE",
         "Exten": "listen"},
    ]  # fmt: skip
    fresh = snapshot(board, channels, [], at(5))
    assert fresh.seats["op1001"].state is State.TALKING
    assert fresh.seats["op1001"].channel == DESK
    assert fresh.listeners["sup2001"].mode == "listen"
    gone = snapshot(fresh, [], [], at(9))
    assert gone.seats["op1001"].state is State.WRAP_UP
    assert gone.listeners == {}
