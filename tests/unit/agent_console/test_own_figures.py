"""A unit's page of figures: its own, without what citizens answered."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from console import opened

from agent_console.permissions import May, Role, may
from routing import figure_desk
from routing.case_desk import open_case, perform
from routing.cases import Action
from routing.cases import Role as Part
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.grids import sample

UNIT = "urban_mgmt.hbw"


def closed(session) -> None:
    """A case that was answered a week ago, and whose citizen was not content."""
    then = datetime.now(UTC) - timedelta(days=40)
    told = Report("路灯不亮", place="泰安名苑", matter="0203", contact="13812345678")
    number = open_case(session, told, propose(told, shipped(), sample()), then, actor="op1001").number
    for action, role, given in (
        (Action.SIGN, Part.DEPARTMENT, {}),
        (Action.REPLY, Part.DEPARTMENT, {"reply": "换了", "contacted": "电话"}),
        (Action.PASS, Part.SUPERVISOR, {}),
        (Action.CLOSE, Part.OPERATOR, {"solved": "yes", "satisfied": "very"}),
    ):
        perform(session, number, action, then, actor="x", role=role, unit=UNIT, given=given)
    for back in range(42):
        figure_desk.recount(session, (datetime.now(UTC) - timedelta(days=back)).date())


async def test_a_unit_sees_its_own_figures_and_no_citizens_answer(redis_url: str, tmp_path: Path):
    async with opened(f"sqlite:///{tmp_path}/h.db", redis_url, tmp_path) as console:
        console.down(closed)
        unit = await console.person("carl", Role.UNIT, unit=UNIT)
        page = await unit.read("/figures/own?months=3")
        assert "海勃湾区城市管理综合执法局" in page
        assert "100.0%" in page
        assert "路灯不亮" in page  # the matter's name
        for hidden in ("满意", "解决率", "13812345678"):
            assert hidden not in page
        other = await console.person("dora", Role.UNIT, unit="urban_mgmt.wd")
        assert "100.0%" not in await other.read(f"/figures/own?months=3&unit={UNIT}")
        assert (await unit.get("/figures")).status == 403
        assert (await unit.get("/figures/own?months=999")).status == 400
        operator = await console.person("anna", Role.OPERATOR, number="1001")
        assert (await operator.get("/figures/own")).status == 403


@pytest.mark.parametrize("role", list(Role))
def test_only_units_have_figures_of_their_own(role: Role):
    assert may(role, May.OWN_FIGURES) == (role is Role.UNIT)
