"""What a citizen hears who asks how their case stands."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import Prepared
from sqlalchemy.orm import Session

from ivr.cases import Cases
from ivr.line import Heard, To
from ivr.understand.after_case import asks_progress
from ivr.understand.case_number import case_number
from routing import schema
from routing.case_desk import Opened, open_case, perform
from routing.cases import Action, Role
from routing.cases import case_number as make_number
from routing.catalogue import shipped
from routing.database import connect
from routing.dispatch import Report, propose
from routing.grids import sample
from routing.standing import Standing

OWN = "13800130001"
LAMP = Report("泰安名苑门口路灯不亮", place="泰安名苑", matter="0203", contact=OWN)


@pytest.fixture
def database_url(database_kind: str, prepared: Prepared, tmp_path: Path) -> str:
    return prepared.new(database_kind, tmp_path, schema)


@pytest.fixture
def desk(database_url: str) -> Iterator[Session]:
    engine = connect(database_url)
    with Session(engine) as session:
        yield session
    engine.dispose()


def asked_from(url: str, caller: str):
    """Rooms.progress for a caller, with the real tables behind it."""
    cases = Cases(url)

    async def progress(number: str) -> Sequence[Standing]:
        return cases.standing(caller, number)

    return progress


def lamp(session: Session) -> Opened:
    made = propose(LAMP, shipped(), sample())
    return open_case(session, LAMP, made, datetime.now(UTC), actor="op1001")


def answered(session: Session) -> str:
    number = lamp(session).number
    now, unit = datetime.now(UTC), "urban_mgmt.hbw"
    perform(session, number, Action.SIGN, now, actor="u", role=Role.DEPARTMENT, unit=unit)
    given = {"reply": "灯泡已经更换。", "contacted": "电话"}
    perform(session, number, Action.REPLY, now, actor="u", role=Role.DEPARTMENT, unit=unit, given=given)
    perform(session, number, Action.PASS, now, actor="d", role=Role.SUPERVISOR)
    return number


async def test_the_citizens_own_number_is_enough_to_hear_who_has_the_case_and_until_when(desk, database_url, hold):
    lamp(desk)
    line = await hold("我反映的路灯怎么样了", "没有了", progress=asked_from(database_url, OWN))
    heard = "".join(line.said)
    assert "海勃湾区城市管理" in heard or "海勃湾" in heard
    assert "路灯" in heard
    assert "答复您" in heard
    assert line.destination.to is To.BYE


async def test_the_reply_is_read_out_to_the_citizens_own_number_only(desk, database_url, hold):
    number = answered(desk)
    own = await hold("我反映的问题怎么样了", "没有了", progress=asked_from(database_url, OWN))
    assert "灯泡已经更换" in "".join(own.said)
    other = await hold("查一下工单进度", f"[{number}]", "没有了", progress=asked_from(database_url, "13800139999"))
    heard = "".join(other.said)
    assert "已经答复" in heard
    assert "灯泡" not in heard, "who only knows the number of a case hears where it is, not what was written"


async def test_a_number_with_a_wrong_digit_is_asked_again_and_then_a_person_helps(desk, database_url, hold):
    number = lamp(desk).number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    progress = asked_from(database_url, "")
    line = await hold("查工单", f"[{wrong}]", f"[{number}]", "没有了", progress=progress)
    assert any("没有查到" in sentence for sentence in line.said)
    assert line.destination.to is To.BYE
    line = await hold("查工单", f"[{wrong}]", f"[{wrong}]", progress=progress)
    assert line.destination.to is To.QUEUE


async def test_a_nought_within_a_case_number_is_no_cry_for_a_person_but_a_nought_alone_is(desk, database_url, hold):
    number = lamp(desk).number
    assert "0" in number
    progress = asked_from(database_url, "")
    assert (await hold("查工单", f"[{number}]", "没有了", progress=progress)).destination.to is To.BYE
    assert (await hold("查工单", "[0]", progress=progress)).destination.reason == "asked for a person"


@pytest.mark.parametrize("day", [f"2611{day:02d}" for day in range(1, 31)])
def test_a_number_said_digit_by_digit_is_the_number(day):
    number = make_number("03", day, 1)
    spoken = "".join("零幺二三四五六七八九"[int(d)] for d in number)
    assert case_number(Heard(words=spoken)) == number
    assert case_number(Heard(words="工单号是" + spoken)) == number
    assert case_number(Heard(words="是这个" + spoken.replace("四", "是"))) == number
    assert case_number(Heard(words=spoken[:-1])) is None


@pytest.mark.parametrize("words", ["居住证怎么办理", "公积金贷款进度怎么查", "路灯不亮没人修", "我要反映一个问题"])
def test_who_asks_something_else_is_not_asked_for_a_case(words):
    assert not asks_progress(Heard(words=words))
