"""Conversations as text: tests/conversations/*.txt."""

from pathlib import Path

import pytest

from ivr.line import To

FOLDER = Path(__file__).parents[2] / "conversations"


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.txt")), ids=lambda f: f.stem)
async def test_the_conversation_ends_as_written(file, hold, facts):
    lines = file.read_text(encoding="utf-8").splitlines()
    turns = [line.removeprefix("来电人：") for line in lines if line.startswith("来电人：")]
    (end,) = [line.removeprefix("=> ").split() for line in lines if line.startswith("=> ")]
    line = await hold(*turns)
    to = line.destination.to if line.destination else None
    match end:
        case ["answer", article]:
            assert to is To.BYE
            assert ("answered_by_robot", {"article": article, "revision": 1}) in facts
        case ["operator", *front]:
            assert to is To.QUEUE
            assert line.destination.front is bool(front)
        case ["emergency", service]:
            assert to is To.EMERGENCY
            assert line.destination.service == service
        case _:
            raise AssertionError(f"{file.name} does not say how it ends")
