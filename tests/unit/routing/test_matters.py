"""Citizens' own words find the matter they mean, and the probability told with it can be believed."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from kb.text import normalise
from routing import matter_weights
from routing.catalogue import Catalogue, shipped
from routing.matters import SURE, Matters, Ranked, rank
from routing.training.noise import Channel

FRESH = yaml.safe_load(Path(__file__).with_name("matters_asked.yaml").read_text(encoding="utf-8"))
ASKED = [(code, said) for code, line in FRESH.items() for said in line.split(" / ")]


def as_said(said: str) -> str:
    return said


def misheard() -> Callable[[str], str]:
    channel, dice = Channel(said for _, said in ASKED), random.Random(3)
    return lambda said: channel.corrupt(said, 0.2, dice)


def answers(hear: Callable[[str], str]) -> list[tuple[str, tuple[Ranked, ...]]]:
    return [(code, rank(hear(said))) for code, said in ASKED]


def among(told: list[tuple[str, tuple[Ranked, ...]]], first: int) -> float:
    return sum(code in [r.code for r in ranked[:first]] for code, ranked in told) / len(told)


def test_sentences_no_file_holds_find_their_matter():
    known = {normalise(said) for leaf in shipped().leaves.values() for said in leaf.said}
    assert [said for _, said in ASKED if normalise(said) in known] == []
    clean, noisy = answers(as_said), answers(misheard())
    assert among(clean, 1) >= 0.9
    assert among(clean, 3) >= 0.97
    assert among(noisy, 1) >= 0.82
    assert among(noisy, 3) >= 0.92


@pytest.mark.parametrize("hear", [as_said, misheard()], ids=["clean", "misheard"])
def test_a_probability_is_not_promised_too_high(hear):
    told = [(ranked[0].probability, ranked[0].code == code) for code, ranked in answers(hear)]
    for low, high in ((0.0, 0.5), (0.5, SURE), (SURE, 0.95), (0.95, 1.01)):
        those = [(p, right) for p, right in told if low <= p < high]
        mean, right = (sum(column) / max(len(those), 1) for column in zip(*those, strict=True))
        assert len(those) < 10 or right >= mean - 0.1, f"{low}: promised {mean:.2f}, right {right:.2f}"


def test_the_matter_most_callers_mean_needs_no_question():
    sure = [ranked[0].probability >= SURE for _, ranked in answers(as_said)]
    assert sum(sure) / len(sure) >= 0.6


def catalogue_with(code: str, said: str) -> Catalogue:
    known = shipped()
    leaf = known.leaves[code]
    return replace(known, leaves={**known.leaves, code: replace(leaf, said=(*leaf.said, said))})


def test_a_sentence_an_editor_adds_counts_at_once():
    new = "那个铁皮娃娃又在转圈圈了"  # a new word for something the weights have never seen
    assert rank(new)[0].code != "1108"
    known = catalogue_with("1108", new)
    found = Matters(known.leaves.values(), learned=matter_weights.shipped()).rank("铁皮娃娃又在转圈圈了")
    assert found[0].code == "1108"
    assert new in found[0].because


def test_another_citys_matters_are_ranked_without_the_learned_weights():
    leaves = [replace(leaf, code=f"x{leaf.code}") for leaf in shipped().leaves.values()]
    found = Matters(leaves, learned=matter_weights.shipped()).rank("我家暖气不热")
    assert found[0].code == "x0101"


def test_the_dispatcher_reads_which_words_and_which_known_sentence_spoke():
    because = rank("马路上有个井盖没了太危险")[0].because
    assert "说到" in because
    assert "井盖" in because
    assert "相近说法" in because


def test_ranking_takes_milliseconds_and_may_be_asked_from_many_threads():
    rank("热身")
    began = time.thread_time()  # of this thread alone, so that the machine's other work does not count
    for number, (_, said) in enumerate(ASKED[:60]):
        rank(f"{chr(0x4E00 + number)}{said}")
    assert (time.thread_time() - began) / 60 < 0.010
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(rank, (said for _, said in ASKED[:40]))) == [rank(said) for _, said in ASKED[:40]]


def test_a_sentence_stands_with_one_matter_only():
    where: dict[str, set[str]] = {}
    for leaf in shipped().leaves.values():
        assert len(set(leaf.said)) == len(leaf.said), leaf.code
        for said in leaf.said:
            where.setdefault(normalise(said), set()).add(leaf.code)
    assert {said: codes for said, codes in where.items() if len(codes) > 1} == {}
    assert min(len(leaf.said) for leaf in shipped().leaves.values()) >= 30
