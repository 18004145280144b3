"""What does the conversation need to know from downstairs?"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ivr.speech.wording import Wording
from kb.answer import Answer, Clarify, Unknown
from routing.emergency import Verdict
from routing.incidents import Notice
from routing.standing import Standing

Decision: TypeAlias = Answer | Clarify | Unknown
Lookup = Callable[[str, Sequence[str], Sequence[float]], Decision]
"""What was said, how else it may have been said, and how sure each of these is (0..1, the first of what was said)."""
Record = Callable[[str, dict[str, object]], None]


async def no_cases(_number: str) -> Sequence[Standing]:
    """Where no cases are kept, nothing is known of any."""
    return ()


async def no_notices(_words: str) -> Sequence[Notice]:
    """Where no incidents are known, there is nothing to tell."""
    return ()


@dataclass(frozen=True, slots=True)
class Rooms:
    """Doors downstairs, as functions; `record` writes one fact about this call."""

    lookup: Lookup
    judge: Callable[[str, bool], Verdict]
    wording: Wording
    record: Record
    patience: float = 10.0  # s of silence that mean: a person, please
    progress: Callable[[str], Awaitable[Sequence[Standing]]] = no_cases
    """The case with this number, or with "" the cases of whoever calls."""
    notices: Callable[[str], Awaitable[Sequence[Notice]]] = no_notices
    """Known incidents these words are about, or with "" those where the caller lives."""
