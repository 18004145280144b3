import io
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.article import Article, State
from kb.exchange import FORMATS, BadFile, checked, opened, write

WATER = Article(
    "k1", 1, "怎么交水费", ("水费在哪交", "=1+1", "-5度能浇水吗"), "水费可以在营业厅交。", "水务集团",
    owner="water_co.hbw", valid_from=date(2026, 1, 1), review=date(2026, 9, 1), tags=("水", "费"), state=State.DRAFT,
    needs_authority=True, authorised_until=date(2027, 1, 1), written="第一行\n第二行",
)  # fmt: skip


def back(form: str, *articles: Article, fit: bool = True) -> list[Article]:
    out = io.BytesIO()
    write(form, articles, out)
    file = opened(f"a.{form}", out.getvalue())
    assert file.format == form
    made = [checked(row, None) for row in file.rows]
    assert not fit or [found for _, found in made if found] == []
    return [article for article, _ in made]


@pytest.mark.parametrize("form", FORMATS)
def test_what_goes_out_comes_back_the_same(form):
    other = replace(WATER, id="k2", question="怎么退水费", phrasings=(), needs_authority=False, written="")
    assert [replace(a, revision=1) for a in back(form, WATER, other)] == [WATER, other]


def test_a_character_no_workbook_can_hold_does_not_stop_an_export():
    (article,) = back("xlsx", replace(WATER, written="前\x0b后"))
    assert article.written == "前后"


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C",), exclude_characters="|｜;；"), max_size=30)


@settings(max_examples=40, deadline=None)
@given(WORDS, st.lists(WORDS, max_size=3))
def test_any_text_survives_a_table(question, phrasings):
    wanted = " ".join(question.split()) or "问"
    for form in ("csv", "jsonl"):
        (article,) = back(form, replace(WATER, question=wanted, phrasings=tuple(phrasings)), fit=False)
        assert article.question == wanted


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5"])
def test_the_encoding_of_a_table_is_found_out(encoding):
    text = "問題,答案\n如何辦理居留證明文件,請攜帶身份證到大廳辦理。\n" if encoding == "big5" else (
        "问题,答案,生效日期\n居住证怎么办理需要什么材料,请带身份证到派出所办理居住证。,2026年1月5日\n" * 3
    )  # fmt: skip
    text = text.replace("問題", "question")
    rows = list(opened("a.csv", text.encode(encoding)).rows)
    assert str(rows[0].values["question"])[:2] in {"居住", "如何"}


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.csv", b"", "空"),
        ("a.csv", "标题,内容\n1,2\n".encode(), "缺少列"),
        ("a.csv", "问题,问题,答案\n1,2,3\n".encode(), "重复的列"),
        ("a.xlsx", b"PK\x03\x04 not a workbook", "无法打开"),
        ("a.csv", b"\xff\xfe\x00", "编码"),
    ],
)
def test_a_file_that_is_none_is_refused_with_a_reason(name, data, why):
    with pytest.raises(BadFile, match=why):
        list(opened(name, data).rows)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('{"question": "怎么交水费"}', "spoken"),
        ('{"answer": "在营业厅交。"}', "question"),
        ('{"question": "怎么交水费", "answer": "在营业厅交。", "effective": "2026-02-30"}', "valid_from"),
        ('{"question": "怎么交水费", "answer": "9:00-17:00来交。"}', "spoken"),
        ('{"id": "a b", "question": "怎么交水费", "answer": "在营业厅交。"}', "id"),
        ("no json", ""),
    ],
)
def test_every_error_of_a_row_is_named(line, field):
    (row,) = opened("a.jsonl", line.encode()).rows
    assert field in {flaw.field for flaw in checked(row, None)[1]}


@given(st.binary(max_size=300))
def test_no_bytes_at_all_break_the_reader(data):
    try:
        for row in opened("a.csv", data).rows:
            checked(row, None)
    except BadFile:
        pass
