"""Cases go to platforms outside and come back answered, whatever the way there does; a real server is the platform."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from routing import handovers, intake, jobs, schema
from routing.alarms import open_alarms
from routing.api_keys import Right, issue, known
from routing.audit import wrong_events
from routing.case_desk import NoSuchCase, open_case, perform
from routing.cases import Action, NotAllowed, Role, State
from routing.catalogue import shipped
from routing.courier import round_of
from routing.database import connect, writing
from routing.dispatch import Report, propose
from routing.grids import sample
from routing.looks import looks_at
from routing.office import Office
from routing.tables import CaseEventRow, CaseRow, HandoverRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
GOODS = Report("超市卖过期牛奶，我电话13812345678", "泰安名苑", matter="1001", contact="13812345678")
DAY = timedelta(days=1)


class Market:
    """The platform of the market supervision: answers as told, then takes cases in; keeps what it was offered."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.offered: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.offered.append((dict(request.headers), await request.read()))
        status, told = self.answers.pop(0) if self.answers else (201, {"number": f"M{len(self.offered)}"})
        return web.json_response(told, status=status)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.offered]


@pytest.fixture
async def market() -> AsyncIterator[Market]:
    made = Market()
    app = web.Application()
    app.router.add_post("/cases", made.take)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/cases"))
        yield made


@pytest.fixture
def secret(session: Session, market: Market) -> str:
    made = handovers.add_platform(session, "p12315", "12315平台", market.url, NOW)
    session.commit()
    return made


def send_over(session, privacy="public", source="telephone", now=NOW):
    made = propose(GOODS, shipped(), sample())
    number = open_case(
        session, GOODS, made, now, actor="op1001", contact_name="王女士", privacy=privacy, source=source
    ).number  # fmt: skip
    do(session, number, Action.SEND_OVER, now, platform="p12315", reason="属市场监管职责")
    return number


def do(session, number, action, now=NOW, **given):
    return perform(session, number, action, now, actor="sue", role=Role.SUPERVISOR, given=given)


def actions(session, number):
    events = select(CaseEventRow.action).where(CaseEventRow.case == number).order_by(CaseEventRow.version)
    return list(session.scalars(events))


def shown(session, number):
    (found,) = handovers.of_case(session, number)
    session.rollback()
    return found


async def carry(engine, now=NOW, gives_up=DAY):
    return await round_of(engine, Office(), gives_up, now)


async def test_a_case_goes_out_signed_without_numbers_and_its_receipt_is_kept(session, engine, market, secret):
    number = send_over(session)
    assert shown(session, number).state == handovers.WAITING
    assert await carry(engine) == 1
    ((headers, body),) = market.offered
    seconds = headers["Hotline-Signature"].split(",")[0].removeprefix("t=")
    made = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["Hotline-Signature"] == f"t={seconds},v1={made}"
    assert market.told[0]["case_number"] == number
    assert "过期牛奶" in market.told[0]["narrative"]
    for hidden in ("13812345678", "王女士"):
        assert hidden not in body.decode()
    found = shown(session, number)
    assert (found.zh, found.state, found.number, found.attempts) == ("12315平台", handovers.TAKEN, "M1", 1)
    assert actions(session, number)[-2:] == ["send_over", "receipt"]
    assert ("platform:p12315", "移交外部平台") in [(look.actor, look.purpose) for look in looks_at(session, number)]
    session.rollback()
    assert await carry(engine, NOW + DAY) == 0
    assert len(market.offered) == 1


async def test_under_an_agreement_the_contact_goes_along_but_never_of_who_asked_for_confidence(session, engine, market):
    handovers.add_platform(session, "p12315", "12315平台", market.url, NOW, with_contact=True)
    session.commit()
    for privacy in ("public", "confidential"):
        send_over(session, privacy)
    assert await carry(engine) == 2
    assert [one.get("phone") for one in market.told] == ["13812345678", None]


@pytest.mark.usefixtures("secret")
async def test_a_platform_that_is_away_gets_the_case_later_with_the_same_key(session, engine, market):
    market.answers = [(503, {}), (201, {})]  # away; then an answer without a number, which is no receipt
    number = send_over(session)
    assert await carry(engine) == 0
    found = shown(session, number)
    assert (found.state, found.outcome, found.next_try) == (handovers.WAITING, "503", NOW + timedelta(seconds=10))
    assert await carry(engine, NOW + timedelta(seconds=9)) == 0
    assert len(market.offered) == 1
    assert await carry(engine, NOW + timedelta(seconds=10)) == 0
    assert await carry(engine, NOW + timedelta(seconds=40)) == 1
    assert len({headers["Idempotency-Key"] for headers, _ in market.offered}) == 1
    assert shown(session, number).attempts == 3


