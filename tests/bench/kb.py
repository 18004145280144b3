"""How does the lookup compare with plain methods, on the same questions in one run?  `make bench-kb`.

Without arguments: the sample articles, each asked for by its last phrasing, which it then does without; then the
shipped lookup on questions by another hand, which nothing was learned from: near_misses are answered by no article (a
third share an article's words, a third are about other matters, a third are no question at all), near_misses_again
neither (of a third hand; seven in ten share an article's words), asked_otherwise asks in everyday words for what an
article says.  With
`--articles A --queries Q ...` a written set; the lookup's own row is then cross-validated (5 folds over entries), so
that no question is answered with numbers learned from it.

`--large FILE` (JSON lines with `id` and `question`, .gz or not): the sample articles among all of these, asked with the
sample's written questions.  How long the index takes to build and what it keeps, how long a question takes, how
long one article more.  Each question is asked once before, as nobody is the first caller for long.
"""

import argparse
import gzip
import json
import math
import resource
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from rapidfuzz import fuzz, process

from kb import ranking, store
from kb.__main__ import index_of, questions
from kb.answer import NEARLY
from kb.article import Article
from kb.index import Index
from kb.measure import Trial, coverage, trial
from kb.ranking import SURE, Ranking
from kb.text import normalise
from kb.training import Question, cross_validated

ANOTHER_HAND = Path(__file__).with_name("another_hand")
SAMPLE_QUESTIONS = store.SAMPLE.parent / "questions.jsonl"
Plain = Callable[[str], list[tuple[str, float]]]  # (article, score), best first


def by_rapidfuzz(articles: Sequence[Article], scorer: Callable[..., float]) -> Plain:
    texts = {(a.id, n): normalise(w) for a in articles for n, w in enumerate(a.wordings())}

    def ask(text: str) -> list[tuple[str, float]]:
        return [(key[0], score) for _, score, key in process.extract(normalise(text), texts, scorer=scorer, limit=40)]

    return ask


def grams(text: str, sizes: Sequence[int]) -> list[str]:
    return [text[i : i + n] for n in sizes for i in range(len(text) - n + 1)]


def by_bm25(articles: Sequence[Article]) -> Plain:
    texts = [(a.id, Counter(grams(normalise(w), (1, 2)))) for a in articles for w in a.wordings()]
    holders: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for n, (_, held) in enumerate(texts):
        for gram, times in held.items():
            holders[gram].append((n, times))
    lengths = [sum(held.values()) for _, held in texts]
    mean = sum(lengths) / len(lengths)

    def ask(text: str) -> list[tuple[str, float]]:
        scores: Counter[int] = Counter()
        for gram in set(grams(normalise(text), (1, 2))):
            found = holders.get(gram, [])
            telling = math.log(1 + (len(texts) - len(found) + 0.5) / (len(found) + 0.5))
            for n, times in found:
                scores[n] += telling * times * 2.2 / (times + 1.2 * (0.6 + 0.4 * lengths[n] / mean))
        return [(texts[n][0], score) for n, score in scores.most_common(40)]

    return ask


def by_trigrams(articles: Sequence[Article]) -> Plain:
    database = sqlite3.connect(":memory:")
    database.execute("create virtual table t using fts5(id unindexed, words, tokenize='trigram')")
    rows = [(a.id, normalise(w)) for a in articles for w in a.wordings()]
    database.executemany("insert into t values (?, ?)", rows)

    def ask(text: str) -> list[tuple[str, float]]:
        wanted = " OR ".join(f'"{gram}"' for gram in grams(normalise(text), (3,)))
        query = "select id, -bm25(t) from t where t match ? order by 2 desc limit 40"
        return list(database.execute(query, (wanted,))) if wanted else []

    return ask


def tried(ask: Plain, asked: Sequence[Question]) -> list[Trial]:
    done = []
    for question in asked:
        began = time.perf_counter()
        hits = list(dict(reversed(ask(question.text))).items())[::-1]
        took = 1000 * (time.perf_counter() - began)
        hits = sorted(hits, key=lambda h: -h[1])
        place = next((n for n, (article, _) in enumerate(hits) if article == question.article), 99)
        done.append(Trial(hits[0][1] if hits else 0.0, place, question.article is not None, took))
    return done


def shown(name: str, trials: Sequence[Trial]) -> None:
    known = [t for t in trials if t.answerable]
    took = sorted(t.milliseconds for t in trials)
    first, second = (sum(t.place < n for t in known) / max(1, len(known)) for n in (1, 2))
    print(
        f"| {name} | {first:.3f} | {second:.3f} | {coverage(trials, 0.95):.3f} | {coverage(trials, 0.99):.3f} "
        f"| {took[len(took) // 2]:.2f} | {took[int(len(took) * 0.99)]:.2f} |",
        flush=True,
    )


