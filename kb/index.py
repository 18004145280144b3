"""Which articles might answer this question, and why?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from kb.article import Article
from kb.grams import Postings, grams
from kb.pinyin import encode, syllables
from kb.ranking import FEATURES, Ranking
from kb.synonyms import Synonyms
from kb.text import normalise

CANDIDATES = 80  # phrasings that are compared closely
OFFERED = 5  # hits returned

Row = NDArray[np.float64]
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


def parts(text: str) -> str:
    """Initial and final of each syllable as one private-use character each: a shared half earns half."""
    made = []
    for syllable in syllables(text):
        cut = next((i for i, char in enumerate(syllable) if char in "aeiouv"), 0)
        for half in ("<" + syllable[:cut], syllable[cut:] + ">"):
            made.append(_parts.setdefault(half, chr(0xF0000 + len(_parts))))
    return "".join(made)


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text in the three forms that are compared."""

    words: str
    sounds: str
    parts: str


class Index:
    """All speakable wordings, searched by sound and by sign."""

    def __init__(self, articles: Sequence[Article], synonyms: Synonyms, ranking: Ranking) -> None:
        self.articles = tuple(articles)
        self._synonyms = synonyms
        self._ranking = ranking
        self._wordings: list[str] = []
        owner: list[int] = []
        for number, article in enumerate(self.articles):
            for wording in article.wordings():
                self._wordings.append(wording)
                owner.append(number)
        self._owner = np.array(owner, np.int32)
        self._spelled = [self._spell(w) for w in self._wordings]
        self._sounds = Postings([grams(s.sounds) for s in self._spelled])
        self._words = Postings([grams(s.words) for s in self._spelled])
        whole: list[list[str]] = [[] for _ in self.articles]
        for number, spelled in zip(owner, self._spelled, strict=True):
            whole[number] += grams(spelled.sounds)
        for number, article in enumerate(self.articles):
            whole[number] += grams(self._spell(article.spoken).sounds)
        self._entries = Postings(whole, b=0.3)

    @classmethod
    def build(cls, articles: Iterable[Article], synonyms: Synonyms, ranking: Ranking) -> "Index":
        """ValueError when there is nothing to search."""
        listed = list(articles)
        if not listed:
            raise ValueError("no article may be spoken: the index would answer nothing")
        return cls(listed, synonyms, ranking)

    def _spell(self, text: str) -> Spelled:
        words = self._synonyms.words(normalise(text))
        return Spelled(words, self._synonyms.sounds(encode(words)), parts(words))

    def search(self, words: str, alternatives: Sequence[str] = ()) -> tuple[Hit, ...]:
        """The likeliest articles, best first; alternatives are other readings of the same words."""
        best: dict[int, Hit] = {}
        for reading in dict.fromkeys((words, *alternatives)):
            for number, hit in self._hits(reading):
                if number not in best or hit.score > best[number].score:
                    best[number] = hit
        return tuple(sorted(best.values(), key=lambda hit: -hit.score)[:OFFERED])

    def _hits(self, reading: str) -> Iterable[tuple[int, Hit]]:
        question = self._spell(reading)
        if not question.words:
            return ()
        by_sound = self._sounds.scores(grams(question.sounds))
        by_word = self._words.scores(grams(question.words))
        by_entry = self._entries.scores(grams(question.sounds))[self._owner]
        mixed = by_sound + 0.5 * by_word + 0.7 * by_entry
        count = min(CANDIDATES, len(mixed))
        near = np.argpartition(-mixed, count - 1)[:count]
        telling = {char: self._sounds.weight(char) for char in set(question.sounds)}
        total = sum(telling.values()) or 1.0
        found: dict[int, Hit] = {}
        for place in near.tolist():
            features = self._features(question, place, by_sound, by_word, by_entry, telling, total)
            number = int(self._owner[place])
            score = self._ranking.score(features)
            if number not in found or score > found[number].score:
                found[number] = Hit(self.articles[number], score, features, self._wordings[place])
        return found.items()

    def _features(
        self,
        question: Spelled,
        place: int,
        by_sound: NDArray[np.float32],
        by_word: NDArray[np.float32],
        by_entry: NDArray[np.float32],
        telling: dict[str, float],
        total: float,
    ) -> tuple[float, ...]:
        """The values named in FEATURES, each 0 to about 1."""
        wording = self._spelled[place]
        shared = sum(telling[char] for char in telling.keys() & set(wording.sounds))
        own = sum(self._sounds.weight(char) for char in set(wording.sounds)) or 1.0
        return (
            float(by_sound[place]),
            float(by_word[place]),
            float(by_entry[place]),
            fuzz.ratio(question.sounds, wording.sounds) / 100,
            fuzz.partial_ratio(question.sounds, wording.sounds) / 100,
            fuzz.ratio(question.parts, wording.parts) / 100,
            fuzz.ratio(question.words, wording.words) / 100,
            shared / own,
            shared / total,
        )
