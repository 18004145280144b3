from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from kb import schema, store
from kb.answer import Answer, Unknown
from kb.article import Article, State
from kb.live import Knowledge
from kb.tables import ArticleRow

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
STARS = Article("", 1, "观星台几号开放观测", ("天文望远镜怎么预约看星星",), "每晚八点开放。", "天文馆")


def put(engine, *articles):
    with schema.writing(engine) as session:
        for article in articles:
            store.save(session, article, "anna", NOW)
        session.commit()


@pytest.fixture
def city(knowledge):
    put(knowledge, *store.sample(TODAY)[:40])
    return knowledge


@pytest.fixture
def running(city, knowledge_url):
    assert city.url
    known = Knowledge(knowledge_url)
    known.refresh(TODAY)
    return known


def named(number, article):
    values = {name: getattr(article, name) for name in store.FIELDS}
    return Article(**(values | {"id": number}))


def test_a_running_call_hears_what_was_just_published_and_only_that_is_read(running, city):
    put(city, named("stars", STARS))
    read = []
    event.listen(running._engine, "before_cursor_execute", lambda *a: read.append(a[3]))
    assert running.refresh(TODAY)
    assert isinstance(running.ask("天文望远镜怎么预约看星星", today=TODAY), Answer)
    assert any("stars" in str(parameters) for parameters in read)
    assert not running.refresh(TODAY)


def test_the_reading_the_recogniser_was_surer_of_is_answered(running, city):
    put(city, named("stars", STARS))
    running.refresh(TODAY)
    heard = ("天文望远镜怎么预约看星星", [store.sample(TODAY)[0].question])
    assert running.hits(*heard, [0.9, 0.1], TODAY)[0].article.id == "stars"
    assert running.ask(*heard, [0.1, 0.9], TODAY) == running.ask(heard[1][0], today=TODAY)


def test_when_every_article_is_withdrawn_nothing_is_answered(running, city):
    asked = store.sample(TODAY)[0].question
    with Session(city) as session:
        for row in session.query(ArticleRow):
            row.live, row.state = None, State.WITHDRAWN.value
        store.touch(session)
        session.commit()
    assert running.refresh(TODAY)
    assert running.ask(asked, today=TODAY) == Unknown(())


def test_an_article_is_silent_from_the_day_after_its_last(running, city):
    put(city, Article(**{**{n: getattr(STARS, n) for n in store.FIELDS}, "id": "stars", "valid_until": TODAY}))
    running.refresh(TODAY)
    assert isinstance(running.ask("天文望远镜怎么预约看星星", today=TODAY), Answer)
    tomorrow = date(2026, 3, 3)
    assert not isinstance(running.ask("天文望远镜怎么预约看星星", today=tomorrow), Answer)
    running.refresh(tomorrow)
    assert not isinstance(running.ask("天文望远镜怎么预约看星星", today=tomorrow), Answer)


def test_a_broken_index_is_refused_and_the_old_one_stays(running, city):
    asked = store.sample(TODAY)[0].question
    before = running.ask(asked, today=TODAY)
    put(city, named("stars", Article("", 1, "……", (), "没有可听的问题。", "天文馆")))  # no syllable to be found by
    assert not running.refresh(TODAY)
    assert running.ask(asked, today=TODAY) == before
