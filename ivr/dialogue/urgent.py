"""What happens when a life may be at stake?"""

from dataclasses import dataclass

from ivr.dialogue.ask import NobodySpoke, NotUnderstood, ask
from ivr.dialogue.rooms import Rooms
from ivr.line import Destination, Line, To
from ivr.understand.yes_no import yes_or_no
from routing.emergency import Action, Verdict

ANSWER_WITHIN = 6.0  # s; silence after the question counts as yes
SPOKEN = {"110", "119", "120", "122"}


@dataclass
class Urgent(Exception):
    """Somebody is in danger.  Ends whatever the dialogue was doing."""

    verdict: Verdict
    words: str


async def in_danger(line: Line, rooms: Rooms) -> bool:
    """One short question; silence, noise and anything but a clear no count as yes."""
    try:
        return await ask(
            line,
            rooms.wording["in danger"],
            yes_or_no,
            again="",
            tries=1,
            patience=ANSWER_WITHIN,
            silence=True,
        )
    except (NotUnderstood, NobodySpoke):
        return True


async def put_through(line: Line, rooms: Rooms, urgent: Urgent) -> None:
    """Announce, and let Asterisk climb the ladder of routes; for self-harm a person first, never a blind transfer."""
    verdict = urgent.verdict
    if verdict.action is Action.C:
        await line.say(rooms.wording["to person who helps"], interruptible=False)
        await line.transfer(Destination(To.QUEUE, reason="self-harm", front=True, transcript=urgent.words))
        return
    if verdict.action is Action.S and not await presses_one(line, rooms):
        await line.transfer(Destination(To.QUEUE, reason="silent distress", front=True, transcript=urgent.words))
        return
    service = verdict.service if verdict.service in SPOKEN else "110"
    # not said here: the desk must ring at once, and Asterisk says it to the caller while it rings
    rooms.record("said", {"text": rooms.wording.say("emergency", service=rooms.wording[f"service {service}"])})
    await line.transfer(Destination(To.EMERGENCY, reason=verdict.because, service=service, transcript=urgent.words))


async def presses_one(line: Line, rooms: Rooms) -> bool:
    """For callers who cannot speak: one key means 110; silence means yes as well."""
    await line.say(rooms.wording["press one"])
    heard = await line.listen(patience=ANSWER_WITHIN)
    return heard.silent or heard.key == "1"
