"""The hotline rings the citizen, asks, and closes the case; the citizen rings the hotline and hears how it stands."""

import asyncio
from datetime import UTC, datetime

from house import House
from sqlalchemy.orm import Session

from routing.case_desk import open_case, perform
from routing.cases import Action, Role
from routing.catalogue import shipped
from routing.database import connect
from routing.dispatch import Report, propose
from routing.events import CaseChanged
from routing.feed import Feed
from routing.grids import sample
from routing.tables import CaseRow

NUMBER = "13800139901"
UNIT = "urban_mgmt.hbw"


def replied(house: House) -> str:
    """A case the unit has answered and the hotline has looked at: now the citizen is asked."""
    engine, now = connect(house.database), datetime.now(UTC)
    report = Report("泰安名苑门口路灯不亮", place="泰安名苑", matter="0203", contact=NUMBER)
    with Session(engine) as session:
        case = open_case(session, report, propose(report, shipped(), sample()), now, actor="op1001").number
        perform(session, case, Action.SIGN, now, actor="u", role=Role.DEPARTMENT, unit=UNIT)
        given = {"reply": "灯泡已经更换。", "contacted": "电话"}
        perform(session, case, Action.REPLY, now, actor="u", role=Role.DEPARTMENT, unit=UNIT, given=given)
        perform(session, case, Action.PASS, now, actor="d", role=Role.SUPERVISOR)
    engine.dispose()
    return case


async def until_changed(house: House, case: str, bound: float = 60) -> str:
    """What next happens to the case."""
    told = Feed(house.redis).follow("0")
    try:
        async with asyncio.timeout(bound):
            async for entry in told:
                if isinstance(entry.event, CaseChanged) and entry.event.case == case:
                    return entry.event.action
    finally:
        await told.aclose()
    raise AssertionError("the feed ended")


async def test_the_citizen_closes_the_case_on_the_telephone_and_hears_later_that_it_is_closed(house):
    answers = ["--say", "解决了", "--say", "非常满意", "--say", "没有了谢谢"]
    citizen = await house.dial("--wait", "--number", NUMBER, *answers, "--stay", "1")
    await citizen.until("the telephone is free")
    case = replied(house)
    await citizen.until("the telephone rings")
    lived = await citizen.end()
    assert lived["outcome"] == "answer"
    assert "路灯" in lived["heard_by_caller"]
    assert await until_changed(house, case) == "close"
    engine = connect(house.database)
    with Session(engine) as session:
        row = session.get_one(CaseRow, case)
        assert (row.state, row.solved, row.satisfied) == ("closed", "yes", "very")
    engine.dispose()
    asking = ["--interrupt", "0.5", "--number", NUMBER, "--say", "我反映的路灯怎么样了", "--stay", "1"]
    heard = (await house.call(*asking))["said_by_robot"]
    assert any("已经办结" in said and "灯泡已经更换" in said for said in heard)
