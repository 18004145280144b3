"""Which articles might answer this question, and why?"""

from collections.abc import Iterable, Mapping, Sequence
from ctypes import CDLL
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb import meaning as tables
from kb import ranking as learned
from kb.article import Article
from kb.grams import Floats, Ints, keys
from kb.laid import lay, lay_all
from kb.likeness import FEATURES, Rows, likenesses
from kb.meaning import Meaning, Spelled
from kb.pinyin import encode
from kb.ranking import Ranking
from kb.reasons import because
from kb.segment import Near, Question, Segment, merged
from kb.text import essence
from kb.vocabulary import KIND, Kind, cut_one

CANDIDATES = 24  # articles that are compared closely
OFFERED = 5  # hits returned
LARGE = 20_000  # articles; building the index of more leaves much free memory behind
FADING = 0.5  # what each further reading of the same words counts beside the one before
# Of the first article's share by all readings; where one reading gives another article more, that is doubt.  Anything
# from 0.35 gave the same figures, also none at all: on real sound two sensible readings are seldom at odds.
RIVAL = 0.6


@dataclass(frozen=True, slots=True)
class Hit:
    """One article that might be meant."""

    article: Article
    score: float  # likenesses weighed together; comparable within one question
    share: float  # of all candidates and of `none of these`, 0..1; not yet a probability
    none: float  # share of `none of these`
    features: tuple[float, ...]  # in the order of FEATURES
    phrasing: str  # the wording that came closest
    asked: str  # the question's essence

    @property
    def exact(self) -> bool:
        """Whether the question sounds, syllable for syllable, like the phrasing."""
        return encode(self.asked) == encode(essence(self.phrasing))

    def because(self) -> str:
        """What an editor sees: the phrasing, what of it was said or sounded alike, and the strongest likenesses."""
        return because(self.asked, self.phrasing, dict(zip(FEATURES, self.features, strict=True)))


@dataclass(frozen=True, slots=True)
class Compared:
    """The nearest articles of one question."""

    articles: tuple[Article, ...]
    features: Rows  # one row per article, in the order of FEATURES
    phrasings: tuple[str, ...]  # the nearest of each
    asked: str = ""


