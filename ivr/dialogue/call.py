"""The whole call, to be read aloud."""

import logging
from collections.abc import Awaitable, Callable

from ivr.dialogue.advice import advise
from ivr.dialogue.ask import NobodySpoke, NotUnderstood
from ivr.dialogue.handover import hand_over, say_goodbye
from ivr.dialogue.incident import tell_known
from ivr.dialogue.progress import tell_progress
from ivr.dialogue.rooms import Rooms
from ivr.dialogue.urgent import Urgent, put_through
from ivr.dialogue.wish import Wish, hear_wish
from ivr.line import Destination, HungUp, Line, To, WantsPerson
from ivr.understand.after_case import asks_progress
from ivr.understand.person import rejects

log = logging.getLogger(__name__)

Conversation = Callable[[Line, Rooms], Awaitable[None]]


async def answer_call(line: Line, rooms: Rooms, conversation: Conversation | None = None) -> None:
    """Answer, put through, or hand over: whatever happens, the last act leads to a person.  HungUp passes through."""
    try:
        await (conversation or converse)(line, rooms)
    except HungUp:
        raise
    except Urgent as urgent:
        await put_through(line, rooms, urgent)
    except WantsPerson:
        await hand_over(line, rooms, "to operator", "asked for a person")
    except NobodySpoke:
        await hand_over(line, rooms, "to operator unheard", "silence")
    except NotUnderstood:
        await hand_over(line, rooms, "to operator", "not understood twice")
    except Exception:
        log.exception("a dialogue failed; the caller is put through to a person")
        await line.transfer(Destination(To.QUEUE, reason="trouble", told=False))


async def converse(line: Line, rooms: Rooms) -> None:
    """Greet, ask, answer; until there is nothing more, or a person is needed."""
    await line.say(rooms.wording["notice"])
    known: set[int] = set()  # incidents the caller has been told of
    await tell_known(line, rooms, known)
    wish = await hear_wish(line, rooms, rooms.wording["open question"])
    while wish is not None:
        if not await help_with(line, rooms, wish, known):
            return await hand_over(line, rooms, "to operator with words", "not in the knowledge base")
        wish = await hear_wish(line, rooms, rooms.wording["anything else"], more=True)
        if wish is not None and rejects(wish.heard):
            return await hand_over(line, rooms, "wrong answer", "answer rejected")
    return await say_goodbye(line, rooms)


async def help_with(line: Line, rooms: Rooms, wish: Wish, known: set[int]) -> bool:
    """How their case stands, what is known to happen there, or the knowledge base's answer; whether there was one."""
    if asks_progress(wish.heard):
        return await tell_progress(line, rooms)
    return await tell_known(line, rooms, known, wish.heard.words) or await advise(line, rooms, wish.decision)
