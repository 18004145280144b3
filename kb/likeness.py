"""In which respects is an article like a question?  One number each, 0 to about 1."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from kb.grams import Floats, Ints, find
from kb.packed import Units, pack, unpack
from kb.pinyin import PRIVATE, SYLLABLES
from kb.segment import IN_ANSWER, Near, Question
from kb.situations import lengths
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
MERGED = {"f": "h", "r": "l"}  # initials an ear on the telephone takes for each other, beyond the folded ones


def halves(syllable: str) -> tuple[str, str]:
    """Its initial and its final."""
    cut = next((i for i, char in enumerate(syllable) if char in "aeiouv"), 0)
    return "<" + MERGED.get(syllable[:cut], syllable[:cut]), syllable[cut:] + ">"


def _table() -> Units:
    """[code unit, 2] the halves of every syllable; what is no syllable has an empty one and itself."""
    number = {half: n for n, half in enumerate(sorted({half for s in SYLLABLES for half in halves(s)}))}
    table = np.column_stack((np.full(1 << 16, PRIVATE + len(number)), np.arange(1 << 16)))
    for place, syllable in enumerate(SYLLABLES):
        table[PRIVATE + place] = [PRIVATE + number[half] for half in halves(syllable)]
    return table.astype(np.uint16)


HALVES = _table()


def _halved(sounds: Sequence[str]) -> list[str]:
    """Two characters for each."""
    units, starts = pack(sounds)
    return unpack(HALVES[units].ravel(), 2 * np.diff(starts))


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
            (mean @ question.direction) / np.maximum(lengths(mean), 1e-6),
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
    if not len(question.known):
        return np.zeros((len(both), 3), np.float32)
    holds = (both > 0).astype(np.float32)
    has = np.maximum(holds[:, question.known], BY_MATTER * (holds @ question.matters > 0))
    weight = (question.telling * question.trust)[question.known]
    missing = (1 - has) * weight / 6.0  # to about 0..1
    covered = has @ weight / max(float(weight.sum()), 1e-6)
    return np.column_stack((covered, missing.max(axis=1), missing.sum(axis=1)))


def _ratios(question: Question, near: Near) -> list[Floats]:
    """Distances of rapidfuzz: by syllable, within, by half-syllable, by sign."""
    halved = _halved([*near.sounds, question.sounds])
    compared = (
        (question.sounds, near.sounds, fuzz.ratio),
        (question.sounds, near.sounds, fuzz.partial_ratio),
        (halved[-1], halved[:-1], fuzz.ratio),
        (question.words, near.words, fuzz.ratio),
    )
    return [
        np.asarray(process.cdist([asked], texts, scorer=scorer)[0] / 100, np.float32)
        for asked, texts, scorer in compared
    ]
