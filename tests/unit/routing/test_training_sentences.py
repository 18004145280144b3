"""What the weights are learned from does not contradict itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import routing
from kb.text import normalise
from routing.emergency_signs import vocabulary

FOLDER = Path(routing.__file__).parent / "training"
DANGERS = {"emergency_cries", "emergency_described", "emergency_told", "emergency_crisis"}
FILES = sorted(FOLDER.glob("emergency_*.jsonl"))


def rows(file: Path) -> Iterator[dict[str, object]]:
    return (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_row_has_words_and_a_kind(file):
    for row in rows(file):
        assert normalise(str(row["text"])), row
        assert row["kind"], row


@pytest.mark.parametrize("name", sorted(DANGERS - {"emergency_cries"}))
def test_told_dangers_are_of_known_kinds(name):
    kinds = set(vocabulary().kinds)
    assert {row["kind"] for row in rows(FOLDER / f"{name}.jsonl")} <= kinds


def test_no_sentence_is_danger_in_one_file_and_none_in_another():
    danger: dict[str, float] = {}
    for file in FILES:
        for row in rows(file):
            if row["kind"] != "ask":
                told = float(str(row.get("danger", float(file.stem in DANGERS))))
                assert danger.setdefault(normalise(str(row["text"])), told) == told, row


def test_how_ordinary_matters_are_told_is_no_danger_anywhere():
    told = [normalise(line) for line in (FOLDER / "emergency_tellings.txt").read_text(encoding="utf-8").splitlines()]
    danger = {
        normalise(str(row["text"]))
        for file in FILES
        for row in rows(file)
        if row["kind"] == "ask" or row.get("danger", float(file.stem in DANGERS))
    }
    assert all(told)
    assert len(set(told)) > 19_000
    assert set(told) & danger == set()
