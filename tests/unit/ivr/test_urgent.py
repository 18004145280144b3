"""Doubt about danger: one question, and silence counts as yes."""

import pytest
from scripted_line import SILENCE, ScriptedLine

from ivr.dialogue.ask import NotUnderstood
from ivr.dialogue.urgent import Urgent
from ivr.lines.watched import Watched
from routing.emergency import Action, Verdict

DOUBT = Verdict(Action.B, "119", "有烟味")
NOTHING = Verdict(Action.N, "", "")


def doubtful(words: str, _final: bool) -> Verdict:
    return DOUBT if "烟" in words else NOTHING


async def asked(line: ScriptedLine, answer: bool, questions: list[str]) -> None:
    async def in_danger(_line: object) -> bool:
        questions.append("asked")
        return answer

    watched = Watched(line, doubtful, in_danger)
    await watched.listen()
    await watched.listen()


async def test_a_doubt_is_asked_about_once_and_a_no_lets_the_call_go_on():
    questions: list[str] = []
    await asked(ScriptedLine("楼道里有烟味", "还是有烟味"), False, questions)
    assert questions == ["asked"]


async def test_a_yes_is_an_emergency():
    with pytest.raises(Urgent):
        await asked(ScriptedLine("楼道里有烟味", "嗯"), True, [])


@pytest.mark.parametrize(
    ("answer", "danger"), [("没有", False), ("不是的", False), ("有", True), (SILENCE, True), ("啊这个", True)]
)
async def test_only_a_clear_no_is_a_no(hold, answer, danger):  # noqa: ARG001 - hold brings the rooms in
    from ivr.dialogue.rooms import Rooms
    from ivr.dialogue.urgent import in_danger
    from ivr.speech.wording import Wording

    rooms = Rooms(lambda *_: None, doubtful, Wording(), lambda *_: None)  # type: ignore[arg-type]
    assert await in_danger(ScriptedLine(answer), rooms) is danger


async def test_ask_gives_up_after_two_turns():
    from ivr.dialogue.ask import ask

    line = ScriptedLine("啊", "啊")
    with pytest.raises(NotUnderstood):
        await ask(line, "几岁？", lambda _heard: None, again="再说一遍。")
    assert line.said == ["几岁？", "再说一遍。几岁？"]
