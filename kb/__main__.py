"""The knowledge's door: `python -m kb ask | evaluate | train | upgrade | work`."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from kb import exchange, jobs, measure, ranking, schema, store
from kb.answer import choose, weigh
from kb.index import Hit, Index
from kb.likeness import FEATURES
from kb.live import Knowledge
from kb.ranking import Ranking
from kb.store import read_jsonl
from kb.training import Question, compare_all, cross_validated, learn, write

Search = Callable[[str, Sequence[str], Sequence[float]], Sequence[Hit]]


def database() -> str:
    home = Path(os.environ.get("HOTLINE_HOME") or "run").absolute()
    return os.environ.get("DATABASE_URL") or f"sqlite:///{home}/hotline.db"


def redis_url() -> str:
    base = int(os.environ.get("HOTLINE_PORT_BASE") or 21000)
    return os.environ.get("REDIS_URL") or f"redis://127.0.0.1:{base + 10}/0"


def searcher(articles: Path | None) -> Search:
    """Searches a file of articles, or what is published."""
    return Knowledge(database()).hits if articles is None else index_of(articles).search


def rows(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if line.strip():
            yield json.loads(line)


def readings(row: Mapping[str, Any]) -> tuple[str, list[str], list[float]]:
    """What was said, how else it may have been said, how sure each is (0..1; none where nobody said).

    The text may be the first of the alternatives, as in a call's record; each may have its confidence with it.
    """
    listed = [one if isinstance(one, dict) else {"text": one} for one in row.get("alternatives") or ()]
    texts = [str(one["text"]) for one in listed]
    sure = [float(c) for c in row.get("confidences") or [one["confidence"] for one in listed if "confidence" in one]]
    if not all(0 <= one <= 1 for one in sure):
        raise ValueError(f"a confidence is between 0 and 1: {sure}")
    words = str(row.get("text") or texts[0]) if texts else str(row["text"])
    return words, texts[1:] if texts[:1] == [words] else texts, sure


def told(hits: Sequence[Hit], numbers: Ranking) -> dict[str, Any]:
    """decision, article, p, candidates (at most five, whatever was decided)."""
    decision, choices = choose(hits, numbers), weigh(hits, numbers)
    kind = type(decision).__name__.lower()
    return {
        "decision": kind,
        "article": choices[0].article if choices and kind != "unknown" else None,
        "p": choices[0].probability if choices else 0.0,
        "candidates": [{"article": c.article, "p": c.probability} for c in choices],
    }


def ask(chosen: argparse.Namespace) -> None:
    """{"id","text"} a line in, one decision a line out; "alternatives" and "confidences" as `readings` takes them."""
    search, numbers = searcher(chosen.articles), ranking.shipped()
    for row in rows(sys.stdin):
        answer = {"id": row.get("id", row.get("qid"))} | told(search(*readings(row)), numbers)
        print(json.dumps(answer, ensure_ascii=False), flush=True)


def export(chosen: argparse.Namespace) -> None:
    """Read in one go; a process of its own, so that nobody waits for it."""
    engine = schema.connect(database())
    with Session(engine) as session:
        listed = store.speakable(session, date.today()) if chosen.heard else store.everything(session)
        exchange.write(chosen.format, listed, sys.stdout.buffer)
    engine.dispose()


def questions(files: Iterable[Path]) -> list[Question]:
    """{"text", "entry"} a line; entry null: no article answers it."""
    listed = []
    for file in files:
        with file.open(encoding="utf-8") as lines:
            listed += [
                Question(str(row["text"]), row["entry"], str(row.get("clean") or row["text"])) for row in rows(lines)
            ]
    return listed


def index_of(articles: Path, numbers: Ranking | None = None) -> Index:
    today = date.today()
    return Index.build([a for a in read_jsonl(articles) if a.speakable(today)], ranking=numbers)


def evaluate(chosen: argparse.Namespace) -> None:
    """recall@1/2/3, coverage at 95 and 99 % precision, reliability, latency, as one JSON object."""
    index, asked = index_of(chosen.articles), questions(chosen.queries)
    numbers = ranking.shipped()
    if chosen.folds:
        # each question is measured with what was learned from the others
        parts = cross_validated(index, asked, chosen.folds)
        tried = [measure.trial(index.with_ranking(r), q, r) for q, r in parts]
    else:
        tried = [measure.trial(index, q, numbers) for q in asked]
    print(json.dumps(measure.figures(tried), ensure_ascii=False, indent=1))


def train(chosen: argparse.Namespace) -> None:
    """Learn the numbers of ranking.json anew."""
    index = index_of(chosen.articles, ranking.unlearned(len(FEATURES)))
    asked = questions(chosen.queries)
    write(learn(compare_all(index, asked), asked))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m kb", description=__doc__)
    doors = parser.add_subparsers(dest="door", required=True)
    asking = doors.add_parser("ask")
    asking.add_argument("--articles", type=Path)
    measuring = doors.add_parser("evaluate")
    measuring.add_argument("--articles", type=Path, required=True)
    measuring.add_argument("--queries", type=Path, required=True, nargs="+")
    measuring.add_argument("--folds", type=int, default=0, help="cross-validate with so many parts")
    training = doors.add_parser("train")
    training.add_argument("--articles", type=Path, required=True)
    training.add_argument("--queries", type=Path, required=True, nargs="+")
    exporting = doors.add_parser("export", help="every article, or those that may be heard, to standard output")
    exporting.add_argument("--format", choices=list(exchange.FORMATS), default="jsonl")
    exporting.add_argument("--heard", action="store_true")
    doors.add_parser("upgrade")
    doors.add_parser("work")
    chosen = parser.parse_args()
    try:
        match chosen.door:
            case "ask":
                ask(chosen)
            case "evaluate":
                evaluate(chosen)
            case "train":
                train(chosen)
            case "export":
                export(chosen)
            case "upgrade":
                schema.upgrade(database())
            case "work":
                jobs.work(database(), redis_url())
    except (OSError, ValueError, KeyError) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
