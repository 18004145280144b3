from datetime import UTC, date, datetime

import pytest
from killed import killed_before_commit

from kb import desk, gate_book, imports, release, schema, store
from kb.article import State
from kb.desk import Actor
from kb.editing import NotAllowed, Role

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ANNA, BOB = Actor("anna", Role.EDITOR), Actor("bob", Role.EDITOR)
HEAD = "编号,问题,口播答案,答复单位,责任单位,生效日期,复审日期\n"
GOOD = "x1,风筝比赛怎么报名,到文化馆报名。,文化馆,culture,2026-01-01,2026-09-01\n"
OTHER = "x2,鸽子怎么上环,到信鸽协会办。,体育局,sport,2026-01-01,2026-09-01\n"


def brought_in(engine, text):
    with schema.writing(engine) as session:
        number = imports.receive(session, "a.csv", (HEAD + text).encode(), ANNA, NOW)
        session.commit()
    imports.check(engine, number, NOW)
    with schema.writing(engine) as session:
        imports.confirm(session, number)
        session.commit()
    imports.write(engine, number, NOW)
    return number


def released(engine, number, actor=BOB, **how):
    with schema.writing(engine) as session:
        done = release.release(session, number, actor, NOW, **({"basis": "函1号", "yes": False} | how))
        session.commit()
    return done


def tried(engine, number):
    with schema.writing(engine) as session:
        articles = release.batch(session, number, NOW).articles
    gate_book.run(engine, articles, NOW, NOW.date())


def heard(engine):
    with schema.writing(engine) as session:
        return sorted(a.id for a in store.speakable(session, date(2026, 3, 2)))


def test_a_file_one_editor_brought_in_another_releases_whole(knowledge):
    number = brought_in(knowledge, GOOD + OTHER)
    with pytest.raises(NotAllowed, match="检查"):
        released(knowledge, number)
    tried(knowledge, number)
    with pytest.raises(NotAllowed, match="四眼"):
        released(knowledge, number, ANNA)
    with pytest.raises(NotAllowed, match="文号"):
        released(knowledge, number, basis="")
    assert heard(knowledge) == []
    assert released(knowledge, number) == 2
    assert heard(knowledge) == ["x1", "x2"]


def test_one_unfit_article_holds_back_all(knowledge):
    number = brought_in(knowledge, GOOD + OTHER.replace("sport", ""))
    tried(knowledge, number)
    with schema.writing(knowledge) as session:
        assert [a for a, _ in release.batch(session, number, NOW).unfit] == ["x2"]
    with pytest.raises(NotAllowed):
        released(knowledge, number)
    assert heard(knowledge) == []


def test_what_somebody_worked_on_since_is_left_alone(knowledge):
    number = brought_in(knowledge, GOOD + OTHER)
    with schema.writing(knowledge) as session:
        at = desk.standing(session, "x1")
        desk.restore(session, "x1", 1, BOB, NOW, version=at.version)
        desk.perform(session, "x1", desk.Action.WITHDRAW, BOB, NOW, version=None, given={"reason": "不要"})
        session.commit()
    tried(knowledge, number)
    assert released(knowledge, number) == 1
    with schema.writing(knowledge) as session:
        assert desk.standing(session, "x1").article.state is State.WITHDRAWN


def test_a_file_that_takes_others_questions_needs_a_yes(knowledge):
    with schema.writing(knowledge) as session:
        for article in store.sample(NOW.date())[140:170]:
            store.save(session, article, "sample", NOW)
        gate_book.decide(session, "风筝比赛怎么报名", None, "anna")
        session.commit()
    number = brought_in(knowledge, GOOD)
    tried(knowledge, number)
    with schema.writing(knowledge) as session:
        assert release.batch(session, number, NOW).thefts == (("风筝比赛怎么报名", "x1"),)
    with pytest.raises(NotAllowed, match="抢走"):
        released(knowledge, number)
    assert released(knowledge, number, yes=True) == 1


RELEASE = """
from datetime import UTC, datetime
from kb import release, schema
from kb.desk import Actor
from kb.editing import Role
with schema.writing(schema.connect(sys.argv[1])) as session:
    release.release(session, int(sys.argv[2]), Actor("bob", Role.EDITOR), datetime(2026, 3, 2, 4, tzinfo=UTC),
                    basis="x", yes=False)
    session.commit()
"""


def test_a_process_killed_while_it_releases_a_file_has_published_none_of_it(knowledge, knowledge_url):
    number = brought_in(knowledge, GOOD + OTHER)
    tried(knowledge, number)
    killed_before_commit(RELEASE, knowledge_url, number)
    assert heard(knowledge) == []
    with schema.writing(knowledge) as session:
        assert {desk.standing(session, article).article.state for article in ("x1", "x2")} == {State.DRAFT}
    assert released(knowledge, number) == 2
