"""The hotline asks the citizen: is it solved, are you satisfied, what else?"""

from ivr.dialogue.ask import NobodySpoke, ask
from ivr.dialogue.rooms import Rooms
from ivr.line import Destination, Line, To
from ivr.understand.person import has_enough
from ivr.understand.satisfaction import satisfied, solved
from routing.working_time import HERE

ANSWER_WITHIN = 8.0  # s; a voice mailbox says nothing to the point, and is not to be talked to for long


async def follow_up(line: Line, rooms: Rooms, *, case: str) -> None:
    """Ask after one case; the answers become a fact of the call, from which the dispatch office draws its conclusion.

    Whoever says nothing was not reached: silence is not a yes.  Who is not understood twice reaches a person, as in
    every call.
    """
    (standing,) = await rooms.progress(case)
    opened = standing.opened.astimezone(HERE)
    await line.say(
        rooms.wording.say(
            "follow up",
            day=f"{opened.month}月{opened.day}日",
            matter=standing.matter,
            unit=standing.unit or rooms.wording["the hotline"],
        )
    )
    again = rooms.wording["say again"]
    answers: dict[str, object] = {"case": case}
    try:
        for name, understand in (("solved", solved), ("satisfied", satisfied)):
            answers[name] = await ask(line, rooms.wording[name], understand, again=again, patience=ANSWER_WITHIN)
            rooms.record("asked_after", dict(answers))  # at once: the citizen may hang up before the next question
    except NobodySpoke:
        return await leave(line, rooms, "thanks unheard")
    answers["words"] = await own_words(line, rooms)
    rooms.record("asked_after", answers)
    return await leave(line, rooms, "thanks dissatisfied" if "no" in answers.values() else "thanks satisfied")


async def own_words(line: Line, rooms: Rooms) -> str:
    """What the citizen adds; "" for nothing."""
    await line.say(rooms.wording["own words"])
    heard = await line.listen(patience=ANSWER_WITHIN)
    return "" if heard.silent or has_enough(heard) else heard.words


async def leave(line: Line, rooms: Rooms, sentence: str) -> None:
    await line.say(rooms.wording[sentence], interruptible=False)
    await line.transfer(Destination(To.BYE, reason="asked after a case"))
