"""How is something asked?  The only place that asks again."""

from collections.abc import Callable
from typing import TypeVar

from ivr.line import Heard, Line
from ivr.speech.turns import Readiness

T = TypeVar("T")


class NotUnderstood(Exception):
    """The caller spoke, and it was not understood often enough: a person does better."""


class NobodySpoke(Exception):
    """The caller was silent for the whole patience."""


async def ask(
    line: Line,
    question: str,
    understand: Callable[[Heard], T | None],
    *,
    again: str,
    tries: int = 2,
    patience: float | None = None,
    silence: T | None = None,
    keys: int = 1,
) -> T:
    """Ask until `understand` gives a value.

    NotUnderstood after `tries` turns; silence gives `silence`, or NobodySpoke when there is none.  `keys`: how many
    keys the answer has at most.
    """

    def ready(words: str) -> Readiness:
        return Readiness.COMPLETE if understand(Heard(words=words, final=False)) is not None else Readiness.OPEN

    for attempt in range(tries):
        await line.say(question if attempt == 0 else again + question)
        heard = await line.listen(ready, patience, keys)
        if heard.silent:
            if silence is None:
                raise NobodySpoke
            return silence
        value = understand(heard)
        if value is not None:
            return value
    raise NotUnderstood
