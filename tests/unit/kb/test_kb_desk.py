from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from killed import killed_before_commit

from kb import desk, schema, store
from kb.article import Article, State
from kb.desk import Actor, Conflict, NotFit
from kb.editing import Action, NotAllowed, Role
from kb.tables import GateRow

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ANNA, BOB = Actor("anna", Role.EDITOR), Actor("bob", Role.EDITOR)
WATER, HEAT = Actor("water", Role.UNIT, "water_co.hbw"), Actor("heat", Role.UNIT, "heat_co.hbw")
OPERATOR = Actor("op", Role.OPERATOR)
GOOD = Article(
    "", 0, "怎么交水费", ("水费在哪交",), "水费可以在营业厅交。", "水务集团",
    owner="water_co.hbw", valid_from=date(2026, 1, 1), review=date(2026, 9, 1),
)  # fmt: skip


def tried(session, article, **found):
    """The gate has been run for the article as it stands."""
    at = desk.standing(session, article).article
    values = {"at": NOW, "asked": 1, "done": 1, "finished": True, "effects": []} | found
    session.merge(GateRow(article=article, revision=at.revision, version=store.version(session), **values))
    session.flush()


def published(session, article=GOOD):
    made = desk.create(session, article, ANNA, NOW).article.id
    for action, actor, given in (
        (Action.SUBMIT, ANNA, {}),
        (Action.APPROVE, WATER, {}),
        (Action.PUBLISH, BOB, {}),
    ):
        if action is Action.PUBLISH:
            tried(session, made)
        desk.perform(session, made, action, actor, NOW, version=None, given=given)
    return made


def heard(session, day=date(2026, 3, 2)):
    return [a.spoken for a in store.speakable(session, day)]


def test_four_eyes_from_the_draft_to_the_callers_ear(session):
    made = desk.create(session, GOOD, ANNA, NOW).article.id
    assert heard(session) == []
    desk.perform(session, made, Action.SUBMIT, ANNA, NOW, version=1)
    with pytest.raises(NotAllowed):  # another unit's
        desk.perform(session, made, Action.APPROVE, HEAT, NOW, version=2)
    with pytest.raises(NotAllowed, match="四眼"):
        desk.perform(session, made, Action.APPROVE_FOR_UNIT, ANNA, NOW, version=2, given={"basis": "函1号"})
    desk.perform(session, made, Action.APPROVE, WATER, NOW, version=2)
    with pytest.raises(NotAllowed, match="四眼"):
        desk.perform(session, made, Action.PUBLISH, ANNA, NOW, version=3)
    with pytest.raises(NotAllowed, match="检查"):
        desk.perform(session, made, Action.PUBLISH, BOB, NOW, version=3)
    tried(session, made)
    before = store.version(session)
    desk.perform(session, made, Action.PUBLISH, BOB, NOW, version=3)
    assert heard(session) == ["水费可以在营业厅交。"]
    assert store.version(session) == before + 1
    assert [s.action for s in desk.steps(session, made)] == ["publish", "approve", "submit", "save"]


def test_callers_hear_the_published_words_while_new_ones_are_checked(session):
    made = published(session)
    head = desk.standing(session, made)
    changed = replace(head.article, spoken="水费只能在手机上交。")
    after = desk.perform(session, made, Action.SAVE, ANNA, NOW, version=head.version, changed=changed)
    assert after.pending
    assert after.article.state is State.DRAFT
    assert heard(session) == ["水费可以在营业厅交。"]
    desk.perform(session, made, Action.DISCARD, ANNA, NOW, version=after.version)
    assert desk.standing(session, made).article.spoken == "水费可以在营业厅交。"
    assert [r.number for r in desk.revisions(session, made)] == [3, 2, 1]


def test_the_second_of_two_editors_overwrites_nothing(knowledge):
    with schema.writing(knowledge) as session:
        made = desk.create(session, GOOD, ANNA, NOW)
        session.commit()
    for name, actor in (("甲", ANNA), ("乙", BOB)):
        with schema.writing(knowledge) as session:
            changed = replace(made.article, question=f"{name}的问题")
            if actor is ANNA:
                desk.perform(session, made.article.id, Action.SAVE, actor, NOW, version=1, changed=changed)
                session.commit()
            else:
                with pytest.raises(Conflict):
                    desk.perform(session, made.article.id, Action.SAVE, actor, NOW, version=1, changed=changed)
    with schema.writing(knowledge) as session:
        assert desk.standing(session, made.article.id).article.question == "甲的问题"


def test_nothing_incomplete_is_submitted_and_the_flaws_are_named(session):
    made = desk.create(session, replace(GOOD, owner="", review=None), ANNA, NOW).article.id
    with pytest.raises(NotFit) as problem:
        desk.perform(session, made, Action.SUBMIT, ANNA, NOW, version=None)
    assert {flaw.field for flaw in problem.value.flaws} == {"owner", "review"}


