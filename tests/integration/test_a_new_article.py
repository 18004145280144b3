"""What an editor publishes, the next question hears; what is withdrawn, nobody hears any more."""

import asyncio
from datetime import UTC, date, datetime

from house import House
from sqlalchemy import Engine

from kb import desk, gate_book, schema, store
from kb.article import Article
from kb.desk import Actor
from kb.editing import Action, Role

ANNA, BOB = Actor("anna", Role.EDITOR), Actor("bob", Role.EDITOR)
NEW = Article(
    "", 0, "热气球驾驶证怎么办理", ("热气球驾照在哪里办",), "请到民航办公室办理。", "交通运输局",
    owner="transport_bureau", valid_from=date(2026, 1, 1), review=date(2099, 1, 1),
)  # fmt: skip


def step(engine: Engine, article: str, action: Action, actor: Actor, **given: str) -> None:
    with schema.writing(engine) as session:
        desk.perform(session, article, action, actor, datetime.now(UTC), version=None, given=given)
        session.commit()


def written_and_checked(engine: Engine) -> str:
    with schema.writing(engine) as session:
        made = desk.create(session, NEW, ANNA, datetime.now(UTC)).article.id
        session.commit()
    step(engine, made, Action.SUBMIT, ANNA)
    step(engine, made, Action.APPROVE_FOR_UNIT, BOB, basis="函1号")
    found = gate_book.run(engine, [made], datetime.now(UTC), desk.local_day(datetime.now(UTC)))
    assert found is not None
    assert found.ready
    return made


async def test_a_running_call_is_answered_with_what_was_published_while_it_was_greeted(house: House):
    engine = schema.connect(house.database)
    article = await asyncio.to_thread(written_and_checked, engine)
    citizen = await house.dial("--say", "热气球驾驶证怎么办理", "--stay", "0")
    await citizen.until("answered")
    await asyncio.to_thread(step, engine, article, Action.PUBLISH, BOB)
    lived = await citizen.end()
    assert (lived["outcome"], lived["article"]) == ("answer", article)
    await asyncio.to_thread(step, engine, article, Action.WITHDRAW, BOB, reason="试用结束")
    with schema.writing(engine) as session:
        assert article not in {a.id for a in store.speakable(session, desk.local_day(datetime.now(UTC)))}
    engine.dispose()
