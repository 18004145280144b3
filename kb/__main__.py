"""The knowledge's door: `python -m kb ask | evaluate | upgrade`."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from kb import ranking, schema, synonyms
from kb.answer import Answer, Clarify, Decision, choose
from kb.index import Index
from kb.live import Knowledge
from kb.store import read_jsonl

Ask = Callable[[str], Decision]


def database() -> str:
    home = Path(os.environ.get("HOTLINE_HOME") or "run").absolute()
    return os.environ.get("DATABASE_URL") or f"sqlite:///{home}/hotline.db"


def asker(articles: Path | None) -> Ask:
    """Answers from a file of articles, or from what is published."""
    if articles is None:
        return Knowledge(database()).ask
    numbers = ranking.shipped()
    today = date.today()
    index = Index.build([a for a in read_jsonl(articles) if a.speakable(today)], synonyms.shipped(), numbers)
    return lambda words: choose(index.search(words), numbers)


def rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.strip():
            yield json.loads(line)


def told(decision: Decision) -> dict[str, Any]:
    """decision, article, p, candidates."""
    choices = (decision,) if isinstance(decision, Answer) else getattr(decision, "choices", None) or decision.best  # type: ignore[union-attr]
    kind = "answer" if isinstance(decision, Answer) else "clarify" if isinstance(decision, Clarify) else "unknown"
    return {
        "decision": kind,
        "article": choices[0].article if choices and kind != "unknown" else None,
        "p": choices[0].probability if choices else 0.0,
        "candidates": [{"article": c.article, "p": c.probability} for c in choices],
    }


def ask(chosen: argparse.Namespace) -> None:
    """{"id","text"} a line in, one decision a line out."""
    answer = asker(chosen.articles)
    for row in rows(sys.stdin):
        print(
            json.dumps({"id": row.get("id", row.get("qid"))} | told(answer(str(row["text"]))), ensure_ascii=False),
            flush=True,
        )


def evaluate(chosen: argparse.Namespace) -> None:
    """recall@1/3, coverage at 95 and 99 % precision, reliability, latency, as one JSON object."""
    today = date.today()
    numbers = ranking.shipped()
    index = Index.build([a for a in read_jsonl(chosen.articles) if a.speakable(today)], synonyms.shipped(), numbers)
    scored, took = [], []
    with chosen.queries.open(encoding="utf-8") as lines:
        for row in rows(lines):
            began = time.perf_counter()
            hits = index.search(str(row["text"]))
            took.append(1000 * (time.perf_counter() - began))
            ids = [h.article.id for h in hits]
            p = numbers.probability(hits[0].features, [h.score for h in hits]) if hits else 0.0
            scored.append((p, ids[:1] == [row["entry"]], row["entry"] in ids[:3], row["entry"] is not None))
    print(json.dumps(figures(scored, sorted(took)), ensure_ascii=False, indent=1))


def figures(scored: list[tuple[float, bool, bool, bool]], took: list[float]) -> dict[str, Any]:
    """From (probability, first right, among three, answerable) per question."""
    answerable = sum(s[3] for s in scored) or 1
    ordered = sorted(scored, key=lambda s: -s[0])
    coverage = {}
    for precision in (0.95, 0.99):
        right = best = 0
        for given, s in enumerate(ordered, 1):
            right += s[1]
            best = right if right / given >= precision else best
        coverage[f"coverage_at_{precision:g}"] = round(best / answerable, 4)
    bins = [
        (low / 10, [s for s in scored if low / 10 <= s[0] < (low + 1) / 10 or (low == 9 and s[0] == 1)])
        for low in range(10)
    ]
    return {
        "questions": len(scored),
        "recall_at_1": round(sum(s[1] and s[3] for s in scored) / answerable, 4),
        "recall_at_3": round(sum(s[2] and s[3] for s in scored) / answerable, 4),
        **coverage,
        "reliability": [
            {"p_from": low, "questions": len(part), "right": round(sum(s[1] for s in part) / len(part), 3)}
            for low, part in bins
            if part
        ],
        "ms_p50": round(took[len(took) // 2], 2),
        "ms_p99": round(took[int(len(took) * 0.99)], 2),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m kb", description=__doc__)
    doors = parser.add_subparsers(dest="door", required=True)
    asking = doors.add_parser("ask")
    asking.add_argument("--articles", type=Path)
    measuring = doors.add_parser("evaluate")
    measuring.add_argument("--articles", type=Path, required=True)
    measuring.add_argument("--queries", type=Path, required=True)
    doors.add_parser("upgrade")
    chosen = parser.parse_args()
    try:
        match chosen.door:
            case "ask":
                ask(chosen)
            case "evaluate":
                evaluate(chosen)
            case "upgrade":
                schema.upgrade(database())
    except (OSError, ValueError, KeyError) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
