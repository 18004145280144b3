"""How do many articles lie in memory, so that the near ones of a question are found quickly?  In flat arrays.

Nothing here changes once it is made: an index replaces a segment, running searches keep the one they have.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.article import Article
from kb.grams import Floats, Ints, distinct, find, spread
from kb.laid import STEP, Laid
from kb.meaning import Meaning
from kb.packed import pack, unpack
from kb.situations import KEPT
from kb.vocabulary import KIND, KINDS, Kind, Vocabulary

IN_ANSWER = 0.5  # what a piece counts that only the answer holds
COMMON = 2500  # articles; a single sign that more than so many hold does not choose candidates
# share of each kind of piece in the choice of candidates; the situations have 1
SHARES = np.array([{Kind.WRITTEN: 0.4, Kind.HEARD: 0.6, Kind.MATTER: 0.5}.get(kind, 0.0) for kind in Kind], np.float32)


@dataclass(frozen=True, slots=True)
class Question:
    """A question, ready to be compared."""

    words: str
    sounds: str
    key: Ints  # its distinct pieces, sorted
    trust: Floats  # how surely each was read
    telling: Floats
    kind: Ints
    known: Ints  # places of the known words' pieces
    matters: Floats  # [pieces, known] 1 where a piece is one of the known word's matters
    nearest: Ints  # situations
    nearness: Floats
    direction: Floats


@dataclass(frozen=True, slots=True)
class Near:
    """What some articles hold, laid flat."""

    articles: list[Article]
    score: Floats  # [articles] of the choice
    first: Ints  # [articles] number of each one's first wording
    words: list[str]  # [wordings]
    sounds: list[str]
    row: Ints  # [pieces] wording that holds it
    key: Ints
    trust: Floats
    telling: Floats
    answer_row: Ints  # [pieces of answers] article
    answer_key: Ints
    situations: Floats  # [wordings] likeness to the question's
    directions: Floats  # [wordings, width], length 1
    answers: Floats  # [articles, width]


class Segment:
    """Some articles."""

    def __init__(
        self,
        articles: Sequence[Article],
        counts: Sequence[int],
        wordings: Laid,
        answers: Laid,
        meaning: Meaning,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        """counts: wordings of each article.  vocabulary: of the articles the pieces are weighed by; default these."""
        self.articles = tuple(articles)
        self.numbers = {article.id: n for n, article in enumerate(self.articles)}
        self._first = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        owner = np.repeat(np.arange(len(self.articles)), counts)
        self._words, self._word_starts = pack(wordings.words)
        self._sounds, _ = pack(wordings.sounds)
        key, row = wordings.key, wordings.row
        every = distinct(key, owner[row])
        held = owner[row[every]], key[every]
        self._own = vocabulary is None
        self.vocabulary = vocabulary or Vocabulary(held[1], len(self.articles), meaning)
        self._keys = self.vocabulary.keys if self._own else np.unique(np.concatenate((key, answers.key)))
        known = find(self._keys, answers.key) >= 0  # what only answers hold distinguishes nobody
        answer_key, answer_row = answers.key[known], answers.row[known]
        self._bag = _Ragged(row, find(self._keys, key), len(owner))
        self._trust = wordings.trust.astype(np.float16)
        self._answer = _Ragged(answer_row, find(self._keys, answer_key), len(self.articles))
        self._invert(held, answer_key, answer_row)
        self._nearest, self._nearness, self._directions = wordings.nearest, wordings.nearness, wordings.directions
        self._answers = answers.directions
        self._invert_situations(owner, len(meaning.situations.names))

    def _invert(self, held: tuple[Ints, Ints], answer_key: Ints, answer_row: Ints) -> None:
        article, key = held
        chosen = key >> KIND <= Kind.MATTER
        self._where = _Ragged(find(self._keys, key[chosen]), article[chosen], len(self._keys))
        chosen = answer_key >> KIND <= Kind.MATTER
        self._where_told = _Ragged(find(self._keys, answer_key[chosen]), answer_row[chosen], len(self._keys))

    def _invert_situations(self, owner: Ints, count: int) -> None:
        wordings = np.diff(self._first).astype(np.float32)
        article = np.repeat(owner, KEPT)
        value = self._nearness.ravel().astype(np.float32) / wordings[article]
        order = np.argsort(self._nearest.ravel(), kind="stable")
        self._of_situation = article[order].astype(np.int32)
        self._value = value[order]
        sizes = np.bincount(self._nearest.ravel(), minlength=count)
        self._situation_starts = np.concatenate(([0], np.cumsum(sizes)))

    def scores(self, question: Question) -> NDArray[np.float64]:
        """A quick first score of every article."""
        at = find(self._keys, question.key)
        weight = question.telling * question.trust
        weight *= (SHARES / np.maximum(np.bincount(question.kind, weight, KINDS), 1e-6))[question.kind]
        chosen = (at >= 0) & (weight > 0)
        chosen &= (question.kind == Kind.MATTER) | (self._where.sizes(at) <= COMMON)
        terms, weight = at[chosen].tolist(), weight[chosen]
        holders = [self._where.row(term) for term in terms] + [self._where_told.row(term) for term in terms]
        starts = self._situation_starts
        near = [slice(starts[n], starts[n + 1]) for n in question.nearest.tolist()]
        value = [
            np.repeat(np.concatenate((weight, IN_ANSWER * weight)), [len(held) for held in holders]),
            *(self._value[part] * w for part, w in zip(near, question.nearness, strict=True)),
        ]
        holders += [self._of_situation[part] for part in near]
        holder, added = np.concatenate(holders, dtype=np.int64), np.concatenate(value, dtype=np.float64)
        return np.asarray(np.bincount(holder, added, len(self.articles)), np.float64)

    def near(self, question: Question, numbers: Ints, score: NDArray[np.float64]) -> Near:
        """What the articles of these numbers hold."""
        wordings, _ = spread(self._first, numbers)
        places, row = spread(self._bag.starts, wordings)
        told, answer_row = spread(self._answer.starts, numbers)
        asked = np.zeros(1 << 16, np.float32)
        asked[question.nearest] = question.nearness
        held = self._bag.ids[places]
        sizes = self._first[numbers + 1] - self._first[numbers]
        signs, _ = spread(self._word_starts, wordings)
        lengths = self._word_starts[wordings + 1] - self._word_starts[wordings]
        return Near(
            [self.articles[n] for n in numbers.tolist()],
            score.astype(np.float32),
            np.cumsum(sizes) - sizes,
            unpack(self._words[signs], lengths),
            unpack(self._sounds[signs], lengths),
            row,
            self._keys[held],
            self._trust[places].astype(np.float32),
            self.vocabulary.told(held) if self._own else self.vocabulary.telling(self._keys[held]),
            answer_row,
            self._keys[self._answer.ids[told]],
            (asked[self._nearest[wordings]] * self._nearness[wordings]).sum(axis=1),
            np.asarray(self._directions[wordings] / np.float32(STEP), np.float32),
            np.asarray(self._answers[numbers] / np.float32(STEP), np.float32),
        )


class _Ragged:
    """Rows of numbers, of different lengths."""

    def __init__(self, row: Ints, ids: Ints, rows: int) -> None:
        order = np.argsort(row, kind="stable")
        self.ids = ids[order].astype(np.int32)
        self.starts = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=rows))))

    def sizes(self, rows: Ints) -> Ints:
        return self.starts[rows + 1] - self.starts[rows]

    def row(self, number: int) -> NDArray[np.int32]:
        return self.ids[self.starts[number] : self.starts[number + 1]]


def merged(parts: Sequence[Near]) -> Near:
    """The near articles of several segments together."""
    if len(parts) == 1:
        return parts[0]
    wordings = np.cumsum([0, *(len(p.words) for p in parts)])
    articles = np.cumsum([0, *(len(p.articles) for p in parts)])
    return Near(
        [a for p in parts for a in p.articles],
        np.concatenate([p.score for p in parts]),
        np.concatenate([p.first + w for p, w in zip(parts, wordings, strict=False)]),
        [w for p in parts for w in p.words],
        [s for p in parts for s in p.sounds],
        np.concatenate([p.row + w for p, w in zip(parts, wordings, strict=False)]),
        np.concatenate([p.key for p in parts]),
        np.concatenate([p.trust for p in parts]),
        np.concatenate([p.telling for p in parts]),
        np.concatenate([p.answer_row + a for p, a in zip(parts, articles, strict=False)]),
        np.concatenate([p.answer_key for p in parts]),
        np.concatenate([p.situations for p in parts]),
        np.concatenate([p.directions for p in parts]),
        np.concatenate([p.answers for p in parts]),
    )
