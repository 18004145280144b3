"""A caller who says prepared things: the one fake of the suite, for the one protocol that is ours (ivr.line.Line)."""

from ivr.line import Attend, Destination, Heard, HungUp, Ready, open_turn

SILENCE = "……"
BROKEN = "～"


class ScriptedLine:
    """Each turn is words, `……` for silence, `[0]` for keys, or `～` before what the sound left of the words.

    A `Heard` is words that may have been said otherwise.

    After the last one the caller hangs up.
    """

    def __init__(self, *turns: str | Heard) -> None:
        self.turns = list(turns)
        self.said: list[str] = []
        self.destination: Destination | None = None
        self.attend: Attend = lambda _heard: None

    async def say(self, *sentences: str, interruptible: bool = True) -> None:  # noqa: ARG002 - the protocol's signature
        self.said += sentences

    async def listen(
        self,
        ready: Ready = open_turn,
        patience: float | None = None,  # noqa: ARG002
        keys: int = 1,
    ) -> Heard:
        if not self.turns:
            raise HungUp
        turn = self.turns.pop(0)
        if isinstance(turn, Heard):
            self._grow(turn.words, ready)
            return turn
        if turn == SILENCE:
            return Heard(silent=True)
        if turn.startswith("["):
            digits = turn.strip("[]")
            assert len(digits) <= keys, "more keys than anybody listens for"
            for digit in digits:
                self.attend(Heard(key=digit))
            return Heard(key=digits)
        broken, turn = turn.startswith(BROKEN), turn.removeprefix(BROKEN)
        self._grow(turn, ready)
        return Heard(words=turn, alternatives=(turn,), broken=broken)

    def _grow(self, words: str, ready: Ready) -> None:
        """As a recogniser would: more and more of it."""
        for end in range(2, len(words) + 1):
            self.attend(Heard(words=words[:end], final=False))
            ready(words[:end])

    async def transfer(self, to: Destination) -> None:
        assert self.destination is None, "a call was transferred twice"
        self.destination = to

    def prepare(self, *sentences: str) -> None:
        """Nothing has to be rendered."""
