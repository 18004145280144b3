"""What operators may press, and what the switchboard's news leave behind."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import Prepared

from agent_console.desks import NotNow, Witness, choose
from agent_console.downstairs import Downstairs
from routing import schema
from routing.alarms import open_alarms
from routing.feed import Feed
from routing.journal import Journal
from routing.switch_board import Board, State
from routing.switch_events import Arrived, Connected, Trouble

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def seated(state: State) -> Board:
    board = Board()
    board.set_state("op1001", state, NOON)
    return board


@pytest.mark.parametrize("state", [State.RINGING, State.TALKING])
@pytest.mark.parametrize("wanted", [State.READY, State.BREAK, State.SIGNED_OUT])
def test_nobody_leaves_in_the_middle_of_a_call(state, wanted):
    with pytest.raises(NotNow):
        choose(seated(state), "op1001", wanted, "rest", NOON)


def test_a_break_needs_a_reason_that_an_operator_may_give():
    assert choose(seated(State.WRAP_UP), "op1001", State.BREAK, "meal", NOON) == "meal"
    for reason in ("", "no_answer", "lost", "whatever"):
        with pytest.raises(NotNow):
            choose(seated(State.READY), "op1001", State.BREAK, reason, NOON)


def test_states_that_only_a_call_can_bring_cannot_be_chosen():
    for wanted in (State.TALKING, State.RINGING, State.WRAP_UP):
        with pytest.raises(NotNow):
            choose(seated(State.READY), "op1001", wanted, "", NOON)


async def test_every_alarm_is_kept_although_the_journal_writes_at_the_same_time(
    prepared: Prepared, tmp_path: Path, redis_url: str
):
    url = prepared.new("sqlite", tmp_path, schema)
    journal, feed, downstairs = Journal(tmp_path / "journal", url), Feed(redis_url), Downstairs(url)
    witness = Witness(journal, feed, downstairs.write, {})
    for n in range(40):
        for event in (Arrived(f"c{n}", "x", "1"), Connected(f"c{n}", "op1001", "y", 0), Trouble(f"c{n}", "media")):
            witness.told(event)
    await witness.settled()
    await asyncio.to_thread(journal.close)
    assert len(await downstairs.read(open_alarms)) == 40
    downstairs.close()
    feed.close()
