from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from killed import killed_before_commit
from sqlalchemy import func, select

from kb import desk, imports, schema, store
from kb.article import Article, State
from kb.desk import Actor
from kb.editing import NotAllowed, Role
from kb.tables import STAGED, ArticleRow, RevisionRow

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ANNA, UNIT = Actor("anna", Role.EDITOR), Actor("water", Role.UNIT, "water_co.hbw")
GOOD = Article(
    "k1", 1, "怎么交水费", (), "水费可以在营业厅交。", "水务集团", owner="water_co.hbw", review=date(2026, 9, 1)
)
HEAD = "编号,问题,口播答案,责任单位\n"


def read(engine, text, actor=ANNA, name="a.csv"):
    with schema.writing(engine) as session:
        number = imports.receive(session, name, text.encode(), actor, NOW)
        session.commit()
    return imports.check(engine, number, NOW)


def wanted(engine, load):
    with schema.writing(engine) as session:
        imports.confirm(session, load.id)
        session.commit()
    return imports.write(engine, load.id, NOW)


def count(engine, table):
    with schema.writing(engine) as session:
        return session.scalar(select(func.count()).select_from(table))


def with_one(engine):
    with schema.writing(engine) as session:
        store.save(session, GOOD, "x", NOW)
        session.commit()


def test_new_and_changed_articles_come_in_as_drafts_and_callers_hear_what_they_heard(knowledge):
    with_one(knowledge)
    load = read(knowledge, HEAD + "k1,怎么交水费,水费可以在手机上交。,water_co.hbw\n,怎么退水费,到营业厅退。,\n")
    assert (load.stage, load.new, load.changed) == ("checked", 1, 1)
    assert count(knowledge, ArticleRow) == 1
    assert wanted(knowledge, load).stage == "done"
    with schema.writing(knowledge) as session:
        at = desk.standing(session, "k1")
        assert (at.article.state, at.article.spoken, at.live) == (State.DRAFT, "水费可以在手机上交。", 1)
        assert [a.spoken for a in store.speakable(session, NOW.date())] == ["水费可以在营业厅交。"]
        assert at.writers == ("anna",)
        assert desk.revision(session, f"i{load.id}-3", 1).article.question == "怎么退水费"
        assert [s.given for s in desk.steps(session, "k1")] == [{"import": str(load.id)}]
    assert imports.write(knowledge, load.id, NOW).stage == "done"
    assert count(knowledge, RevisionRow) == 3


def test_one_bad_row_and_nothing_comes_in(knowledge):
    rows = "".join(f",问题{n}怎么办,答案。,\n" for n in range(50))
    load = read(knowledge, HEAD + rows + ",没有答案的问题,,\nx1,怎么退水费,甲。,\nx1,怎么退电费,乙。,\n")
    assert load.stage == "refused"
    assert [(e["row"], e["field"]) for e in load.errors] == [(52, "spoken"), (54, "")]
    with pytest.raises(NotAllowed):
        wanted(knowledge, load)
    assert count(knowledge, ArticleRow) == 0


def test_an_article_somebody_changed_since_the_preview_is_not_overwritten(knowledge):
    with_one(knowledge)
    load = read(knowledge, HEAD + "k1,怎么交水费,手机上交。,water_co.hbw\n")
    with schema.writing(knowledge) as session:
        store.save(session, replace(GOOD, spoken="只收现金。"), "bob", NOW)
        session.commit()
    refused = wanted(knowledge, load)
    assert (refused.stage, "被修改" in refused.problem) == ("refused", True)
    with schema.writing(knowledge) as session:
        assert desk.standing(session, "k1").article.spoken == "只收现金。"


def test_a_unit_brings_in_its_own_articles_only(knowledge):
    with schema.writing(knowledge) as session:
        store.save(session, replace(GOOD, owner="heat_co.hbw"), "x", NOW)
        session.commit()
    load = read(knowledge, HEAD + "k1,怎么交水费,手机上交。,\n", UNIT)
    assert [e["field"] for e in load.errors] == ["id"]
    mine = read(knowledge, HEAD + ",怎么退水费,到营业厅退。,heat_co.hbw\n", UNIT)
    wanted(knowledge, mine)
    with schema.writing(knowledge) as session:
        assert desk.standing(session, f"i{mine.id}-2").article.owner == "water_co.hbw"


def test_a_file_that_is_none_says_so(knowledge):
    assert "缺少列" in read(knowledge, "甲,乙\n1,2\n").problem
    assert read(knowledge, HEAD).problem == "文件里没有条目"


WORK = """
from datetime import UTC, datetime
from kb import imports, schema
imports.TOGETHER = 100
getattr(imports, sys.argv[3])(schema.connect(sys.argv[1]), int(sys.argv[2]), datetime.now(UTC))
"""


def test_who_is_killed_while_reading_or_writing_leaves_nothing_half_done(knowledge, knowledge_url):
    with schema.writing(knowledge) as session:
        text = HEAD + "".join(f",问题{n}怎么办,答案。,\n" for n in range(250))
        number = imports.receive(session, "a.csv", text.encode(), ANNA, NOW)
        session.commit()
    killed_before_commit(WORK, knowledge_url, number, "check", commit=4)  # some of the rows are staged
    assert count(knowledge, STAGED) > 0
    load = imports.check(knowledge, number, NOW)
    assert (load.stage, load.new, count(knowledge, STAGED)) == ("checked", 250, 250)
    with schema.writing(knowledge) as session:
        imports.confirm(session, number)
        session.commit()
    killed_before_commit(WORK, knowledge_url, number, "write")  # all rows are in, nothing is committed
    assert (count(knowledge, ArticleRow), count(knowledge, RevisionRow)) == (0, 0)
    assert imports.write(knowledge, number, NOW).stage == "done"
    assert (count(knowledge, ArticleRow), count(knowledge, RevisionRow), count(knowledge, STAGED)) == (250, 250, 0)
