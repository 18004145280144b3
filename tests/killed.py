"""A process that is killed (-9) right before or right after it commits."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

STOPS = """
import sys
from sqlalchemy import event
from sqlalchemy.orm import Session
stop_at, moment, seen = int(sys.argv.pop(1)), sys.argv.pop(1), 0
@event.listens_for(Session, moment)
def stop(session):
    global seen
    seen += 1
    if seen == stop_at:
        if moment == "before_commit":
            session.flush()
        print("in the middle", flush=True)
        sys.stdin.read()
"""


def killed_before_commit(code: str, *given: object, commit: int = 1) -> None:
    """Run Python `code` with these arguments, and kill it when all of its commit-th transaction is written but that."""
    _killed(code, commit, "before_commit", given)


def killed_after_commit(code: str, *given: object, commit: int = 1) -> None:
    """Run Python `code` with these arguments, and kill it when its commit-th transaction is through."""
    _killed(code, commit, "after_commit", given)


def _killed(code: str, commit: int, moment: str, given: Sequence[object]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", STOPS + code, str(commit), moment, *map(str, given)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"in the middle\n"
    process.kill()
    process.communicate()
