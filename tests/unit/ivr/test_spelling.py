"""Figures are said as a person would say them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.spelling import pinyin, spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2025年3月1日", "二零二五年三月一日"),
        ("拨打12345", "拨打幺二三四五"),
        ("报警打110", "报警打幺幺零"),
        ("上午8:30", "上午八点三十分"),
        ("涨了15%", "涨了百分之十五"),
        ("0473-2012345", "零四七三二零幺二三四五"),
        ("每月120.5元", "每月一百二十点五元"),
        ("APP", "诶批批"),
    ],
)
def test_written_becomes_spoken(written, said):
    assert spoken(written) == said


@given(st.text(alphabet="零一二三年月日12345%:.-元AbC，。 ", max_size=30))
def test_what_is_spoken_stays_as_it_is(text):
    assert spoken(spoken(text)) == spoken(text)


def test_pinyin_reads_phrases():
    assert pinyin("银行。") == "yin2 hang2."
