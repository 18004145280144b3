"""A call with the real knowledge and the real judgement, without telephone or sound."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date

import pytest
from scripted_line import ScriptedLine

from ivr.dialogue.call import answer_call
from ivr.dialogue.rooms import Rooms, no_cases, no_notices
from ivr.dialogue.urgent import in_danger
from ivr.line import Heard, HungUp
from ivr.lines.transcribed import Transcribed
from ivr.lines.watched import Watched
from ivr.speech.wording import Wording
from kb import ranking, store
from kb.answer import Decision, choose
from kb.index import Index
from routing.emergency import judge

Facts = list[tuple[str, dict[str, object]]]
Hold = Callable[..., Awaitable[ScriptedLine]]


@pytest.fixture(scope="session")
def lookup() -> Callable[..., Decision]:
    """The sample city's knowledge, as published today."""
    articles = [a for a in store.read_jsonl(store.SAMPLE) if a.speakable(date.today())]
    numbers = ranking.shipped()
    index = Index.build(articles, ranking=numbers)
    return lambda words, others=(), sure=(): choose(index.search(words, others, sure), numbers)


@pytest.fixture
def facts() -> Facts:
    """What was recorded of the call."""
    return []


@pytest.fixture
def hold(lookup: Callable[..., Decision], facts: Facts) -> Hold:
    """Hold one conversation: `line = await hold("words", ...)`."""

    async def converse(*turns: str | Heard, **replaced: object) -> ScriptedLine:
        line = ScriptedLine(*turns)

        def record(kind: str, data: dict[str, object]) -> None:
            facts.append((kind, data))

        look = replaced.get("lookup", lookup)
        rooms = Rooms(look, lambda w, f: judge(w, final=f), Wording(), record)  # type: ignore[arg-type]
        rooms = replace(
            rooms,
            progress=replaced.get("progress", no_cases),  # type: ignore[arg-type]
            notices=replaced.get("notices", no_notices),  # type: ignore[arg-type]
        )
        watched = Watched(Transcribed(line, record), rooms.judge, lambda inner: in_danger(inner, rooms))
        try:
            await answer_call(watched, rooms)
        except HungUp:
            facts.append(("hung up", {}))
        return line

    return converse
