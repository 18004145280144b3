from datetime import UTC, datetime

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from kb import desk, schema, store
from kb.article import Article
from kb.desk import Actor
from kb.editing import Action, Role
from kb.tables import Base

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
OLD = """INSERT INTO kb_articles
(id, revision, state, question, phrasings, spoken, written, source, leaf, needs_authority)
VALUES ('k1', 2, '{state}', '怎么交水费', '["水费在哪交"]', '在营业厅交。', '', '水务集团', '', {no})"""


def test_the_tables_are_what_the_code_thinks_they_are(knowledge_url, knowledge):
    schema.upgrade(knowledge_url)
    with knowledge.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "alembic_version_kb"})
        assert compare_metadata(context, Base.metadata) == []


def test_an_older_city_keeps_its_articles_and_its_callers_hear_them_still(database_url):
    schema.upgrade(database_url, "0001")
    engine = schema.connect(database_url)
    with engine.begin() as connection:
        connection.execute(text(OLD.format(state="published", no="false")))
    schema.upgrade(database_url)
    with schema.writing(engine) as session:
        assert [a.question for a in store.speakable(session, NOW.date())] == ["怎么交水费"]
        assert desk.standing(session, "k1").live == 2
    engine.dispose()


def test_going_back_keeps_what_callers_hear_not_what_is_being_written(knowledge_url, knowledge):
    with schema.writing(knowledge) as session:
        store.save(session, Article("k1", 1, "怎么交水费", ("水费在哪交",), "在营业厅交。", "水务集团"), "sample", NOW)
        changed = store.from_row(session.get(store.ArticleRow, "k1"))
        desk.perform(
            session, "k1", Action.SAVE, Actor("anna", Role.EDITOR), NOW, version=1,
            changed=Article(**{**{n: getattr(changed, n) for n in store.FIELDS}, "spoken": "还没审过。"}),
        )  # fmt: skip
        session.commit()
    schema.downgrade(knowledge_url, "0001")
    with knowledge.connect() as connection:
        row = connection.execute(text("SELECT spoken, state FROM kb_articles")).one()
        assert tuple(row) == ("在营业厅交。", "published")
    schema.downgrade(knowledge_url, "base")
    schema.upgrade(knowledge_url)
