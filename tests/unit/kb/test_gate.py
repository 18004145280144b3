from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from kb import desk, gate_book, ranking, schema, store
from kb.article import Article, State
from kb.desk import Actor
from kb.editing import Action, NotAllowed, Role
from kb.gate import Kind, Question, Said, effect, said
from kb.index import Index
from kb.tables import AskedRow

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
ANNA, BOB = Actor("anna", Role.EDITOR), Actor("bob", Role.EDITOR)
NOBODY, OURS, OTHER, BOTH = Said(False, (), 0.1), Said(True, ("new",), 0.95), Said(True, ("old",), 0.95), None
BOTH = Said(False, ("old", "new"), 0.6)


@pytest.mark.parametrize(
    ("right", "decided", "before", "after", "kind"),
    [
        ("old", True, OTHER, OURS, Kind.STEAL),  # another article's question
        ("old", True, NOBODY, OURS, Kind.STEAL),  # answered wrongly where a person would have come
        (None, True, NOBODY, OURS, Kind.STEAL),  # a person's question
        (None, False, NOBODY, OURS, Kind.WIN),  # a caller's that nobody could answer
        ("new", True, NOBODY, OURS, Kind.WIN),
        ("new", True, OTHER, OURS, Kind.WIN),
        ("new", True, OURS, NOBODY, Kind.LOSE),
        ("old", True, OTHER, BOTH, Kind.CONFUSE),
        ("old", True, OTHER, NOBODY, Kind.CONFUSE),
        ("old", True, OTHER, OTHER, None),
        ("new", True, OURS, OURS, None),
    ],
)
def test_the_gate_names_what_happens_to_a_question(right, decided, before, after, kind):
    assert effect(Question("q", right, "golden", decided), before, after, {"new"}) is kind


@pytest.fixture
def city(knowledge):
    """Some articles of the sample city, and an editor's new one that is about to be published."""
    with schema.writing(knowledge) as session:
        for article in store.sample(TODAY)[140:170]:
            store.save(session, article, "sample", NOW)
        session.commit()
    return knowledge


def checked(engine, article):
    """A draft that unit and editor have seen; its id."""
    with schema.writing(engine) as session:
        made = desk.create(session, article, ANNA, NOW).article.id
        desk.perform(session, made, Action.SUBMIT, ANNA, NOW, version=None)
        desk.perform(session, made, Action.APPROVE_FOR_UNIT, BOB, NOW, version=None, given={"basis": "函1号"})
        session.commit()
    return made


def publish(engine, article, **given):
    with schema.writing(engine) as session:
        desk.perform(session, article, Action.PUBLISH, BOB, NOW, version=None, given=given)
        session.commit()


NEW = Article(
    "", 0, "水表在哪里看读数", ("怎么看水表",), "水表的黑色数字就是读数。", "水务集团",
    owner="water_co.hbw", valid_from=TODAY, review=date(2026, 9, 1),
)  # fmt: skip


def test_a_thief_is_seen_and_needs_an_explicit_yes(city):
    with schema.writing(city) as session:
        owner = next(a.id for a in store.speakable(session, TODAY) if a.question == "水表坏了怎么换")
        gate_book.decide(session, "水表读数怎么看", owner, "anna")
        session.commit()
    thief = checked(city, NEW)
    found = gate_book.run(city, [thief], NOW, TODAY)
    assert found.ready
    assert found.asked > 100
    assert "水表读数怎么看" in [e.question.text for e in found.of(Kind.STEAL)]
    with pytest.raises(NotAllowed, match="抢走"):
        publish(city, thief)
    publish(city, thief, yes="1")


def test_a_new_article_wins_what_callers_asked_in_vain(city):
    with schema.writing(city) as session:
        session.add(AskedRow(call="c1", turn=1, at=NOW, text="水表读数怎么看呀", decision="unknown", article=None))
        session.commit()
    made = checked(city, NEW)
    found = gate_book.run(city, [made], NOW, TODAY)
    won = [e.question for e in found.of(Kind.WIN)]
    assert ("水表读数怎么看呀", "caller") in [(q.text, q.origin) for q in won]
    assert found.of(Kind.STEAL) == []
    publish(city, made)


def test_a_check_is_outdated_as_soon_as_the_knowledge_changes(city):
    made = checked(city, NEW)
    gate_book.run(city, [made], NOW, TODAY)
    with schema.writing(city) as session:
        gone = store.speakable(session, TODAY)[0].id
        desk.perform(session, gone, Action.WITHDRAW, BOB, NOW, version=None, given={"reason": "停用"})
        session.commit()
    with pytest.raises(NotAllowed, match="重新检查"):
        publish(city, made)
    gate_book.run(city, [made], NOW, TODAY)
    publish(city, made)


def test_a_question_meant_for_a_person_stays_one(city):
    with schema.writing(city) as session:
        gate_book.decide(session, "水表读数不对要投诉", None, "anna")
        session.commit()
    greedy = checked(city, replace(NEW, phrasings=("水表读数不对要投诉",)))
    found = gate_book.run(city, [greedy], NOW, TODAY)
    assert "水表读数不对要投诉" in [e.question.text for e in found.of(Kind.STEAL)]


def test_the_very_first_article_of_a_city_can_be_published(knowledge):
    made = checked(knowledge, NEW)
    assert gate_book.run(knowledge, [made], NOW, TODAY).ready
    publish(knowledge, made)
    with schema.writing(knowledge) as session:
        assert [a.state for a in store.speakable(session, TODAY)] == [State.PUBLISHED]


def test_what_is_passed_over_would_have_fared_the_same():
    """Most questions are far from a change; those that are not looked at again are the same with it and without."""
    spoken, numbers = store.sample(TODAY), ranking.shipped()
    index = Index.build(spoken)
    new = replace(spoken[7], id="new", question="水表读数怎么看", phrasings=("水表在哪里看读数", "怎么看水表"))
    other = replace(spoken[40], phrasings=(*spoken[40].phrasings, "户口本丢了补办要多久"))
    after = index.changed([new, other], [spoken[90].id])
    questions = [wording for article in spoken for wording in article.wordings()]
    passed = [text for text in questions if not after.touched(text)]
    assert len(passed) > len(questions) / 2
    for text in passed:
        assert said(index.search(text), numbers) == said(after.search(text), numbers), text
