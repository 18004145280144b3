"""A process that is killed (-9) right before it commits."""

import subprocess
import sys
from pathlib import Path

STOPS = """
import sys
from sqlalchemy import event
from sqlalchemy.orm import Session
at, seen = int(sys.argv.pop(1)), 0
@event.listens_for(Session, "before_commit")
def stop(session):
    global seen
    seen += 1
    if seen == at:
        session.flush()
        print("in the middle", flush=True)
        sys.stdin.read()
"""


def killed_before_commit(code: str, *given: object, commit: int = 1) -> None:
    """Run Python `code` with these arguments, and kill it when all of its commit-th transaction is written but that."""
    process = subprocess.Popen(
        [sys.executable, "-c", STOPS + code, str(commit), *map(str, given)], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"in the middle\n"
    process.kill()
    process.communicate()
