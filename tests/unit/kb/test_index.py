from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb import ranking, store
from kb.answer import Answer, choose, weigh
from kb.article import Article
from kb.index import Index
from kb.text import essence, normalise

TODAY = date(2026, 3, 2)
NUMBERS = ranking.shipped()
STRANGE = Article("stranger", 1, "观星台几号开放观测", ("天文望远镜怎么预约看星星",), "每晚八点开放。", "天文馆")


@pytest.fixture(scope="module")
def city() -> Index:
    return Index.build(store.sample(TODAY))


@given(st.text(alphabet="嗯那个就是然后我想问一下请问身份证怎么办12 ，。Ａb", max_size=30))
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)
    assert essence(essence(text)) == essence(text)


def test_who_thinks_aloud_is_understood_as_if_they_had_not(city):
    plain = city.search("社保卡丢了怎么补办")
    aloud = city.search("那个社保卡就是丢了然后怎么就是说补办")
    assert [(hit.article, hit.share) for hit in aloud] == [(hit.article, hit.share) for hit in plain]


def test_every_published_article_finds_itself(city):
    for article in city.articles:
        best = city.search(article.question)[0].article
        assert article.id == best.id or article.question in best.wordings()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_an_unrelated_article_changes_no_confident_answer(city, data):
    article = data.draw(st.sampled_from(city.articles))
    asked = data.draw(st.sampled_from(article.wordings()))
    before = choose(city.search(asked), NUMBERS)
    after = choose(city.changed([STRANGE]).search(asked), NUMBERS)
    if isinstance(before, Answer):
        assert isinstance(after, Answer)
        assert after.article == before.article


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("嗯那个身份正掉了怎么补班", "身份证丢了怎么补办"),  # homophones and fillers
        ("护罩到旗了怎么换", "护照到期怎么换"),
        ("住房公积精怎么提去", "公积金"),
    ],
)
def test_what_the_recogniser_misheard_is_understood(city, said, meant):
    assert any(meant[:2] in hit.article.question for hit in city.search(said)[:2])


def test_an_editor_reads_which_syllables_were_heard_otherwise(city):
    reason = city.search("社宝卡掉了怎么挂失")[0].because()
    assert "「" in reason
    assert "宝bǎo→保bǎo" in reason


def test_a_surer_reading_outweighs_an_unsure_one(city):
    first = city.search("护照怎么办", ["居住证怎么办"], [0.9, 0.1])[0].article
    other = city.search("护照怎么办", ["居住证怎么办"], [0.1, 0.9])[0].article
    assert "护照" in first.question
    assert "居住证" in other.question


def test_an_added_article_is_found_at_once_and_a_removed_one_no_more(city):
    more = city.changed([STRANGE])
    assert more.search("看星星的望远镜怎么约")[0].article == STRANGE
    assert all(h.article != STRANGE for h in more.changed(removed=["stranger"]).search("天文望远镜怎么预约看星星"))
    renamed = replace(STRANGE, question="流星雨哪天能看", phrasings=(), revision=2)
    assert more.changed([renamed]).search("流星雨哪天能看")[0].article == renamed


def test_an_index_whose_articles_are_all_gone_answers_nothing():
    index = Index.build([STRANGE]).changed(removed=["stranger"])
    assert index.search("天文望远镜怎么预约看星星") == ()


def test_what_is_promised_is_kept(city):
    """Reliability: each wording is asked while its article does without it."""
    asked = [(a, n) for a in city.articles for n in range(len(a.phrasings))]
    seen = []
    for article, n in asked:
        less = replace(article, phrasings=article.phrasings[:n] + article.phrasings[n + 1 :])
        hits = city.changed([less]).search(article.phrasings[n])
        first = weigh(hits, NUMBERS)[0] if hits else None
        seen.append((first.probability, first.article == article.id) if first else (0.0, False))
    for promised in (0.5, 0.7, 0.8, 0.9, 0.95):
        given = [right for p, right in seen if p >= promised]
        print(f"p >= {promised}: {len(given)} asked, {sum(given) / max(1, len(given)):.3f} right")
        assert sum(given) >= promised * len(given)


@pytest.mark.parametrize(
    "flaw",
    [
        {"valid_until": TODAY - timedelta(days=1)},
        {"valid_from": TODAY + timedelta(days=1)},
        {"needs_authority": True},
        {"spoken": ""},
    ],
)
def test_an_article_that_may_not_be_spoken_is_not(flaw):
    assert not replace(STRANGE, **flaw).speakable(TODAY)


def test_an_article_of_which_no_word_is_left_answers_nothing_and_breaks_nothing():
    index = Index.build([Article("a", 1, "？？", (), "？", "x")])
    assert not isinstance(choose(index.search("水费怎么交"), ranking.shipped()), Answer)
