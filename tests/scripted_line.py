"""A caller who says prepared things: the one fake of the suite, for the one protocol that is ours (ivr.line.Line)."""

from ivr.line import Attend, Destination, Heard, HungUp, Ready, open_turn

SILENCE = "……"
BROKEN = "～"


class ScriptedLine:
    """Each turn is words, `……` for silence, `[0]` for keys, or `～` before what the sound left of the words.

    After the last one the caller hangs up.
    """

    def __init__(self, *turns: str) -> None:
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
        if turn == SILENCE:
            return Heard(silent=True)
        if turn.startswith("["):
            digits = turn.strip("[]")
            assert len(digits) <= keys, "more keys than anybody listens for"
            for digit in digits:
                self.attend(Heard(key=digit))
            return Heard(key=digits)
        broken, turn = turn.startswith(BROKEN), turn.removeprefix(BROKEN)
        for end in range(2, len(turn) + 1):  # as a recogniser would: more and more of it
            self.attend(Heard(words=turn[:end], final=False))
            ready(turn[:end])
        return Heard(words=turn, alternatives=(turn,), broken=broken)

    async def transfer(self, to: Destination) -> None:
        assert self.destination is None, "a call was transferred twice"
        self.destination = to

    def prepare(self, *sentences: str) -> None:
        """Nothing has to be rendered."""