def held_back() -> tuple[list[Article], list[Question]]:
    whole = [a for a in store.sample(date.today()) if a.phrasings]
    return [replace(a, phrasings=a.phrasings[:-1]) for a in whole], [Question(a.phrasings[-1], a.id) for a in whole]


def large(file: Path) -> None:
    """A city's knowledge, some hundred times larger than the sample."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    told = [json.loads(line) for line in content.splitlines()]
    others = [Article(t["id"], 1, t["question"], (), "请咨询热线。", "热线") for t in told]
    ours = store.sample(date.today())
    rows = [json.loads(line) for line in SAMPLE_QUESTIONS.read_text(encoding="utf-8").splitlines()]
    asked = [Question(row["text"], row["article"]) for row in rows]
    held, began, busy = memory(), time.perf_counter(), time.process_time()
    index = Index.build([*ours, *others])
    built, worked = time.perf_counter() - began, time.process_time() - busy
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked += children.ru_utime + children.ru_stime
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(index)} articles: built in {built:.1f} s ({worked:.0f} s of processors)")
    print(f"memory: {memory() - held:.0f} MiB kept, {peak:.0f} MiB at most held by this process")
    numbers = ranking.shipped()
    for question in asked:
        index.search(question.text)
    trials = [trial(index, question, numbers) for question in asked]
    took = sorted(t.milliseconds for t in trials)
    known = [t for t in trials if t.answerable]
    print(f"a question: p50 {took[len(took) // 2]:.1f} ms, p99 {took[int(len(took) * 0.99)]:.1f} ms")
    print(f"first article right: {sum(t.place < 1 for t in known) / len(known):.3f} (the weights know these questions)")
    changes = []
    for n, told_once in enumerate(told[:20]):
        began = time.perf_counter()
        index = index.changed([Article(f"new{n}", 1, f"请问{told_once['question']}", (), "请咨询热线。", "热线")])
        changes.append(1000 * (time.perf_counter() - began))
    print(f"one article more: {min(changes):.1f} to {max(changes):.1f} ms")


def memory() -> float:
    """MiB this process holds."""
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.kb", description=__doc__)
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--queries", type=Path, nargs="+", default=[])
    parser.add_argument("--large", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    if chosen.large:
        large(chosen.large)
    else:
        compare(chosen)


def compare(chosen: argparse.Namespace) -> None:
    """Tables of the lookup beside plain methods."""
    if chosen.articles:
        index, sets = index_of(chosen.articles), [(f.name, questions([f])) for f in chosen.queries]
    else:
        articles, asked = held_back()
        index, sets = Index.build(articles), [("the sample's last phrasings", asked)]
    numbers = ranking.shipped()
    learned = cross_validated(index, [q for _, asked in sets for q in asked]) if chosen.articles else []
    for name, asked in sets:
        print(f"\n{name}: {len(asked)} questions, {len(index)} articles")
        print("| method | R@1 | R@2 | cov@95 | cov@99 | p50 ms | p99 ms |\n|---|---|---|---|---|---|---|")
        mine, learned = learned[: len(asked)], learned[len(asked) :]
        if mine:
            shown("the lookup, 5 folds", [trial(index.with_ranking(r), q, r) for q, r in mine])
        else:
            shown("the lookup", [trial(index, q, numbers) for q in asked])
        for method, scorer in (("ratio", fuzz.ratio), ("WRatio", fuzz.WRatio)):
            shown(f"rapidfuzz {method}", tried(by_rapidfuzz(index.articles, scorer), asked))
        shown("BM25, 1- and 2-grams", tried(by_bm25(index.articles), asked))
        shown("SQLite FTS5 trigram", tried(by_trigrams(index.articles), asked))
    if not chosen.articles:
        by_another_hand(numbers)


def by_another_hand(numbers: Ranking) -> None:
    """What the shipped lookup does with questions it was not made for."""
    index = Index.build(store.sample(date.today()))
    for name in ("near_misses", "asked_otherwise", "near_misses_again"):
        asked = questions([ANOTHER_HAND / f"{name}.jsonl"])
        trials = [trial(index, question, numbers) for question in asked]
        given = [t for t in trials if t.probability >= SURE]
        unsure = sum(NEARLY <= t.probability < SURE for t in trials)
        print(f"{name}: {len(trials)} questions, {sum(t.right for t in given)} answered rightly,", end=" ")
        print(f"{sum(not t.right for t in given)} wrongly, {unsure} asked back,", end=" ")
        print(f"first article right {sum(t.right for t in trials)}")


if __name__ == "__main__":
    main()
