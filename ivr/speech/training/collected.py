"""Sentences people wrote for other parts of the project -> work/collected.tsv (as train.tsv), for the language model.

What callers say about danger, matters and situations, the questions of the knowledge, and what the line itself says
(the dial test listens to it): wording that no template foresees.  Left out are the sentences by which recognition, lookup and danger are measured: `MEASURED`, wherever else
they stand.
"""

import json
import os
import re
import sys
import tomllib
from pathlib import Path

import common as c
import corpus
import yaml

ROOT = Path(__file__).resolve().parents[3]
MEASURED = ("kb/sample/questions.jsonl", "routing/training/emergency_collected.jsonl")
DRILL_DESK = "一一零演练台，请讲"  # as the desk of ivr.phone.desk110 answers
LONGEST = 60  # characters
CHUNK = re.compile(r"[，。！？；、：,.!?;:…\s]+")
DIGIT = str.maketrans("0123456789", corpus.DIGITS)


def texts():
    """Every sentence, as written."""
    for file in sorted((ROOT / "routing/training").glob("emergency_*.jsonl")):
        for line in file.open(encoding="utf-8"):
            yield json.loads(line)["text"]
    for name in ("said", "described"):
        table = yaml.safe_load((ROOT / f"routing/catalogue_{name}.yaml").read_text(encoding="utf-8"))
        for told in table.values():
            yield from told.split(" / ") if isinstance(told, str) else told
    for line in (ROOT / "kb/sample/situations.txt").open(encoding="utf-8"):
        if line.strip() and not line.startswith("#"):
            names, *told = line.strip().split("|")
            yield from (*names.split(), *told)
    for line in (ROOT / "kb/sample/articles.jsonl").open(encoding="utf-8"):
        article = json.loads(line)
        yield from (article["question"], *article.get("alternatives", ()), article["answer"])
    for told in spoken_by_the_line(tomllib.loads((ROOT / "ivr/speech/wording.toml").read_text(encoding="utf-8"))):
        yield from re.split(r"\{\w+\}", told)
    yield DRILL_DESK


def spoken_by_the_line(wording):
    """Every sentence in a table of wording, whatever lies within what."""
    for told in wording.values() if isinstance(wording, dict) else wording:
        if isinstance(told, str):
            yield told
        else:
            yield from spoken_by_the_line(told)


def speakable(text):
    """Hanzi and single capital letters, clauses divided by commas; None when something else is left."""
    text = ",".join(part for part in CHUNK.split(text.strip().upper()) if part)
    text = re.sub("([A-Z])", r" \1 ", text).translate(DIGIT)
    return text if text and re.fullmatch(r"[\u4e00-\u9fffA-Z ,]+", text) else None


def measured():
    """Sentences nothing may be learned from, without spaces and punctuation."""
    for name in MEASURED:
        for line in (ROOT / name).open(encoding="utf-8"):
            told = speakable(json.loads(line)["text"])
            if told:
                yield re.sub("[ ,]", "", told)


def main():
    corpus.prepare_segmenter()
    seen, left_out, forbidden = set(), 0, set(measured())
    with open(os.path.join(c.WORK, "collected.tsv"), "w", encoding="utf-8") as f:
        for text in texts():
            told = speakable(text)
            words = corpus.words_of(told) if told else []
            key = "".join(w for w in words if w != ",")
            if not words or key in seen or key in forbidden or len(key) > LONGEST:
                left_out += not words
                continue
            seen.add(key)
            try:
                read = corpus.pinyin_of(words)
            except (AssertionError, KeyError):
                left_out += 1
                continue
            if not all(c.syllable_phones(x) for p in read if p != "," for x in p.split("_")):
                left_out += 1
                continue
            f.write(f"collected\t{' '.join(words)}\t{' '.join(read)}\n")
    print(len(seen), "collected sentences,", left_out, "that cannot be said")


if __name__ == "__main__":
    sys.exit(main())
