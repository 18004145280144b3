"""What does the caller want?"""

import asyncio
from dataclasses import dataclass

from ivr.dialogue.ask import NobodySpoke, NotUnderstood
from ivr.dialogue.rooms import Decision, Rooms
from ivr.line import Heard, Line
from ivr.speech.turns import Readiness
from ivr.understand.ending import ending
from ivr.understand.person import has_enough, only_hello, rejects
from kb.answer import Answer, Unknown

TOO_SHORT = 2  # hanzi; fewer cannot be a wish


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller said, and what the knowledge base makes of it."""

    heard: Heard
    decision: Decision


def nothing_more(heard: Heard) -> bool:
    return heard.silent or has_enough(heard)


async def hear_wish(line: Line, rooms: Rooms, question: str, *, more: bool = False) -> Wish | None:
    """Ask the open question and look up while the caller still speaks.

    None when, asked for more, there is nothing more.  NotUnderstood after two turns without a wish, NobodySpoke after
    the patience.
    """
    looked_up: dict[tuple[str, ...], Decision] = {}

    def decide(heard: Heard) -> Decision:
        readings = (heard.words, *heard.others)
        if readings not in looked_up:
            looked_up[readings] = rooms.lookup(heard.words, heard.others, heard.confidences)
        return looked_up[readings]

    def ready(words: str) -> Readiness:
        heard = Heard(words=words, final=False)
        if more and (has_enough(heard) or rejects(heard)):
            return Readiness.COMPLETE
        by_ending = ending(words)
        if by_ending is Readiness.UNFINISHED:
            return by_ending
        decision = decide(heard)
        if isinstance(decision, Answer):
            line.prepare(*sentences(decision, rooms))
            return Readiness.COMPLETE
        return by_ending

    misses = 0.0
    sentence = question
    while True:
        await line.say(sentence)
        heard = await line.listen(ready, rooms.patience)
        if more and nothing_more(heard):
            return None
        if heard.silent:
            raise NobodySpoke
        if more and rejects(heard):
            return Wish(heard, Unknown(()))
        if only_hello(heard):
            sentence = rooms.wording["open question"]
            misses += 0.5
        elif len(heard.words) < TOO_SHORT:
            sentence = rooms.wording["say again"]
            misses += 1
        else:
            decision = await asyncio.to_thread(decide, heard)
            if not (heard.broken and isinstance(decision, Unknown)):
                return Wish(heard, decision)
            sentence = rooms.wording["say again"]
            misses += 1
        if misses >= 2:
            raise NotUnderstood


def sentences(answer: Answer, rooms: Rooms) -> tuple[str, ...]:
    """What is said for an answer: what was understood, the answer, its source."""
    return (
        rooms.wording.say("answer begins", question=answer.question),
        answer.spoken,
        rooms.wording.say("answer source", source=answer.source),
    )