class Index:
    """All speakable articles, searched by sound, by sign and by what is meant; `changed` gives another one."""

    def __init__(
        self,
        meaning: Meaning,
        ranking: Ranking,
        main: Segment,
        recent: Segment | None = None,
        gone: frozenset[str] = frozenset(),
        spelled: Mapping[str, tuple[list[Spelled], Spelled]] | None = None,
    ) -> None:
        """recent: what was changed since `main` was made.  gone: ids of `main` that no longer count."""
        self._meaning = meaning
        self._ranking = ranking
        self._main = main
        self._recent = recent
        self._gone = gone
        self._spelled = dict(spelled or {})
        self._dead = np.array(sorted(main.numbers[i] for i in gone if i in main.numbers), np.int64)

    @classmethod
    def build(
        cls, articles: Iterable[Article], meaning: Meaning | None = None, ranking: Ranking | None = None
    ) -> "Index":
        """Without tables or numbers: the shipped ones.  ValueError when there is none, or two have one id."""
        listed = list(articles)
        if not listed:
            raise ValueError("no article may be spoken: the index would answer nothing")
        if len({article.id for article in listed}) < len(listed):
            raise ValueError("two articles have the same id")
        known = meaning or tables.shipped()
        made = cls(known, ranking or learned.shipped(), _segment(listed, known))
        if len(listed) >= LARGE:
            _give_back()
        return made

    @property
    def articles(self) -> tuple[Article, ...]:
        """Everything that can be found."""
        kept = tuple(a for a in self._main.articles if a.id not in self._gone)
        return kept + (self._recent.articles if self._recent else ())

    @property
    def changes(self) -> int:
        """How many articles differ from what the index was built of; many make it slower."""
        return len(self._gone | self._spelled.keys())

    def __len__(self) -> int:
        return len(self._main.articles) - len(self._dead) + (len(self._recent.articles) if self._recent else 0)

    def with_ranking(self, ranking: Ranking) -> "Index":
        """The same texts, weighed otherwise."""
        return Index(self._meaning, ranking, self._main, self._recent, self._gone, self._spelled)

    def changed(self, articles: Iterable[Article] = (), removed: Iterable[str] = ()) -> "Index":
        """Another index in which these articles are added or replaced and these ids are gone."""
        kept = {a.id: a for a in self._recent.articles} if self._recent else {}
        spelled = dict(self._spelled)
        gone = set(self._gone)
        for article in articles:
            kept[article.id] = article
            spelled[article.id] = _spelled(article, self._meaning)
            gone.add(article.id)
        for number in removed:
            kept.pop(number, None)
            spelled.pop(number, None)
            gone.add(number)
        recent = None
        if kept:
            texts = [spelled[number] for number in kept]
            recent = Segment(
                list(kept.values()),
                [len(wordings) for wordings, _ in texts],
                lay([wording for wordings, _ in texts for wording in wordings], self._meaning),
                lay([answer for _, answer in texts], self._meaning),
                self._meaning,
                self._main.vocabulary,
            )
        return Index(
            self._meaning, self._ranking, self._main, recent, frozenset(gone & self._main.numbers.keys()), spelled
        )

    def search(
        self, words: str, alternatives: Sequence[str] = (), confidences: Sequence[float] = ()
    ) -> tuple[Hit, ...]:
        """The likeliest articles, best first.

        alternatives: other readings of the same words.  confidences: how sure the recogniser was of the words and of
        each alternative, 0..1; without them every further reading counts half of the one before.  Readings together
        choose the first article; the numbers are those of one reading, unless two are at odds.
        """
        readings = [words, *alternatives]
        counts = list(confidences) if len(confidences) == len(readings) else [FADING**n for n in range(len(readings))]
        weights: dict[str, float] = {}
        for reading, count in zip(readings, counts, strict=True):
            weights[reading] = weights.get(reading, 0.0) + max(count, 1e-6)
        if len(weights) == 1:
            return self._hits(words)
        total = sum(weights.values())
        return _together([(self._hits(reading), weight / total) for reading, weight in weights.items()])

    def _hits(self, words: str) -> tuple[Hit, ...]:
        found = self.compare(words)
        if not found.articles:
            return ()
        scores, shares = self._ranking.shares(found.features)
        return tuple(
            Hit(
                found.articles[n],
                float(scores[n]),
                float(shares[n]),
                float(shares[-1]),
                tuple(found.features[n].tolist()),
                found.phrasings[n],
                found.asked,
            )
            for n in np.argsort(-scores, kind="stable")[:OFFERED].tolist()
        )

    def compare(self, text: str) -> Compared:
        """The nearest articles of a question, in no order."""
        question = self._question(text)
        if question is None or not len(self):
            return Compared((), np.zeros((0, len(FEATURES))), ())
        near = self._near(question)
        rows, closest = likenesses(question, near)
        phrasings = tuple(
            article.wordings()[int(wording) - int(first)]
            for article, wording, first in zip(near.articles, closest, near.first, strict=True)
        )
        return Compared(tuple(near.articles), rows, phrasings, question.words)

    def touched(self, text: str) -> bool:
        """Whether what was changed comes near enough to a question to be compared; else it fares as before."""
        question = self._question(text)
        if question is None:
            return False
        scores = self._main.scores(question)
        nearest = max((float(scores[n]) for n in self._dead.tolist()), default=0.0)
        if self._recent:
            nearest = max(nearest, float(self._recent.scores(question).max()))
        scores[self._dead] = -1.0
        return nearest > 0 and nearest >= _last(scores)

    def _question(self, text: str) -> Question | None:
        spelled = self._meaning.spell(text)
        if not spelled.words:
            return None
        said = keys(spelled.words, spelled.sounds)
        key, trust = cut_one(said, spelled.reading)
        places = self._meaning.situations.place_one(said)
        kinds = key >> KIND
        known = np.flatnonzero(kinds == Kind.WORD)
        return Question(
            spelled.words,
            spelled.sounds,
            key,
            trust,
            self._main.vocabulary.telling(key),
            kinds,
            known,
            self._matters(key, known),
            places.nearest[0],
            places.nearness[0],
            places.directions[0],
        )

    def _matters(self, key: Ints, known: Ints) -> Floats:
        """[pieces, known] 1 where a piece is a matter or an intent of the known word."""
        at = {piece: n for n, piece in enumerate(key.tolist())}
        matters = np.zeros((len(key), len(known)), np.float32)
        for column, word in enumerate((key[known] & (1 << KIND) - 1).tolist()):
            for group in self._meaning.synonyms.groups_of(word):
                for piece in (Kind.MATTER << KIND | group, Kind.INTENT << KIND | group):
                    if piece in at:
                        matters[at[piece], column] = 1.0
        return matters

    def _near(self, question: Question) -> Near:
        scores = self._main.scores(question)
        scores[self._dead] = -1.0
        chosen = _best(scores)
        parts = [self._main.near(question, chosen, scores[chosen])] if len(chosen) else []
        if self._recent:
            more = self._recent.scores(question)
            latest = _best(more)
            latest = latest[more[latest] >= _last(scores)]
            if len(latest) or not parts:
                parts.append(self._recent.near(question, latest, more[latest]))
        return merged(parts)


