"""What was worked out from the tables is there again at the next start, and never when the tables have changed."""

from pathlib import Path

from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from kb import meaning
from kb.kept import kept
from kb.pinyin import CODES, fold, toneless


class Working:
    """Counts how often something was worked out."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, int]:
        self.times += 1
        return {"times": self.times}


def test_the_second_start_finds_what_the_first_worked_out(tmp_path: Path):
    table, work = tmp_path / "table.txt", Working()
    table.write_text("一")
    assert [kept("x", [table], work, tmp_path / "kept")["times"] for _ in range(3)] == [1, 1, 1]
    table.write_text("二")
    assert kept("x", [table], work, tmp_path / "kept")["times"] == 2
    assert len(list((tmp_path / "kept").iterdir())) == 1, "what belongs to the old table is gone"


def test_a_broken_file_is_worked_out_anew(tmp_path: Path):
    table, work = tmp_path / "table.txt", Working()
    table.write_text("一")
    kept("x", [table], work, tmp_path / "kept")
    (file,) = (tmp_path / "kept").iterdir()
    file.write_bytes(file.read_bytes()[:7])
    assert kept("x", [table], work, tmp_path / "kept")["times"] == 2


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path):
    (tmp_path / "kept").write_text("a file is no folder")
    (tmp_path / "table.txt").write_text("一")
    assert kept("x", [tmp_path / "table.txt"], Working(), tmp_path / "kept")["times"] == 1


def test_what_is_kept_says_the_same_as_what_is_worked_out():
    found, made = meaning.shipped(), meaning.work_out()
    texts = ["我想问一下孩子上户口要带什么", "暖气不热找谁", "Ａ１号线几点停运"]
    for text in texts:
        assert found.spell(text) == made.spell(text)
        spelled = [made.spell(text)]
        assert (found.place(spelled).nearest == made.place(spelled).nearest).all()


def test_every_syllable_there_is_has_a_code_of_its_own():
    read = {fold(toneless(reading)) for every in PINYIN_DICT.values() for reading in every.split(",")}
    read |= {fold(toneless(reading[0])) for every in PHRASES_DICT.values() for reading in every}
    assert read == set(CODES)
    assert len(set(CODES.values())) == len(CODES)
