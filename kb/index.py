"""Which articles might answer this question, and why?"""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kb import ranking as learned
from kb import situations
from kb import synonyms as table
from kb.article import Article
from kb.grams import Bags, Floats, Ints, Postings, keys
from kb.pinyin import encode, syllable_of
from kb.ranking import FEATURES, Ranking
from kb.synonyms import Synonyms
from kb.text import normalise

CANDIDATES = 80  # phrasings that are compared closely
OFFERED = 5  # hits returned
IN_ANSWER = 0.5  # what a matter counts that only the answer names
PAIR = 1 << 21  # keys of pairs are larger
DULL = 0.35  # weight of grams that are mere talk ("我想", "那个")

Rows = NDArray[np.float64]
Column: TypeAlias = NDArray[np.floating[Any]]
_parts: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that might be meant."""

    article: Article
    score: float  # weighted sum of the features; comparable within one question
    features: tuple[float, ...]
    phrasing: str  # the wording that came closest

    def because(self) -> str:
        """What an editor sees: the phrasing and the strongest features."""
        strongest = sorted(zip(FEATURES, self.features, strict=True), key=lambda f: -f[1])[:3]
        return f"「{self.phrasing}」 " + " ".join(f"{name} {value:.2f}" for name, value in strongest)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text in the forms that are compared."""

    words: str
    sounds: str
    stream: str
    matters: dict[int, float]
    intents: dict[int, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """The nearest articles of one question."""

    articles: Ints
    features: Rows  # one row per article, in the order of FEATURES, each 0 to about 1: its best wording in each respect
    wordings: Ints  # the wording of each that is nearest overall


def halves(syllable: str) -> str:
    """Initial and final as one character each."""
    cut = next((i for i, char in enumerate(syllable) if char in "aeiouv"), 0)
    return "".join(
        _parts.setdefault(h, chr(0xE000 + len(_parts))) for h in ("<" + syllable[:cut], syllable[cut:] + ">")
    )


class _Halves(dict[int, str]):
    """Syllable code -> its two halves, made when first asked for."""

    def __missing__(self, point: int) -> str:
        made = self[point] = halves(syllable_of(chr(point)))
        return made


HALVES = _Halves()


class Index:
    """All speakable wordings, searched by sound, by sign and by what is meant."""

    def __init__(self, articles: Sequence[Article], synonyms: Synonyms, ranking: Ranking) -> None:
        self.articles = tuple(articles)
        self._synonyms = synonyms
        self._weights = np.array(ranking.weights)
        self._wordings = [w for article in self.articles for w in article.wordings()]
        sizes = [1 + len(article.phrasings) for article in self.articles]
        self._owner = np.repeat(np.arange(len(self.articles)), sizes)
        spelled = [self._spell(w) for w in self._wordings]
        answers = [self._spell(a.spoken) for a in self.articles]
        self._forms = {f: [getattr(s, f) for s in spelled] for f in ("words", "sounds", "stream")}
        self._grams(spelled, answers)
        self._groups(spelled, answers)
        self._situations = situations.shipped()
        self._placed = self._places(spelled)

    @classmethod
    def build(
        cls, articles: Iterable[Article], synonyms: Synonyms | None = None, ranking: Ranking | None = None
    ) -> "Index":
        """ValueError when there is nothing to search.  Without table or numbers: the shipped ones."""
        listed = list(articles)
        if not listed:
            raise ValueError("no article may be spoken: the index would answer nothing")
        return cls(listed, synonyms or table.shipped(), ranking or learned.shipped())

    def with_ranking(self, ranking: Ranking) -> "Index":
        """The same texts, weighed otherwise."""
        other = copy(self)
        other._weights = np.array(ranking.weights)
        return other

    def _grams(self, spelled: list[Spelled], answers: list[Spelled]) -> None:
        talk = self._synonyms.talk()
        dull_words = {int(k): DULL for w in talk for k in keys(w)}
        dull_sounds = {int(k): DULL for w in talk for k in keys(encode(w)) if k > PAIR}
        both = np.concatenate((self._owner, np.arange(len(self.articles))))
        every = (*spelled, *answers)
        self._sounds = Postings([s.sounds for s in spelled], dull=dull_sounds)
        self._words = Postings([s.words for s in spelled], dull=dull_words)
        self._streams = Postings([s.stream for s in spelled])
        self._whole_sounds = Postings([s.sounds for s in every], both, b=0.3, dull=dull_sounds)
        self._whole_words = Postings([s.words for s in every], both, b=0.3, dull=dull_words)
        self._whole_streams = Postings([s.stream for s in every], both, b=0.3)

    def _groups(self, spelled: list[Spelled], answers: list[Spelled]) -> None:
        number: dict[str, int] = {}
        self._sign = number  # of the stream
        self._held = Bags([{number.setdefault(c, len(number)): 1.0 for c in s.stream} for s in spelled], len(number))
        groups = len(self._synonyms.names)
        self._matters = Bags([s.matters for s in spelled], groups)
        self._intents = Bags([s.intents for s in spelled], groups)
        whole: list[dict[int, float]] = [
            {group: IN_ANSWER * weight for group, weight in answer.matters.items()} for answer in answers
        ]
        for owner, s in zip(self._owner.tolist(), spelled, strict=True):
            for group, weight in s.matters.items():
                whole[owner][group] = max(weight, whole[owner].get(group, 0.0))
        self._about = Bags(whole, groups)

    def _places(self, spelled: list[Spelled]) -> Floats:
        near = np.stack([self._situations.nearness(s.words, s.sounds) for s in spelled])
        first = np.searchsorted(self._owner, np.arange(len(self.articles)))
        mean = np.add.reduceat(near, first, axis=0) / np.bincount(self._owner)[:, None]
        return np.stack([self._situations.place(row) for row in mean])

    def _spell(self, text: str) -> Spelled:
        words = normalise(text)
        sounds = encode(words)
        read = self._synonyms.read(words, sounds)
        return Spelled(words, sounds, read.stream or sounds, read.matters, read.intents)

    def search(self, words: str, alternatives: Sequence[str] = ()) -> tuple[Hit, ...]:
        """The likeliest articles, best first; alternatives are other readings of the same words."""
        best: dict[int, Hit] = {}
        for reading in dict.fromkeys((words, *alternatives)):
            for number, hit in self._best(reading):
                if number not in best or hit.score > best[number].score:
                    best[number] = hit
        return tuple(sorted(best.values(), key=lambda hit: -hit.score)[:OFFERED])

    def _best(self, reading: str) -> Iterator[tuple[int, Hit]]:
        found = self.compare(reading)
        scores = found.features @ self._weights
        for row in np.argsort(-scores, kind="stable")[:OFFERED].tolist():
            number = int(found.articles[row])
            features = tuple(found.features[row].tolist())
            wording = self._wordings[int(found.wordings[row])]
            yield number, Hit(self.articles[number], float(scores[row]), features, wording)

    def compare(self, text: str) -> Compared:
        """The nearest articles of a question, in no order."""
        question = self._spell(text)
        if not question.words:
            return Compared(np.zeros(0, np.int64), np.zeros((0, len(FEATURES))), np.zeros(0, np.int64))
        scores = (
            self._sounds.scores(question.sounds),
            self._words.scores(question.words),
            self._streams.scores(question.stream),
        )
        whole = (
            self._whole_sounds.scores(question.sounds),
            self._whole_words.scores(question.words),
            self._whole_streams.scores(question.stream),
        )
        mixed = 0.6 * scores[0] + 0.4 * scores[1] + scores[2]
        mixed += (0.3 * whole[0] + 0.3 * whole[1] + 0.6 * whole[2])[self._owner]
        count = min(CANDIDATES, len(mixed))
        near = np.sort(np.argpartition(-mixed, count - 1)[:count])  # wordings of one article stand together
        owners = self._owner[near]
        columns: list[Column] = [
            *(s[near] for s in scores),
            *(w[owners] for w in whole),
            *self._ratios(question, near),
            self._held.shared(self._signs(question.stream), near) / np.maximum(self._held.own[near], 1e-6),
            *self._matter_columns(question, near, owners),
            *self._intent_columns(question, near),
            self._placed[owners] @ self._situations.place(self._situations.nearness(question.words, question.sounds)),
        ]
        rows = np.stack(columns, axis=1).astype(np.float64)
        articles, first = np.unique(owners, return_index=True)
        nearest = [a + int(np.argmax(mixed[near[a:z]])) for a, z in pairwise([*first.tolist(), count])]
        return Compared(articles, np.maximum.reduceat(rows, first, axis=0), near[nearest])

    def _ratios(self, question: Spelled, near: Ints) -> Iterator[Column]:
        """Distances of rapidfuzz: by syllable, within, by half-syllable, by sign, by meaning."""
        places = near.tolist()
        sounds = [self._forms["sounds"][i] for i in places]
        words = [self._forms["words"][i] for i in places]
        stream = [self._forms["stream"][i] for i in places]
        for asked, texts, scorer in (
            (question.sounds, sounds, fuzz.ratio),
            (question.sounds, sounds, fuzz.partial_ratio),
            (question.sounds.translate(HALVES), [s.translate(HALVES) for s in sounds], fuzz.ratio),
            (question.words, words, fuzz.ratio),
            (question.stream, stream, fuzz.ratio),
        ):
            yield np.asarray(process.cdist([asked], texts, scorer=scorer)[0], np.float32) / 100

    def _signs(self, stream: str) -> Floats:
        return self._held.dense({self._sign[c]: 1.0 for c in stream if c in self._sign})

    def _matter_columns(self, question: Spelled, near: Ints, owners: Ints) -> Iterator[Column]:
        asked = self._matters.dense(question.matters)
        shared, own = self._matters.shared(asked, near), np.maximum(self._matters.own[near], 1.0)
        total = float(asked @ self._matters.telling) or 1.0
        yield shared / total
        yield shared / own
        yield shared / np.sqrt(own * max(total, 1.0))
        total = float(asked @ self._about.telling) or 1.0
        yield self._about.shared(asked, owners) / total
        yield self._about.shared(self._neighbours(question.matters), owners) / total

    def _intent_columns(self, question: Spelled, near: Ints) -> Iterator[Column]:
        asked = self._intents.dense(question.intents)
        shared, own = self._intents.shared(asked, near), self._intents.own[near]
        total = float(asked @ self._intents.telling)
        yield shared / (total or 1.0)
        yield shared / np.maximum(own, 1.0)
        yield ((own > 0) & (total > 0) & (shared == 0)).astype(np.float32)

    def _neighbours(self, matters: dict[int, float]) -> Floats:
        """What lies near the matters of a question, without those themselves."""
        near = {other: 1.0 for group in matters for other in self._synonyms.near.get(group, ()) if other not in matters}
        return self._about.dense(near)
