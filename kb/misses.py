"""Which questions does the robot fail at?  Clusters of misses alike by sound or meaning: the editors' list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kb import meaning, store
from kb.pinyin import encode
from kb.synonyms import Reading
from kb.tables import AskedRow, ClusterRow
from kb.text import normalise

# Of pairs of questions this much alike nine in ten belong together: 900 written test questions, a third each clean and
# with 10 and 20 % simulated recognition errors (2026-11).
ALIKE = 0.48
SAMPLES = 12  # of a cluster a new question is compared with
CLOSELY = 20  # samples compared closely, of those nearest by sound and of those nearest by the office's words
AT_ONCE = 200  # questions clustered in one transaction: under a second beside a thousand clusters
SHORTEST = 2  # characters; fewer say nothing

Answers = Mapping[str, str | None]  # question -> the article the robot would say to it


class Standing(StrEnum):
    OPEN = "open"
    STARTED = "started"  # somebody is writing the article
    CLOSED = "closed"  # an article answers it
    DISMISSED = "dismissed"  # not for the robot; more of the kind stay out of the list


STANDINGS_ZH = {
    Standing.OPEN: "待处理",
    Standing.STARTED: "正在撰写",
    Standing.CLOSED: "已解决",
    Standing.DISMISSED: "不予收录",
}


@dataclass(frozen=True, slots=True)
class Heard:
    sounds: str
    stream: str
    read: Reading


@lru_cache(maxsize=20_000)
def heard(text: str) -> Heard:
    words = normalise(text)
    sounds = encode(words)
    table = meaning.shipped().synonyms
    return Heard(sounds, table.stream(words, sounds), table.read(words, sounds))


def overlap(a: Mapping[int, float], b: Mapping[int, float]) -> float:
    """Weighted Jaccard."""
    both = a.keys() | b.keys()
    if not both:
        return 0.0
    least = sum(min(a.get(k, 0.0), b.get(k, 0.0)) for k in both)
    return least / sum(max(a.get(k, 0.0), b.get(k, 0.0)) for k in both)


def alike(a: str, b: str) -> float:
    """0..1: syllables, the office's words in order and in any order, what is talked about, what is asked of it."""
    x, y = heard(a), heard(b)
    sound = fuzz.ratio(x.sounds, y.sounds) / 100
    stream = fuzz.ratio(x.stream, y.stream) / 100
    in_any_order = fuzz.token_sort_ratio(" ".join(x.stream), " ".join(y.stream)) / 100
    matter, intent = overlap(x.read.matters, y.read.matters), overlap(x.read.intents, y.read.intents)
    return 0.25 * sound + 0.25 * stream + 0.2 * in_any_order + 0.25 * matter + 0.05 * intent


def nearest(text: str, clusters: Mapping[int, Sequence[str]]) -> int | None:
    """The cluster with the likest sample; None when none is alike."""
    owner = [number for number, samples in clusters.items() for _ in samples]
    samples = [sample for listed in clusters.values() for sample in listed]
    asked = heard(text)
    spelled = [heard(sample) for sample in samples]
    near: set[int] = set()
    for wanted, texts in (
        (asked.sounds, [h.sounds for h in spelled]),
        (asked.stream, [h.stream for h in spelled]),
    ):
        # compared closely is only what is near in C++: thousands of samples in a few milliseconds
        near.update(found[2] for found in process.extract(wanted, texts, scorer=fuzz.ratio, limit=CLOSELY))
    best = max(((alike(text, samples[n]), owner[n]) for n in near), default=(0.0, 0))
    return best[1] if best[0] >= ALIKE else None


def _new(session: Session) -> Sequence[AskedRow]:
    missed = AskedRow.article.is_(None) | AskedRow.rejected.is_(True)
    return session.scalars(
        select(AskedRow).where(missed, AskedRow.cluster.is_(None)).order_by(AskedRow.id).limit(AT_ONCE)
    ).all()


def _open(session: Session) -> dict[int, ClusterRow]:
    return {r.id: r for r in session.scalars(select(ClusterRow).where(ClusterRow.standing != Standing.CLOSED.value))}


def spell(session: Session) -> None:
    """Bring to mind what cluster() is about to compare, which takes seconds at first; to be done before it writes."""
    new = _new(session)
    for text in (*(row.text for row in new), *(s for row in _open(session).values() for s in row.samples if new)):
        heard(text)


