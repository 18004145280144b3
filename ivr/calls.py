"""Which calls are there, and what becomes of each?"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from ivr.cases import Cases
from ivr.dialogue.call import answer_call
from ivr.dialogue.follow_up import follow_up
from ivr.dialogue.rooms import Lookup, Record, Rooms
from ivr.dialogue.urgent import in_danger
from ivr.line import Destination, HungUp, To
from ivr.lines.asterisk import WAIT_FOR_MEDIA, AsteriskLine
from ivr.lines.steps import Answer, Question
from ivr.lines.transcribed import Transcribed
from ivr.lines.watched import Watched
from ivr.speech.wording import Wording
from routing.emergency import Verdict
from routing.incidents import Notice
from routing.records import ANSWERS
from routing.standing import Standing

log = logging.getLogger(__name__)

KEPT = 120.0  # s a finished call is remembered, so that a late question still gets its answer
Write = Callable[[str, str, dict[str, object]], None]  # call, kind, data


@dataclass(frozen=True, slots=True)
class House:
    """What every call shares."""

    new_line: Callable[[], AsteriskLine]
    lookup: Lookup
    judge: Callable[[str, bool], Verdict]
    wording: Wording
    write: Write
    patience: float
    cases: Cases


@dataclass
class Call:
    """One caller between the first question of Asterisk and the last."""

    line: AsteriskLine
    task: "asyncio.Task[None]"
    asked: int = 1  # steps of the dialplan so far
    answered: bool = False
    detached: asyncio.TimerHandle | None = field(default=None, repr=False)


class Calls:
    """The calls this process is talking with."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._calls: dict[str, Call] = {}
        self.draining = False
        self.outcomes: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(1 for call in self._calls.values() if not call.task.done())

    def line(self, call: str) -> AsteriskLine | None:
        """The line whose audio socket has come; None for a call nobody announced."""
        known = self._calls.get(call)
        if known is None or known.line.destination is not None:
            return None
        if known.detached is not None:
            known.detached.cancel()
        return known.line

    async def next_step(self, question: Question) -> Answer:
        """Talk, or where to.  A call this process does not know belongs to the operators."""
        known = self._calls.get(question.call)
        if known is None:
            if question.step > 1 or self.draining:
                return Destination(To.QUEUE, reason="robot was lost", told=False)
            self._begin(question)
            return None
        known.asked += 1
        if known.line.destination is not None:
            return known.line.destination
        if known.task.done():
            return Destination(To.QUEUE, reason="trouble", told=False)
        return None

    def _begin(self, question: Question) -> None:
        def record(kind: str, data: dict[str, object]) -> None:
            if kind in ANSWERS:
                call.answered = True
            self._house.write(question.call, kind, data)

        arrived = datetime.fromtimestamp(question.arrived, UTC) if question.arrived else datetime.now(UTC)
        self._house.write(
            question.call,
            "arrived",
            {
                "caller": question.caller,
                "line": "to citizen" if question.case else "12345",
                "dialled_at": arrived.isoformat(),
            },
        )
        line = self._house.new_line()
        call = Call(line, asyncio.create_task(self._talk(question, line, record)))
        self._calls[question.call] = call

    async def _talk(self, question: Question, line: AsteriskLine, record: Record) -> None:
        house, call = self._house, question.call

        async def progress(case: str) -> Sequence[Standing]:
            return await asyncio.to_thread(house.cases.standing, question.caller, case)

        async def notices(words: str) -> Sequence[Notice]:
            ask = partial(house.cases.about, words) if words else partial(house.cases.at_home, question.caller)
            return await asyncio.to_thread(ask)

        rooms = Rooms(house.lookup, house.judge, house.wording, record, house.patience, progress, notices)

        def judge(words: str, final: bool) -> Verdict:
            verdict = house.judge(words, final)
            if final and verdict.action != "N":
                record(
                    "decided",
                    {"action": str(verdict.action), "service": verdict.service, "because": verdict.because},
                )
            return verdict

        watched = Watched(Transcribed(line, record), judge, lambda inner: in_danger(inner, rooms))
        outcome = "failed"
        try:
            await answer_call(watched, rooms, partial(follow_up, case=question.case) if question.case else None)
            to = line.destination.to if line.destination else None
            outcome = (
                {To.QUEUE: "operator", To.EMERGENCY: "emergency", To.BYE: "answer"}.get(to, "failed") if to else ""
            )
        except HungUp:
            outcome = "answer" if self._calls[call].answered else "hangup"
            record("ended", {"outcome": outcome, "cause": "caller hung up"})
        finally:
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
            await line.end()
            asyncio.get_running_loop().call_later(KEPT, self._calls.pop, call, None)

    def media_gone(self, number: str) -> None:
        """The audio socket closed.  Unless Asterisk asks again or the socket comes back, the caller has hung up."""
        call = self._calls.get(number)
        if call is None or call.line.destination is not None or call.task.done():
            return
        asked = call.asked

        def decide() -> None:
            if call.asked == asked and not call.line.attached:
                call.line.hang_up()

        call.detached = asyncio.get_running_loop().call_later(WAIT_FOR_MEDIA / 2, decide)

    async def drain(self, bound: float) -> None:
        """Take no new calls and let the running ones finish, at most `bound` seconds."""
        self.draining = True
        running = [call.task for call in self._calls.values() if not call.task.done()]
        if running:
            await asyncio.wait(running, timeout=bound)
