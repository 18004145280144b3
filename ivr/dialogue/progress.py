"""What becomes of the caller's case: who has it, until when, what was answered."""

from datetime import UTC, datetime

from ivr.dialogue.ask import NobodySpoke, NotUnderstood, ask
from ivr.dialogue.rooms import Rooms
from ivr.line import Line
from ivr.speech.wording import Wording
from ivr.understand.case_number import DIGITS, case_number
from routing.cases import State
from routing.deadlines import in_words
from routing.standing import Standing
from routing.working_time import HERE

LONGEST_REPLY = 120  # characters of a reply that are read out, about 25 s; the rest is for a person
# What is said of a state; the keys are those of wording.toml.
SAID = {
    State.UNDIRECTED: "case undirected",
    State.REROUTED: "case undirected",
    State.RETURN_REQUESTED: "case undirected",
    State.ARBITRATION: "case arbitration",
    State.REPLIED: "case replied",
    State.CALLBACK: "case answered",
    State.VERIFICATION: "case replied",
    State.LONG_TERM: "case promised",
    State.CLOSED: "case closed",
    State.ARCHIVED: "case closed",
    State.DIRECT_CLOSED: "case closed",
    State.NOT_ACCEPTED: "case not accepted",
    State.WITHDRAWN: "case withdrawn",
    State.MERGED: "case merged",
    State.HANDED_OVER: "case handed over",
}


async def tell_progress(line: Line, rooms: Rooms) -> bool:
    """Tell about the caller's cases, by their own number or by the case's; whether there was anything to tell."""
    found = await rooms.progress("")
    if not found:
        try:
            number = await ask(
                line, rooms.wording["which case"], case_number, again=rooms.wording["no such case"], keys=DIGITS
            )
        except (NotUnderstood, NobodySpoke):
            return False
        found = await rooms.progress(number)
    for standing in found:
        rooms.record("told_progress", {"case": standing.number})
        await line.say(*told(standing, rooms.wording, datetime.now(UTC)))
    return bool(found)


def told(case: Standing, wording: Wording, now: datetime) -> tuple[str, ...]:
    """The sentences about one case.  The unit's reply is read out to the citizen's own number only."""
    opened = case.opened.astimezone(HERE)
    sentences = [wording.say("case begins", day=f"{opened.month}月{opened.day}日", matter=case.matter)]
    key = "case overdue" if case.overdue(now) else SAID.get(case.state, "case with unit")
    due = in_words(case.due, now) if case.due else ""
    sentences.append(wording.say(key, unit=case.unit or wording["the hotline"], due=due))
    if case.own and case.reply:
        sentences.append(wording.say("case reply", reply=case.reply[:LONGEST_REPLY]))
    return tuple(sentences)
