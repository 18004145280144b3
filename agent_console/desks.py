"""What does an operator's button do?  The rules of the desk, and the facts, alarms and news of the switchboard."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from agent_console import accounts
from routing import events, records
from routing.alarms import raise_alarm
from routing.feed import Feed
from routing.journal import Journal
from routing.records import CallEvent
from routing.switch_board import Board, State
from routing.switch_events import (
    Arrived,
    Connected,
    Emergency,
    EmergencyLost,
    EmergencyTried,
    Ended,
    Joined,
    ListeningEnded,
    Rang,
    SwitchEvent,
    Trouble,
)

log = logging.getLogger(__name__)

BREAKS = {
    "rest": "小休",
    "meal": "就餐",
    "training": "培训",
    "meeting": "会议",
    "other": "其他",
    "no_answer": "未接听",
    "lost": "页面已断开",
}
CHOSEN = ("rest", "meal", "training", "meeting", "other")  # the breaks an operator may take
ALARMS = {
    "emergency": "110 没有接通, 来电人已排到队首",
    "timeout": "语音应答没有响应, 来电已转人工",
    "media": "语音通道中断, 来电已转人工",
    "desk": "话务员通话中断, 来电人已排到队首",
}
STATES = {
    State.SIGNED_OUT: "未签入",
    State.READY: "就绪",
    State.BREAK: "小休",
    State.RINGING: "振铃",
    State.TALKING: "通话",
    State.WRAP_UP: "话后整理",
}


class NotNow(ValueError):
    """The desk cannot do that in its state; the message says so in Chinese."""


def allowed(now: State, wanted: State) -> bool:
    """What an operator may choose: never in the middle of a call, and a break only when nothing rings."""
    if now in {State.TALKING, State.RINGING}:
        return False
    return wanted in {State.READY, State.BREAK, State.SIGNED_OUT}


def fact(event: SwitchEvent) -> tuple[str, dict[str, Any]] | None:
    """What the record of a call keeps of an event of the switchboard."""
    match event:
        case Arrived(_, _, caller):
            return "arrived", {"caller": caller, "line": "12345"}
        case Joined(_, _, queue, position):
            return "queued", {"queue": queue, "position": position}
        case Connected(_, operator, _, held):
            return "answered", {"operator": operator, "held": held}
        case EmergencyTried(_, route, status):
            return "emergency", {"status": status, "route": route}
        case EmergencyLost():
            return "emergency", {"status": "lost", "route": ""}
        case Trouble(_, what):
            return "trouble", {"what": what}
        case Ended(_, cause):
            return "ended", {"outcome": None, "cause": cause}
    return None


def news(event: SwitchEvent) -> events.Event | None:
    """What everybody is told at once, ids only."""
    match event:
        case Joined(call, _, queue, position):
            return events.CallQueued(call=call, queue=queue, position=position)
        case Rang(call, operator):
            return events.CallRinging(call=call, operator=operator)
        case Connected(call, operator):
            return events.CallAnswered(call=call, operator=operator)
        case Emergency(call, service):
            return events.EmergencyRaised(call=call, service=service)
        case EmergencyLost(call):
            return events.EmergencyFailed(call=call)
    return None


def alarm(event: SwitchEvent) -> tuple[str, str] | None:
    """Kind and text of what a person must acknowledge."""
    match event:
        case EmergencyLost():
            return "emergency", ALARMS["emergency"]
        case Trouble(_, what):
            return f"line_{what}", ALARMS[what]
    return None


class Witness:
    """Puts on record what the switchboard tells.  Returns at once; the database and Redis may be away."""

    def __init__(
        self,
        journal: Journal,
        feed: Feed,
        later: Callable[[Callable[[Session], Any]], Awaitable[Any]],
        people: Mapping[str, str],
    ) -> None:
        """`later` does something over a writing session; `people`: names of accounts by their softphones."""
        self._journal, self._feed, self._later, self._people = journal, feed, later, people
        self._seq = 0
        self._running: set[asyncio.Task[Any]] = set()

    def told(self, event: SwitchEvent) -> None:
        now = datetime.now(UTC)
        kept = fact(event)
        if kept is not None:
            self._seq += 1
            self._journal.append(CallEvent(event_call(event), self._seq, now, *kept))
        raised, said = alarm(event), news(event)
        if raised is not None:
            kind, text = raised
            call = event_call(event)
            self._spawn(self._later(lambda s: raise_alarm(s, kind, call, text, feed=self._feed, now=now)))
        if isinstance(event, ListeningEnded):
            actor, whom = self._people.get(event.supervisor, event.supervisor), event.operator
            self._spawn(self._later(lambda s: accounts.note(s, now, actor, "stop", whom)))
        if said is not None:
            self._spawn(asyncio.to_thread(self._feed.publish, said))

    def close_lost(self, alive: set[str], now: datetime) -> None:
        """End on record every call that Asterisk no longer knows."""

        def work(session: Session) -> None:
            records.close_open_calls(session, alive, now)
            session.commit()

        self._spawn(self._later(work))

    async def settled(self) -> None:
        """Until everything that was told so far is kept, or was given up."""
        await asyncio.gather(*self._running)

    def _spawn(self, work: Awaitable[Any]) -> None:
        async def quietly() -> None:
            try:
                await work
            except Exception:
                log.exception("something the switchboard told could not be kept")

        task = asyncio.get_running_loop().create_task(quietly())
        self._running.add(task)
        task.add_done_callback(self._running.discard)


def event_call(event: SwitchEvent) -> str:
    return str(getattr(event, "call", ""))


def choose(board: Board, operator: str, wanted: State, reason: str, now: datetime) -> str:
    """Check an operator's wish; the reason to keep.  NotNow says why not."""
    state = board.seat(operator, now).state
    if not allowed(state, wanted):
        raise NotNow(f"{STATES[state]}中, 不能改为{STATES[wanted]}")
    if wanted is State.BREAK and reason not in CHOSEN:
        raise NotNow("请选择小休原因")
    return reason if wanted is State.BREAK else ""
