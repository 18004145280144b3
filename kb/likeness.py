"""In which respects is an article like a question?  One number each, 0 to about 1."""

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kb.grams import Floats, Ints, find
from kb.pinyin import syllable_of
from kb.segment import IN_ANSWER, Near, Question
from kb.vocabulary import KIND, KINDS, Kind

FEATURES = (
    *(f"{kind} asked covered" for kind in ("written", "heard", "matters", "intents", "words")),
    *(f"{kind} of the wording covered" for kind in ("written", "heard", "matters", "intents", "words")),
    *(f"{kind} alike" for kind in ("written", "heard", "matters")),
    *(f"{kind} asked covered, where the near ones differ" for kind in ("written", "heard", "matters")),
    *(f"{kind} of the wording covered, where the near ones differ" for kind in ("written", "heard", "matters")),
    "intents apart",
    "known words covered",
    "telling word missing",
    "words missing",
    "sound ratio",
    "sound within",
    "half-syllable ratio",
    "word ratio",
    "situations alike",
    "nearest situations alike",
    "direction alike",
    "nearest direction alike",
    "direction of the answer",
    "first score",
)
END = 3  # kinds of pieces from here on do not tell near articles apart
CLOSEST = 15  # articles among which it is asked what makes the difference
BY_MATTER = 0.7  # what a known word counts when the article has another word for it

Rows = NDArray[np.float64]
_halves: dict[str, str] = {}
MERGED = {"f": "h", "r": "l"}  # initials an ear on the telephone takes for each other, beyond the folded ones


def halves(syllable: str) -> str:
    """Initial and final as one character each."""
    cut = next((i for i, char in enumerate(syllable) if char in "aeiouv"), 0)
    initial = MERGED.get(syllable[:cut], syllable[:cut])
    return "".join(_halves.setdefault(h, chr(0xE000 + len(_halves))) for h in ("<" + initial, syllable[cut:] + ">"))


class _Halves(dict[int, str]):
    """Syllable code -> its two halves, made when first asked for."""

    def __missing__(self, point: int) -> str:
        made = self[point] = halves(syllable_of(chr(point)))
        return made


HALVES = _Halves({ord("\n"): "\n"})  # breaks stay breaks


def likenesses(question: Question, near: Near) -> tuple[Rows, Ints]:
    """[articles, FEATURES], and for each article its nearest wording."""
    articles, wordings = len(near.articles), len(near.words)
    owner = np.zeros(wordings, np.int64)
    owner[near.first[1:]] = 1
    owner = np.cumsum(owner)
    sums = np.zeros((len(question.key), KINDS), np.float32)
    sums[np.arange(len(question.key)), question.kind] = question.telling
    total = np.maximum(question.trust @ sums, 1e-6)
    at = find(question.key, near.key)
    hit = at >= 0
    held = np.zeros((wordings, len(question.key)), np.float32)
    held[near.row[hit], at[hit]] = np.minimum(near.trust[hit], question.trust[at[hit]])
    spoken = np.maximum.reduceat(held, near.first, axis=0)
    told = find(question.key, near.answer_key)
    where = told >= 0
    answered = np.zeros_like(spoken)
    answered[near.answer_row[where], told[where]] = IN_ANSWER * question.trust[told[where]]
    both = np.maximum(spoken, answered)
    kind = near.key >> KIND
    own = np.bincount(near.row * KINDS + kind, near.telling * near.trust, wordings * KINDS).reshape(wordings, KINDS)
    got = held @ sums
    reverse = got / np.maximum(own, 1e-6)
    alike = 2 * got[:, :3] / np.maximum(own[:, :3] + total[:3], 1e-6)
    order = np.argsort(-near.score, kind="stable")[:CLOSEST]
    asked_apart, reverse_apart = _apart(question, near, owner, order, held, both, at)
    heard = near.situations
    sizes = np.diff(np.append(near.first, wordings))[:, None]
    mean = np.add.reduceat(near.directions, near.first, axis=0)
    nearest = near.directions @ question.direction
    ratios = _ratios(question, near)
    by_wording = np.column_stack((reverse, alike, reverse_apart, *ratios, heard, nearest))
    best = np.maximum.reduceat(by_wording, near.first, axis=0)
    apart = (np.maximum.reduceat(own[:, Kind.INTENT], near.first) > 0) & (total[Kind.INTENT] > 1e-3)
    apart &= best[:, Kind.INTENT] == 0
    rows = np.column_stack(
        (
            both @ sums / total,
            best[:, :8],
            asked_apart,
            best[:, 8:11],
            apart,
            _words(question, both),
            best[:, 11:15],
            np.add.reduceat(heard, near.first)[:, None] / sizes,
            best[:, 15],
            (mean @ question.direction) / np.maximum(np.linalg.norm(mean, axis=1), 1e-6),
            best[:, 16],
            near.answers @ question.direction,
            near.score,
        )
    ).astype(np.float64)
    overall = alike[:, 0] + alike[:, 1] + nearest
    best_of = np.flatnonzero(overall == np.maximum.reduceat(overall, near.first)[owner])
    closest = best_of[np.searchsorted(owner[best_of], np.arange(articles))]
    assert rows.shape == (articles, len(FEATURES))
    return rows, closest


