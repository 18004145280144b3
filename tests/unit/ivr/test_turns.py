"""Whose turn it is, by seconds of audio."""

from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.turns import FRAME, Happening, Readiness, Timing, Turn

TIMING = Timing()


def play(turn: Turn, seconds: float, sounding: bool) -> list[tuple[Happening, float]]:
    happened = []
    for _ in range(round(seconds / FRAME)):
        happening = turn.frame(sounding)
        if happening is not Happening.NOTHING:
            happened.append((happening, round(turn.heard_for, 2)))
    return happened


def spoken(seconds: float = 1.0) -> Turn:
    turn = Turn(TIMING)
    play(turn, 0.5, False)
    play(turn, seconds, True)
    return turn


def test_the_robot_knows_within_a_tenth_of_a_second_that_somebody_speaks():
    turn = Turn(TIMING)
    play(turn, 1.0, False)
    assert play(turn, 0.1, True) == [(Happening.BEGAN, 1.08)]


def test_a_complete_sentence_ends_its_turn_early():
    turn = spoken()
    assert [h for h, _ in play(turn, 0.2, False)] == [Happening.LOOK]
    turn.readiness = Readiness.COMPLETE
    (ended,) = play(turn, 0.2, False)
    assert ended[0] is Happening.ENDED
    assert round(ended[1] - turn.stopped, 2) == TIMING.complete


def test_somebody_who_says_my_home_is_in_is_given_time():
    turn = spoken()
    play(turn, 0.2, False)
    turn.readiness = Readiness.UNFINISHED
    assert play(turn, 0.9, False) == []
    assert [h for h, _ in play(turn, 0.4, False)] == [Happening.ENDED]


def test_a_pause_within_a_sentence_does_not_end_it():
    turn = spoken()
    assert [h for h, _ in play(turn, 0.4, False)] == [Happening.LOOK]
    assert play(turn, 1.0, True) == []
    assert turn.began is not None


def test_ten_seconds_of_silence_are_noticed():
    turn = Turn(TIMING)
    happened = play(turn, 10.1, False)
    assert happened[0] == (Happening.SILENT, 10.0)


def test_silence_counts_from_the_moment_the_robot_listens():
    turn = Turn(TIMING)
    play(turn, 8.0, False)
    turn.wait(TIMING)
    assert play(turn, 9.9, False) == []
    assert play(turn, 0.2, False)[0][0] is Happening.SILENT


def test_nobody_can_speak_for_ever():
    turn = Turn(TIMING)
    assert Happening.ENDED in [h for h, _ in play(turn, 31.0, True)]


@given(st.lists(st.booleans(), max_size=400))
def test_a_turn_ends_at_most_once_and_never_before_it_began(frames):
    turn = Turn(TIMING)
    seen = []
    for sounding in frames:
        happening = turn.frame(sounding)
        if happening is Happening.ENDED:
            seen.append(happening)
            break
        if happening is Happening.BEGAN:
            seen.append(happening)
    assert seen.count(Happening.BEGAN) <= 1
    if Happening.ENDED in seen:
        assert seen[0] is Happening.BEGAN