def _give_back() -> None:
    """Hand memory that is free again to the system; glibc keeps it else, four fifths of a large build."""
    trim = getattr(CDLL(None), "malloc_trim", None)  # not every C library has it
    if trim is not None:
        trim(0)


def _best(scores: NDArray[np.float64]) -> Ints:
    """Numbers of the articles with the best first scores, in order of their numbers."""
    alive = np.flatnonzero(scores >= 0) if len(scores) <= CANDIDATES else np.flatnonzero(scores > 0.3 * scores.max())
    if len(scores) > CANDIDATES > len(alive):
        alive = np.flatnonzero(scores >= 0)
    if len(alive) > CANDIDATES:
        alive = alive[np.argpartition(-scores[alive], CANDIDATES - 1)[:CANDIDATES]]
    return np.sort(alive)


def _last(scores: NDArray[np.float64]) -> float:
    """The first score an article needs to be compared closely among these."""
    return float(np.partition(scores, -CANDIDATES)[-CANDIDATES]) if len(scores) > CANDIDATES else 0.0


def _spelled(article: Article, meaning: Meaning) -> tuple[list[Spelled], Spelled]:
    return [meaning.spell(wording) for wording in article.wordings()], meaning.spell(article.spoken)


def _segment(articles: Sequence[Article], meaning: Meaning) -> Segment:
    wordings = [article.wordings() for article in articles]
    flat = lay_all([wording for every in wordings for wording in every], meaning)
    # many articles may give one answer
    number = {spoken: n for n, spoken in enumerate(dict.fromkeys(article.spoken for article in articles))}
    answers = lay_all(list(number), meaning).of(np.array([number[article.spoken] for article in articles]))
    return Segment(articles, [len(every) for every in wordings], flat, answers, meaning)


def _together(found: Sequence[tuple[tuple[Hit, ...], float]]) -> tuple[Hit, ...]:
    """The hits of several readings, each with its weight, as one list.

    All together decide which article is first.  How sure that is, the likeliest reading that puts it first says alone:
    a mean with misheard ones looks like doubt and took one right answer in thirty away.  Only where another reading
    puts another article first with nearly as much weight is it the mean, so that the caller is asked.
    """
    mean = _mean(found)
    told = [(hits, weight) for hits, weight in found if hits]
    agreeing = [(hits, weight) for hits, weight in told if hits[0].article.id == mean[0].article.id]
    rivals = [weight * hits[0].share for hits, weight in told if hits[0].article.id != mean[0].article.id]
    if not agreeing or max(rivals, default=0.0) > RIVAL * sum(weight * hits[0].share for hits, weight in agreeing):
        return mean
    return max(agreeing, key=lambda one: one[1])[0]


def _mean(found: Sequence[tuple[tuple[Hit, ...], float]]) -> tuple[Hit, ...]:
    """Each reading adds its shares by its weight."""
    shares: dict[str, float] = {}
    best: dict[str, Hit] = {}
    none = 0.0
    for hits, weight in found:
        none += weight * (hits[0].none if hits else 1.0)
        for hit in hits:
            number = hit.article.id
            shares[number] = shares.get(number, 0.0) + weight * hit.share
            if number not in best or hit.share > best[number].share:
                best[number] = hit
    ordered = sorted(best, key=lambda number: -shares[number])[:OFFERED]
    return tuple(
        Hit(h.article, h.score, shares[n], none, h.features, h.phrasing, h.asked) for n in ordered for h in (best[n],)
    )