def _apart(
    question: Question, near: Near, owner: Ints, order: Ints, held: Floats, both: Floats, at: Ints
) -> tuple[Floats, Floats]:
    """Coverage both ways, weighed by what makes the closest articles differ from each other."""
    known = both[order].sum(axis=0)
    weight = np.where(known > 0, np.log((len(order) + 1) / (known + 0.5)), 0.0)
    sums = np.zeros((len(question.key), 3), np.float32)
    few = question.kind < 3
    sums[np.flatnonzero(few), question.kind[few]] = weight[few]
    asked = both @ sums / np.maximum(sums.sum(axis=0), 1e-6)
    close = np.zeros(len(near.articles), bool)
    close[order] = True
    chosen = np.flatnonzero(close[owner][near.row] & (near.key < END << KIND))
    key, row, place = near.key[chosen], near.row[chosen], at[chosen]
    distinct, number = np.unique(key, return_inverse=True)
    holds = np.zeros((len(near.articles), len(distinct)), bool)
    holds[owner[row], number] = True
    apart = np.log((len(order) + 1) / (holds.sum(axis=0) + 0.5))[number]
    cell = row * END + (key >> KIND)
    size = held.shape[0] * END
    own = np.bincount(cell, apart, size)
    got = np.bincount(cell[place >= 0], apart[place >= 0], size)
    return asked, np.asarray((got / np.maximum(own, 1e-6)).reshape(-1, 3), np.float32)


def _words(question: Question, both: Floats) -> Floats:
    """[articles, 3]: share of the known words the article has or has another word for; the heaviest and all missing."""
    covered = np.zeros((len(both), 3), np.float32)
    total = 0.0
    for place, matters in question.companions:
        weight = float(question.telling[place] * question.trust[place])
        has = (both[:, place] > 0).astype(np.float32)
        if matters:
            has = np.maximum(has, BY_MATTER * (both[:, list(matters)].max(axis=1) > 0))
        total += weight
        covered[:, 0] += weight * has
        missing = weight * (1 - has)
        covered[:, 1] = np.maximum(covered[:, 1], missing)
        covered[:, 2] += missing
    covered[:, 0] /= total or 1.0
    covered[:, 1:] /= 6.0  # to about 0..1
    return covered


def _ratios(question: Question, near: Near) -> list[Floats]:
    """Distances of rapidfuzz: by syllable, within, by half-syllable, by sign."""
    compared = (
        (question.sounds, near.sounds, fuzz.ratio),
        (question.sounds, near.sounds, fuzz.partial_ratio),
        (question.sounds.translate(HALVES), "\n".join(near.sounds).translate(HALVES).split("\n"), fuzz.ratio),
        (question.words, near.words, fuzz.ratio),
    )
    return [
        np.asarray(process.cdist([asked], texts, scorer=scorer)[0] / 100, np.float32)
        for asked, texts, scorer in compared
    ]