def cluster(session: Session) -> int:
    """Put every new miss where it belongs; how many.  The caller commits."""
    new = _new(session)
    if not new:
        return 0
    rows = _open(session)
    samples: dict[int, list[str]] = {number: list(row.samples) for number, row in rows.items()}
    for asked in new:
        number = nearest(asked.text, samples) if len(normalise(asked.text)) >= SHORTEST else None
        if number is None:
            row = ClusterRow(title=asked.text, standing=Standing.OPEN.value, count=0, first=asked.at, last=asked.at,
                             samples=[], by="", tried=0)  # fmt: skip
            if len(normalise(asked.text)) < SHORTEST:
                row.standing = Standing.DISMISSED.value
            session.add(row)
            session.flush()
            number, rows[row.id], samples[row.id] = row.id, row, []
        row = rows[number]
        asked.cluster = number
        row.count += 1
        row.first, row.last = min(row.first, asked.at), max(row.last, asked.at)
        if asked.text not in samples[number] and len(samples[number]) < SAMPLES:
            samples[number].append(asked.text)
            row.samples = list(samples[number])
    session.flush()
    return len(new)


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions alike that the robot could not answer, or answered wrongly."""

    id: int
    title: str
    standing: Standing
    count: int
    first: datetime
    last: datetime
    samples: tuple[str, ...]
    article: str | None
    by: str


def _cluster(row: ClusterRow) -> Cluster:
    return Cluster(
        row.id, row.title, Standing(row.standing), row.count, row.first, row.last, tuple(row.samples), row.article,
        row.by,
    )  # fmt: skip


def clusters(session: Session, standing: Standing, most: int = 100) -> tuple[list[Cluster], int]:
    """The largest first, and how many there are."""
    where = ClusterRow.standing == standing.value
    count = session.scalar(select(func.count()).select_from(ClusterRow).where(where)) or 0
    rows = session.scalars(select(ClusterRow).where(where).order_by(ClusterRow.count.desc(), ClusterRow.id).limit(most))
    return [_cluster(row) for row in rows], count


def one(session: Session, number: int) -> Cluster | None:
    row = session.get(ClusterRow, number)
    return _cluster(row) if row else None


def transcripts(session: Session, number: int, most: int = 50) -> list[AskedRow]:
    """The newest questions of a cluster."""
    wanted = select(AskedRow).where(AskedRow.cluster == number).order_by(AskedRow.at.desc()).limit(most)
    return list(session.scalars(wanted))


def move(session: Session, number: int, to: Standing, by: str, article: str | None = None) -> bool:
    """Whether there is such a cluster.  The caller commits."""
    row = session.get(ClusterRow, number, with_for_update=True)
    if row is None:
        return False
    row.standing, row.by = to.value, by
    row.article = article if to in {Standing.STARTED, Standing.CLOSED} else None
    return True


def answered_by(session: Session, article: str) -> None:
    """An article has been published: what it was written for is settled.  The caller commits."""
    mine = select(ClusterRow).where(ClusterRow.article == article, ClusterRow.standing == Standing.STARTED.value)
    for row in session.scalars(mine):
        row.standing = Standing.CLOSED.value


def _untried(version: int) -> ColumnElement[bool]:
    return (ClusterRow.standing == Standing.OPEN.value) & (ClusterRow.tried != version)


def untried(session: Session) -> list[str]:
    """Samples of the open clusters that were last put to other knowledge than is published now."""
    rows = session.scalars(select(ClusterRow).where(_untried(store.version(session))))
    return [text for row in rows for text in row.samples]


def settle(session: Session, answers: Answers, version: int) -> int:
    """Close what some published article answers by now; how many clusters.  The caller commits.

    answers: to untried(), by the knowledge of this version; a cluster that has got another sample since is left for
    the next time.  A cluster of rejected answers is not settled by the article that was rejected.
    """
    closed = 0
    for row in session.scalars(select(ClusterRow).where(_untried(version))).all():
        if any(text not in answers for text in row.samples):
            continue
        row.tried = version
        given = {answers[text] for text in row.samples}
        first = given.pop() if len(given) == 1 else None
        if first is None:
            continue
        wrong = select(func.count()).select_from(AskedRow).where(AskedRow.cluster == row.id, AskedRow.article == first)
        if not session.scalar(wrong):
            row.standing, row.article, row.by = Standing.CLOSED.value, first, "timetable"
            closed += 1
    return closed
