"""When may a citizen be asked after their case, and what follows from the answer?  Pure.

Only the hotline asks, never the unit; silence is not a yes; who is not satisfied opens the case again once by
themselves, and then a supervisor decides (DOMAIN 2.6 and the table in routing.cases).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from routing.cases import ANSWERS_SATISFIED, ANSWERS_SOLVED, HOLDS, Action, Facts, Guard
from routing.working_time import HERE

ATTEMPTS = 3  # calls of the robot for one case; afterwards operators ask; project default
APART = timedelta(hours=4)  # between two attempts; project default
HOURS = "09:00-20:00"  # local; citizens are not rung outside; project default
SAME_PERSON = timedelta(days=7)  # nobody is asked twice about one matter within it
RING_WITHIN = timedelta(seconds=90)  # after which a call that never began was not answered
TALK_WITHIN = timedelta(minutes=15)  # after which a call that never ended is given up
NOTHING_ADDED = "没有补充"


@dataclass(frozen=True, slots=True)
class Answers:
    """What the citizen said: one of ANSWERS_SOLVED and ANSWERS_SATISFIED, "" where nothing was understood."""

    solved: str
    satisfied: str
    words: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call of the robot; `ended`: the citizen's call is over, `began`: somebody took it."""

    call: str
    case: str
    rung: datetime
    began: bool
    ended: bool
    answers: Answers | None


@dataclass(frozen=True, slots=True)
class Hours:
    """When citizens may be rung, local time; `until` itself is too late."""

    since: time
    until: time

    @classmethod
    def parse(cls, text: str) -> "Hours":
        """Of "09:00-20:00"; "00:00-23:59" is always.  ValueError names what it is not."""
        since, dash, until = text.partition("-")
        if not dash:
            raise ValueError(f"{text!r} are no hours: write 09:00-20:00")
        return cls(time.fromisoformat(since), time.fromisoformat(until))


def may_ring(now: datetime, tried: Sequence[datetime], hours: Hours) -> bool:
    """Whether a citizen with these attempts behind them may be rung now."""
    rested = not tried or now >= max(tried) + APART
    return hours.since <= now.astimezone(HERE).time() < hours.until and len(tried) < ATTEMPTS and rested


def over(attempt: Attempt, now: datetime) -> bool:
    """Whether nothing more will come of this attempt."""
    if attempt.ended:
        return True
    return now >= attempt.rung + (TALK_WITHIN if attempt.began else RING_WITHIN)


def follows(answers: Answers | None, facts: Facts) -> tuple[Action, dict[str, str]]:
    """What happens to the case."""
    if answers is None or answers.solved not in ANSWERS_SOLVED:
        return Action.NOT_REACHED, {}
    if answers.satisfied not in ANSWERS_SATISFIED and answers.solved != "no":
        return Action.NOT_REACHED, {}
    said = {"solved": answers.solved, "satisfied": answers.satisfied, "words": answers.words or NOTHING_ADDED}
    if "no" not in (answers.solved, answers.satisfied):
        return Action.CLOSE, said
    return (Action.REOPEN if HOLDS[Guard.REOPEN_LEFT](facts) else Action.TO_SUPERVISOR), said
