"""What would publishing this change?  The same questions asked of the knowledge as it is and as it would be."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kb.answer import Answer, Clarify, choose, weigh
from kb.index import Hit
from kb.ranking import Ranking

Search = Callable[[str], Sequence[Hit]]


class Kind(StrEnum):
    WIN = "win"
    STEAL = "steal"
    CONFUSE = "confuse"
    LOSE = "lose"


KINDS_ZH = {
    Kind.STEAL: "抢走: 原由别的条目或人工回答",
    Kind.CONFUSE: "混淆: 原来确定, 现在要反问或转人工",
    Kind.LOSE: "丢失: 原来能答, 现在不再回答",
    Kind.WIN: "新答上: 原来答不上",
}


@dataclass(frozen=True, slots=True)
class Question:
    """`article` answers it; None with `decided`: a person must; None without: nobody knows."""

    text: str
    article: str | None
    origin: str  # wording, golden, caller
    decided: bool = True


@dataclass(frozen=True, slots=True)
class Said:
    """What the robot would do: answer with an article, or offer some, or (no articles) hand over."""

    sure: bool
    articles: tuple[str, ...]
    probability: float

    @property
    def answer(self) -> str | None:
        return self.articles[0] if self.sure else None


@dataclass(frozen=True, slots=True)
class Effect:
    """One question that would fare differently."""

    kind: Kind
    question: Question
    before: Said
    after: Said


def said(hits: Sequence[Hit], numbers: Ranking) -> Said:
    decision, weighed = choose(hits, numbers), weigh(hits, numbers)
    p = weighed[0].probability if weighed else 0.0
    match decision:
        case Answer():
            return Said(True, (decision.article,), p)
        case Clarify():
            return Said(False, tuple(c.article for c in decision.choices), p)
    return Said(False, (), p)


def effect(question: Question, before: Said, after: Said, changed: Collection[str]) -> Kind | None:
    """What the change does to one question; None when nobody would notice."""
    right = question.article if question.decided else before.answer
    if right in changed:
        if after.answer == right:
            return Kind.WIN if before.answer != right else None
        return Kind.LOSE if before.answer == right else None
    if after.answer in changed:
        return Kind.STEAL if question.decided else Kind.WIN
    if right is not None and before.answer == right and after.answer != right:
        return Kind.CONFUSE
    entered = set(after.articles) & set(changed) - set(before.articles)
    return Kind.CONFUSE if entered and (right is not None or question.decided) else None


def compare(
    questions: Iterable[Question], before: Search, after: Search, changed: Collection[str], numbers: Ranking,
    touched: Callable[[str], bool], progress: Callable[[int], None] = lambda _done: None,
) -> list[Effect]:  # fmt: skip
    """Every question that fares differently, thefts first.  touched: whether the change comes near a question."""
    found = []
    for done, question in enumerate(questions, 1):
        if question.article in changed or touched(question.text):
            was, becomes = said(before(question.text), numbers), said(after(question.text), numbers)
            kind = effect(question, was, becomes, changed)
            if kind is not None:
                found.append(Effect(kind, question, was, becomes))
        if done % 100 == 0:
            progress(done)
    order = list(KINDS_ZH)
    return sorted(found, key=lambda e: (order.index(e.kind), -e.after.probability))
