"""The same dialogue in a terminal: sentences are printed, turns are typed."""

import asyncio
import sys
from collections.abc import Sequence

from ivr.cases import Cases
from ivr.dialogue.call import answer_call
from ivr.dialogue.rooms import Rooms
from ivr.dialogue.urgent import in_danger
from ivr.line import Attend, Destination, Heard, HungUp, Ready, To, open_turn
from ivr.lines.watched import Watched
from ivr.settings import Settings
from ivr.speech.wording import Wording
from kb.live import Knowledge
from kb.text import normalise
from routing import city
from routing.emergency import judge
from routing.incidents import Notice
from routing.standing import Standing

GOES_TO = {
    To.QUEUE: "→ 人工坐席队列",
    To.EMERGENCY: "→ 紧急专线",
    To.BYE: "→ 通话结束",
}


class Terminal:
    """Typed words are speech, digits are keys, an empty line is silence, the end of input is a hang-up."""

    def __init__(self) -> None:
        self.attend: Attend = lambda _heard: None

    async def say(self, *sentences: str, interruptible: bool = True) -> None:  # noqa: ARG002 - nothing to interrupt
        for sentence in sentences:
            print(f"机器人：{sentence}", flush=True)

    async def listen(self, ready: Ready = open_turn, patience: float | None = None, keys: int = 1) -> Heard:  # noqa: ARG002
        print("来电人：", end="", flush=True)
        typed = await asyncio.to_thread(sys.stdin.readline)
        if not typed:
            raise HungUp
        typed = typed.strip()
        if typed and len(typed) <= keys and set(typed) <= set("0123456789*#"):
            for digit in typed:
                self.attend(Heard(key=digit))
            return Heard(key=typed)
        words = normalise(typed)
        if not words:
            return Heard(silent=True)
        self.attend(Heard(words=words, final=False))
        return Heard(words=words, alternatives=(words,))

    async def transfer(self, to: Destination) -> None:
        front = "（队首）" if to.front else ""
        service = f" {to.service}" if to.to is To.EMERGENCY else ""
        print(f"{GOES_TO[to.to]}{service}{front}  [{to.reason}]", flush=True)

    def prepare(self, *sentences: str) -> None:
        """Nothing has to be rendered."""


async def talk(settings: Settings) -> None:
    """Hold one conversation on standard input and output."""
    knowledge = await asyncio.to_thread(Knowledge, settings.database)
    cases = Cases(settings.database, city.territory(settings))

    async def progress(number: str) -> Sequence[Standing]:
        return await asyncio.to_thread(cases.standing, "", number)

    async def notices(words: str) -> Sequence[Notice]:
        await asyncio.to_thread(cases.refresh)
        return cases.about(words) if words else ()

    rooms = Rooms(
        knowledge.ask,
        lambda words, final: judge(words, final=final),
        Wording(settings.wording),
        lambda *_: None,
        progress=progress,
        notices=notices,
    )
    line = Watched(Terminal(), rooms.judge, lambda inner: in_danger(inner, rooms))
    try:
        await answer_call(line, rooms)
    except HungUp:
        print("\n（挂机）")
    finally:
        cases.close()
