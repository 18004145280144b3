"""Who writes down what was said?  This wrapper: no step of the dialogue can forget it."""

from ivr.dialogue.rooms import Record
from ivr.line import Attend, Destination, Heard, Line, Ready, open_turn


class Transcribed:
    """A line whose every sentence, turn and destination becomes a fact of the call's record."""

    def __init__(self, line: Line, record: Record) -> None:
        self._line = line
        self._record = record
        self._partial = ""
        self.attend: Attend = lambda _heard: None
        line.attend = self._attend

    def _attend(self, heard: Heard) -> None:
        if not heard.final:
            self._partial = heard.words
        self.attend(heard)

    async def say(self, *sentences: str, interruptible: bool = True) -> None:
        self._record("said", {"text": "".join(sentences)})
        await self._line.say(*sentences, interruptible=interruptible)

    async def listen(self, ready: Ready = open_turn, patience: float | None = None, keys: int = 1) -> Heard:
        try:
            heard = await self._line.listen(ready, patience, keys)
        except Exception:
            if self._partial:  # an emergency, a key or a hang-up came before the end of the sentence
                self._record("heard", {"text": self._partial, "partial": True})
            raise
        finally:
            self._partial = ""
        if heard.key:
            self._record("keyed", {})
        elif heard.silent:
            self._record("silent", {"ms": round(1000 * (patience or 0))})
        else:
            self._record(
                "heard",
                {
                    "text": heard.words,
                    "alternatives": list(heard.alternatives),
                    "confidences": list(heard.confidences),
                    "began": round(heard.began, 2),
                    "stopped": round(heard.stopped, 2),
                    "ms": round(1000 * (heard.decided - heard.stopped)),
                },
            )
        return heard

    async def transfer(self, to: Destination) -> None:
        self._record(
            "handed_over",
            {"to": to.to.value, "reason": to.reason, "service": to.service, "queue": "citizens", "front": to.front},
        )
        await self._line.transfer(to)

    def prepare(self, *sentences: str) -> None:
        self._line.prepare(*sentences)
