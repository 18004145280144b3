from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from kb import asked, jobs, misses, schema, store
from kb.article import Article
from kb.asked import Asked
from kb.misses import ALIKE, Standing, alike

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


CALLS = count()


def ask(session, *texts, article=None, rejected=False, at=NOW):
    asked.keep(session, [Asked(f"c{next(CALLS)}", 0, at, t, "unknown", article, rejected) for t in texts])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("暖气费怎么交", "供暖费在哪里缴"),  # by meaning
        ("怎么办理居住证", "怎么半里居住正"),  # by sound
        ("小区停水了什么时候来水", "我们小区停水了几点来水"),
    ],
)
def test_questions_that_sound_or_mean_alike_belong_together(one, other):
    assert alike(one, other) >= ALIKE


@pytest.mark.parametrize(("one", "other"), [("暖气费怎么交", "护照怎么办理"), ("孩子上学怎么报名", "路灯坏了找谁")])
def test_questions_about_different_things_do_not(one, other):
    assert alike(one, other) < ALIKE


def test_misses_become_a_list_with_counts_and_samples(session):
    ask(session, "宠物狗怎么办证", "宠物狗在哪里办证", "宠物狗怎么办症", "广场舞几点结束")
    assert misses.cluster(session) == 4
    assert misses.cluster(session) == 0
    found, number = misses.clusters(session, Standing.OPEN)
    assert number == 2
    assert (found[0].title, found[0].count) == ("宠物狗怎么办证", 3)
    assert [t.text for t in misses.transcripts(session, found[1].id)] == ["广场舞几点结束"]
    ask(session, "宠物狗办证要多少钱办证")
    misses.cluster(session)
    assert misses.clusters(session, Standing.OPEN)[0][0].count == 4


def test_what_was_answered_is_no_miss_and_what_the_caller_rejected_is(session):
    ask(session, "怎么交水费", article="k1")
    ask(session, "暖气费怎么退", article="k1", rejected=True)
    assert misses.cluster(session) == 1
    assert misses.clusters(session, Standing.OPEN)[0][0].title == "暖气费怎么退"


def test_dismissed_questions_stay_out_of_the_list_when_they_come_again(session):
    ask(session, "你叫什么名字")
    misses.cluster(session)
    (only,), _ = misses.clusters(session, Standing.OPEN)
    misses.move(session, only.id, Standing.DISMISSED, "anna")
    ask(session, "你叫什么名字呀")
    misses.cluster(session)
    assert misses.clusters(session, Standing.OPEN) == ([], 0)


def test_a_cluster_closes_when_a_published_article_answers_it_but_not_by_the_rejected_one(knowledge, knowledge_url):
    with schema.writing(knowledge) as session:
        for article in store.sample(date(2026, 3, 2))[140:170]:
            store.save(session, article, "sample", NOW)
        ask(session, "家里水表坏了怎么换新的")
        ask(session, "电压不稳电器烧坏了", article="k0166", rejected=True)
        session.commit()
    jobs.rounds(knowledge_url, NOW.isoformat())
    with schema.writing(knowledge) as session:
        closed, _ = misses.clusters(session, Standing.CLOSED)
        assert [(c.title, c.article) for c in closed] == [("家里水表坏了怎么换新的", "k0154")]
        assert [c.title for c in misses.clusters(session, Standing.OPEN)[0]] == ["电压不稳电器烧坏了"]
        assert not misses.untried(session)


def test_while_misses_are_put_to_the_knowledge_an_editor_can_save(knowledge, knowledge_url, monkeypatch):
    with schema.writing(knowledge) as session:
        for article in store.sample(date(2026, 3, 2))[140:170]:
            store.save(session, article, "sample", NOW)
        ask(session, "家里水表坏了怎么换新的")
        session.commit()
    built, saved = jobs.Index.build, []

    def build(*given, **named):
        with schema.writing(knowledge) as session:  # "database is locked" if the round wrote meanwhile
            session.connection()
            saved.append(True)
        return built(*given, **named)

    monkeypatch.setattr(jobs.Index, "build", build)
    assert jobs.rounds(knowledge_url, NOW.isoformat()) == 2  # clustered, and closed
    assert saved == [True]


def test_no_number_of_a_citizen_is_kept_with_a_question(session):
    ask(session, "我的电话是13800138000身份证一五零三零二一九", at=NOW)
    (row,) = session.query(asked.AskedRow).all()
    assert row.text == "我的电话是〇身份证〇"


def test_use_is_counted_by_day_in_the_citys_time(session):
    store.save(session, Article("k1", 1, "怎么交水费", (), "在营业厅交。", "水务集团"), "x", NOW)
    store.save(session, Article("k2", 1, "怎么交电费", (), "在营业厅交。", "供电公司"), "x", NOW)
    ask(session, "怎么交水费", "水费在哪交", article="k1", at=datetime(2026, 3, 1, 17, 0, tzinfo=UTC))
    ask(session, "怎么交水费", article="k1", rejected=True, at=datetime(2026, 3, 1, 15, 0, tzinfo=UTC))
    days = asked.by_day(session, date(2026, 3, 2), 3)
    assert [(d.day.day, d.answered, d.missed) for d in days] == [(28, 0, 0), (1, 0, 1), (2, 2, 0)]
    (most,) = asked.most_said(session, NOW - timedelta(days=30))
    assert (most.article, most.said, most.rejected) == ("k1", 3, 1)
    assert [u.article for u in asked.never_said(session, NOW - timedelta(days=30))[0]] == ["k2"]


def test_questions_are_forgotten_after_a_year(session):
    ask(session, "怎么交水费")
    assert asked.forget(session, NOW + timedelta(days=364)) == 0
    assert asked.forget(session, NOW + timedelta(days=366)) == 1
