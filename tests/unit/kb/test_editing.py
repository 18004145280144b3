from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.article import Article, State
from kb.editing import LIFE, Action, Facts, NotAllowed, Role, allowed, choices, flaws, said_wrongly

TODAY = date(2026, 3, 2)
GOOD = Article(
    "k1", 1, "怎么交水费", ("水费在哪交",), "水费可以在营业厅交，电话0473-2999999。", "水务集团",
    owner="water_co.hbw", valid_from=TODAY, review=date(2026, 9, 1), state=State.DRAFT,
)  # fmt: skip


def fields(article: Article) -> set[str]:
    return {flaw.field for flaw in flaws(article, TODAY)}


def test_a_whole_article_may_be_heard():
    assert flaws(GOOD, TODAY) == []


@pytest.mark.parametrize("field", ["owner", "valid_from", "review", "spoken", "source", "question"])
def test_nothing_is_published_without_an_owner_and_dates(field):
    empty = None if field in {"valid_from", "review"} else ""
    assert field in fields(replace(GOOD, **{field: empty}))


@pytest.mark.parametrize(
    "spoken",
    ["2026-01-05起可以办理。", "请在9:00-17:30来。", "需要3-5天。", "一吨1.5元/吨。", "请看www.example.cn。",
     "电话400-810-1234。", "在3号楼501室办。", "面积10㎡。", "第一行\n第二行", "啊" * 200],
)  # fmt: skip
def test_what_a_voice_says_wrongly_is_named_before_a_caller_hears_it(spoken):
    assert "spoken" in fields(replace(GOOD, spoken=spoken))


@pytest.mark.parametrize("spoken", ["电话0473-2999999。", "拨打12345。", "2026年1月5日起，每吨1.5元。", "9:00开门。"])
def test_what_a_voice_says_rightly_is_left_alone(spoken):
    assert said_wrongly(replace(GOOD, spoken=spoken)) == []


def test_an_authorised_matter_is_said_in_the_exact_words_until_the_day():
    granted = replace(
        GOOD, state=State.PUBLISHED, needs_authority=True, authorised_by="水务局", authorised_scope="缴费",
        authorised_wording=GOOD.spoken, authorised_until=date(2026, 3, 2),
    )  # fmt: skip
    assert granted.speakable(TODAY)
    assert flaws(granted, TODAY) == []
    assert not granted.speakable(date(2026, 3, 3))
    assert not replace(granted, spoken="水费随便交。").speakable(TODAY)
    assert not replace(granted, authorised_until=None).speakable(TODAY)
    assert fields(replace(granted, authorised_wording="别的话。")) == {"spoken"}


@given(st.sampled_from(list(State)), st.sampled_from(list(Action)), st.sampled_from(list(Role)), st.booleans())
def test_who_wrote_it_never_checks_or_publishes_it(state, action, role, live):
    step = LIFE.get((state, action))
    mine = Facts(owns=True, actor="anna", writers=("anna",), live=live)
    if step is not None and step.four_eyes:
        with pytest.raises(NotAllowed):
            allowed(state, action, role, mine)


@given(st.sampled_from(list(State)), st.sampled_from(list(Role)), st.booleans(), st.booleans())
def test_only_an_editor_publishes_and_only_what_the_unit_has_seen(state, role, owns, live):
    offered = choices(state, role, Facts(owns=owns, actor="bob", writers=("anna",), live=live))
    if Action.PUBLISH in offered:
        assert role is Role.EDITOR
        assert state is State.EDITOR_CHECK
    if role is Role.UNIT and not owns:
        assert offered == []


def test_every_state_can_be_reached_and_left():
    into = {step.to for (before, _), step in LIFE.items() if step.to is not before}
    assert into == set(State)
    assert {before for (before, _), step in LIFE.items() if step.to is not before} == set(State)
