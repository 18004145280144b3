"""The two tables as people wrote them, and the space computed from them."""

from collections import Counter

import numpy as np

from kb import meaning
from kb.situations import RIDGE, SPARE, shared, strongest
from kb.text import normalise

TABLE = meaning.SITUATIONS.read_text(encoding="utf-8").splitlines()
CELLS = [line.split("|") for line in TABLE if not line.startswith("#")]


def test_every_situation_is_one_line_with_a_name_of_its_own_and_told_in_some_way():
    names = Counter(cells[0] for cells in CELLS)
    assert [name for name, times in names.items() if times > 1] == []
    assert [cells[0] for cells in CELLS if len(cells) < 2] == []
    assert [cell for cells in CELLS for cell in cells if cell != cell.strip() or not cell] == []


def test_no_situation_is_told_twice_in_the_same_words():
    twice = []
    for cells in CELLS:
        told = Counter(normalise(cell) for cell in cells[1:])
        twice += [(cells[0], words) for words, times in told.items() if times > 1 or not words]
    assert twice == []


def test_a_telling_of_several_words_belongs_to_few_situations():
    """What many situations share tells none of them apart."""
    told = Counter(normalise(cell) for cells in CELLS for cell in cells[1:] if len(cell) > 4)
    assert [words for words, times in told.items() if times > 2] == []


def test_tellings_that_share_no_sign_with_the_office_are_placed_near_it():
    city = meaning.shipped()
    for told, office, other in (
        ("打零工交五险", "灵活就业人员参加养老保险", "机动车检验"),
        ("楼上扔东西", "高空抛物怎么投诉", "公积金提取"),
    ):
        texts = [city.spell(text) for text in (told, office, other)]
        a, b, c = city.place(texts).directions
        assert a @ b > 0.3 > a @ c


def test_the_strongest_directions_are_those_of_the_whole_problem():
    numbers = np.random.default_rng(7)
    piece = np.sort(numbers.integers(0, 900, 6000))
    line = numbers.integers(0, 300, 6000)
    held = numbers.random(6000).astype(np.float32)
    whole = np.zeros((300, 900))
    np.add.at(whole, (line, piece), held)
    common = shared(piece, line, held, 300)
    assert np.allclose(common, whole @ whole.T, atol=1e-2)
    strength, shape = strongest(common, 20)
    assert shape.shape == (300, 20)
    assert SPARE > 20
    assert np.allclose(strength, np.linalg.eigvalsh(whole @ whole.T)[-20:], rtol=0.01, atol=RIDGE)