@pytest.mark.usefixtures("secret")
async def test_a_platform_that_refuses_gives_the_case_back_to_a_dispatcher(session, engine, market):
    market.answers = [(422, {"reason": "不属本平台"})]
    number = send_over(session)
    await carry(engine)
    assert shown(session, number).state == handovers.REFUSED
    assert session.get_one(CaseRow, number).state == State.UNDIRECTED
    (event,) = session.scalars(select(CaseEventRow).where(CaseEventRow.action == "take_back"))
    assert event.data["reason"] == "对方不受理：不属本平台"


@pytest.mark.usefixtures("secret")
async def test_after_a_day_of_silence_somebody_is_told_and_takes_the_case_back(session, engine, market):
    market.answers = [(503, {})] * 9
    number = send_over(session)
    await carry(engine, NOW)
    await carry(engine, NOW + DAY)
    assert shown(session, number).state == handovers.GAVE_UP
    assert [a.kind for a in open_alarms(session)] == ["handover"]
    session.rollback()
    do(session, number, Action.TAKE_BACK, reason="对方系统中断")
    assert shown(session, number).state == handovers.BACK
    assert await carry(engine, NOW + DAY + DAY) == 0


@pytest.mark.usefixtures("secret")
async def test_two_workers_carry_a_case_once(session, engine, market):
    send_over(session)
    await asyncio.gather(carry(engine), carry(engine))
    assert len(market.offered) == 1


@pytest.mark.usefixtures("secret")
async def test_what_the_platform_did_comes_back_under_its_key_and_the_citizen_is_asked(session, engine):
    number = send_over(session)
    await carry(engine)
    key = known(session, issue(session, "p12315", Right.WRITE, NOW))
    other = known(session, issue(session, "p12319", Right.WRITE, NOW))
    session.rollback()
    given = (number, "已责令下架并立案", "张科", NOW, Office())
    with pytest.raises(NoSuchCase):
        intake.answer(session, other, *given)
    assert intake.answer(session, key, *given)
    assert not intake.answer(session, key, *given)
    with pytest.raises(NotAllowed):
        intake.answer(session, key, number, "又有别的答复", "张科", NOW, Office())
    assert session.get_one(CaseRow, number).state == State.CALLBACK
    assert session.get_one(CaseRow, number).reply == "已责令下架并立案"
    assert handovers.of_case(session, number)[0].state == handovers.ANSWERED
    assert list(wrong_events(session)) == []


@pytest.mark.usefixtures("secret")
async def test_an_answer_to_what_was_found_on_patrol_goes_to_a_verifier(session, engine):
    number = send_over(session, source="video")
    await carry(engine)
    key = known(session, issue(session, "p12315", Right.WRITE, NOW))
    session.rollback()
    intake.answer(session, key, number, "已处理", "张科", NOW, Office())
    assert session.get_one(CaseRow, number).state == State.VERIFICATION


@pytest.mark.usefixtures("secret")
async def test_the_workers_job_carries_what_waits(session, office_url, redis_url):
    number = send_over(session)
    taken = await asyncio.to_thread(jobs.hand_over, office_url, redis_url, 1.0, NOW.isoformat())
    assert taken == 1
    assert shown(session, number).number == "M1"


def test_whence_a_case_came_goes_with_its_words(session):
    key = known(session, issue(session, "police", Right.WRITE, NOW, source="110"))
    session.rollback()
    arrival = intake.Arrival(GOODS, "110-8899", "接警员007", "0" * 64)
    number = intake.take_in(session, key, arrival, NOW, Office()).case
    do(session, number, Action.WITHDRAW, words="不用了")
    for action in (Action.ARCHIVE, Action.ERASE):
        perform(session, number, action, NOW, actor="timetable", role=Role.SYSTEM)
    assert intake.origin(session, number, hide=False) is None
    assert "接警员007" not in str(session.execute(text("SELECT * FROM case_events")).all())


def test_a_platform_is_named_once_and_its_address_is_one(session):
    add = handovers.add_platform
    add(session, "p12315", "12315平台", "https://m.example/cases", NOW)
    for name, zh, url in (
        ("p12315", "x", "https://m.example"), ("P 1", "x", "https://m.example"), ("p2", "", "https://m.example"),
        ("p3", "x", "ftp://m.example"),
    ):  # fmt: skip
        with pytest.raises(handovers.NoPlatform):
            add(session, name, zh, url, NOW)
    handovers.remove_platform(session, "p12315", NOW)
    session.commit()
    with pytest.raises(NotAllowed, match="no platform"):
        send_over(session)


def test_a_city_goes_back_to_before_the_platforms_and_forth_with_its_cases(office_url, market):
    engine = connect(office_url)
    with Session(engine) as session:
        handovers.add_platform(session, "p12315", "12315平台", market.url, NOW)
        session.commit()
        send_over(session)
    schema.downgrade(office_url, "r0011")
    with Session(engine) as session:
        assert session.execute(text("SELECT state FROM cases")).scalar_one() == "handed_over"
        assert list(wrong_events(session)) == []
    schema.upgrade(office_url)
    with writing(engine) as session:
        assert session.scalars(select(HandoverRow)).all() == []
    engine.dispose()
