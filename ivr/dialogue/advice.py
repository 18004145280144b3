"""How is an answer given, or one of two offered?"""

from ivr.dialogue.ask import NobodySpoke, NotUnderstood, ask
from ivr.dialogue.rooms import Decision, Rooms
from ivr.dialogue.wish import sentences
from ivr.line import Heard, Line
from ivr.understand.choice import chosen
from ivr.understand.yes_no import yes_or_no
from kb.answer import Answer, Choice, Clarify, Unknown

OFFERED = 2  # candidates read back; more cannot be kept in the ear


async def advise(line: Line, rooms: Rooms, decision: Decision) -> bool:
    """Answer if there is an answer; whether there was one."""
    if isinstance(decision, Clarify | Unknown):
        rooms.record("decided", considered(decision))
    if isinstance(decision, Clarify):
        choice = await offer(line, rooms, decision.choices[:OFFERED])
        if choice is None:
            return False
        decision = Answer(
            article=choice.article,
            revision=choice.revision,
            question=choice.question,
            spoken=choice.spoken,
            source=choice.source,
            probability=choice.probability,
        )
    if not isinstance(decision, Answer):
        return False
    rooms.record("answered_by_robot", {"article": decision.article, "revision": decision.revision})
    await line.say(*sentences(decision, rooms))
    return True


def considered(decision: Clarify | Unknown) -> dict[str, object]:
    """What an operator wants to know when there was no answer: which articles came near, and how near (0..1)."""
    name, near = ("clarify", decision.choices) if isinstance(decision, Clarify) else ("unknown", decision.best)
    return {"decision": name, "candidates": [{"article": c.article, "probability": c.probability} for c in near]}


async def offer(line: Line, rooms: Rooms, choices: tuple[Choice, ...]) -> Choice | None:
    """Read back the one or two candidates; None when it is neither or nothing was understood."""
    questions = [choice.question for choice in choices]
    if len(choices) == 1:
        question = rooms.wording.say("is it this", first=questions[0])
    else:
        question = rooms.wording.say("which of two", first=questions[0], second=questions[1])

    def understand(heard: Heard) -> int | None:
        if len(choices) == 1:
            answer = yes_or_no(heard)
            return chosen(heard, questions) if answer is None else 0 if answer else -1
        return chosen(heard, questions)

    try:
        index = await ask(line, question, understand, again=rooms.wording["say again"])
    except (NotUnderstood, NobodySpoke):
        return None
    return choices[index] if index >= 0 else None