def test_an_operators_wording_waits_for_an_editor_and_the_old_form_is_heard_meanwhile(session):
    made = published(session)
    after = desk.perform(session, made, Action.ADD_WORDING, OPERATOR, NOW, version=None, given={"wording": "水钱咋交"})
    assert after.article.state is State.EDITOR_CHECK
    assert after.article.phrasings[-1] == "水钱咋交"
    assert store.speakable(session, NOW.date())[0].phrasings == ("水费在哪交",)
    tried(session, made)
    desk.perform(session, made, Action.PUBLISH, ANNA, NOW, version=None)
    assert store.speakable(session, NOW.date())[0].phrasings[-1] == "水钱咋交"


def test_what_is_withdrawn_is_silent_at_once_and_an_earlier_revision_can_be_brought_back(session):
    made = published(session)
    with pytest.raises(NotAllowed, match="理由"):
        desk.perform(session, made, Action.WITHDRAW, WATER, NOW, version=None)
    gone = desk.perform(session, made, Action.WITHDRAW, WATER, NOW, version=None, given={"reason": "收费变了"})
    assert heard(session) == []
    back = desk.restore(session, made, 1, ANNA, NOW, version=gone.version)
    assert back.article.state is State.DRAFT
    assert heard(session) == []


def test_time_lets_articles_expire_and_asks_for_a_review(session):
    made = published(session, replace(GOOD, valid_until=date(2026, 6, 30)))
    other = published(session, replace(GOOD, question="怎么退水费"))
    later = datetime(2026, 6, 30, 17, 0, tzinfo=UTC)  # already July in the city
    assert desk.on_time(session, later) == 1
    assert desk.standing(session, made).article.state is State.EXPIRED
    assert desk.on_time(session, datetime(2026, 9, 3, tzinfo=UTC)) == 1
    assert desk.on_time(session, datetime(2026, 9, 3, tzinfo=UTC)) == 0
    due = desk.standing(session, other)
    assert due.article.state is State.REVIEW_DUE
    assert heard(session, date(2026, 9, 3)) == ["水费可以在营业厅交。"]
    desk.perform(session, other, Action.CONFIRM, WATER, NOW, version=due.version, given={"review": "2027-03-01"})
    assert desk.standing(session, other).article.state is State.PUBLISHED
    assert heard(session) == ["水费可以在营业厅交。"]


def test_the_old_words_lapse_even_while_new_ones_are_written(session):
    made = published(session, replace(GOOD, valid_until=date(2026, 6, 30)))
    head = desk.standing(session, made)
    changed = replace(head.article, valid_until=date(2027, 6, 30))
    desk.perform(session, made, Action.SAVE, ANNA, NOW, version=head.version, changed=changed)
    assert heard(session, date(2026, 7, 1)) == []
    assert desk.on_time(session, datetime(2026, 7, 2, tzinfo=UTC)) == 1
    assert desk.standing(session, made).live is None


PUBLISH = """
from datetime import UTC, datetime
from kb import desk, schema
from kb.desk import Actor
from kb.editing import Action, Role
with schema.writing(schema.connect(sys.argv[1])) as session:
    desk.perform(session, sys.argv[2], Action.PUBLISH, Actor("bob", Role.EDITOR),
                 datetime(2026, 3, 2, 4, tzinfo=UTC), version=None)
    session.commit()
"""


def test_a_process_killed_while_publishing_has_published_nothing(knowledge, knowledge_url):
    with schema.writing(knowledge) as session:
        made = desk.create(session, GOOD, ANNA, NOW).article.id
        desk.perform(session, made, Action.SUBMIT, ANNA, NOW, version=None)
        desk.perform(session, made, Action.APPROVE, WATER, NOW, version=None)
        tried(session, made)
        session.commit()
    killed_before_commit(PUBLISH, knowledge_url, made)
    with schema.writing(knowledge) as session:
        assert heard(session) == []
        assert desk.standing(session, made).article.state is State.EDITOR_CHECK
        desk.perform(session, made, Action.PUBLISH, BOB, NOW, version=None)
        assert heard(session) == ["水费可以在营业厅交。"]


def test_new_articles_get_numbers_of_their_own(session):
    assert len({desk.create(session, GOOD, ANNA, NOW).article.id for _ in range(3)}) == 3
    assert desk.create(session, GOOD, WATER, NOW).article.owner == "water_co.hbw"
    with pytest.raises(NotAllowed):
        desk.create(session, GOOD, OPERATOR, NOW)


def test_the_sample_city_has_owners_reviews_and_54_authorised_matters(session):
    assert store.load_sample(session) == 417
    assert store.load_sample(session) == 0
    today = datetime.now(UTC).date()
    spoken = store.speakable(session, today)
    assert len(spoken) == 417
    assert all(a.owner and a.review and a.review > today for a in spoken)
    assert sum(a.needs_authority for a in spoken) == 54
    assert len(store.speakable(session, today + timedelta(days=800))) < 417 - 53
