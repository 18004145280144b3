from datetime import UTC, date, datetime, timedelta

import pytest

from kb import jobs, remarks, schema, store
from kb.article import Article
from kb.desk import Actor
from kb.editing import NotAllowed, Role

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DUE = NOW + timedelta(days=2)
OPERATOR, EDITOR = Actor("op", Role.OPERATOR), Actor("anna", Role.EDITOR)
WATER, HEAT = Actor("water", Role.UNIT, "water_co.hbw"), Actor("heat", Role.UNIT, "heat_co.hbw")
GOOD = Article(
    "k1", 0, "怎么交水费", (), "水费可以在营业厅交。", "水务集团", owner="water_co.hbw", review=date(2026, 9, 1)
)


def test_a_wrong_answer_lands_with_its_owner_who_alone_or_an_editor_answers_it(session):
    store.save(session, GOOD, "x", NOW)
    number = remarks.report(session, "k1", "水费涨了", OPERATOR, NOW, DUE, "call-1")
    assert [n.kind for n in remarks.notices(session, "water_co.hbw")] == ["remark"]
    assert remarks.notices(session, "heat_co.hbw") == []
    with pytest.raises(NotAllowed):
        remarks.answer(session, number, "没有涨", HEAT, NOW)
    with pytest.raises(NotAllowed):
        remarks.answer(session, number, "  ", WATER, NOW)
    remarks.answer(session, number, "已更正", WATER, NOW)
    assert remarks.listed(session) == []
    with pytest.raises(NotAllowed, match="答复过"):
        remarks.answer(session, number, "再答", EDITOR, NOW)


def test_a_report_without_words_is_refused(session):
    store.save(session, GOOD, "x", NOW)
    with pytest.raises(NotAllowed):
        remarks.report(session, "k1", "  ", OPERATOR, NOW, DUE)


def test_an_owner_is_reminded_once_of_each_thing(knowledge, knowledge_url):
    with schema.writing(knowledge) as session:
        granted = Article(
            "k2", 0, "怎么退水费", (), "请到营业厅。", "水务集团", owner="water_co.hbw", review=date(2026, 3, 10),
            valid_until=date(2026, 3, 12), needs_authority=True, authorised_until=date(2026, 3, 1),
        )  # fmt: skip
        store.save(session, GOOD, "x", NOW)
        store.save(session, granted, "x", NOW)
        remarks.report(session, "k1", "水费涨了", OPERATOR, NOW - timedelta(days=3), NOW - timedelta(days=1))
        session.commit()
    jobs.rounds(knowledge_url, NOW.isoformat())
    jobs.rounds(knowledge_url, (NOW + timedelta(hours=1)).isoformat())
    with schema.writing(knowledge) as session:
        found = remarks.notices(session, "water_co.hbw")
        assert sorted(n.kind for n in found) == [
            "authority_ended", "ends_soon", "remark", "remark_overdue", "review_soon"
        ]  # fmt: skip
        remarks.seen(session, found[0].id, HEAT, NOW)
        assert remarks.waiting(session, "water_co.hbw") == 5
        remarks.seen(session, found[0].id, WATER, NOW)
        assert remarks.waiting(session, "water_co.hbw") == 4
