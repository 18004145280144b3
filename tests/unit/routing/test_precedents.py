"""Two units send a case back; the hotline names one, and the next case of its kind goes there at once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from routing.case_desk import open_case, perform
from routing.cases import Action, Role, State
from routing.catalogue import shipped
from routing.dispatch import Report, propose
from routing.grids import sample
from routing.precedent_desk import rulings
from routing.precedents import Precedent, binding, cited
from routing.tables import CaseRow

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
LAMP = Report("路灯不亮", place="泰安名苑", matter="0203")
NAMED = "housing_bureau.hbw"


def ruled(session) -> str:
    """A case that was sent back twice and then given to NAMED."""
    number = open_case(session, LAMP, propose(LAMP, shipped(), sample()), NOW, actor="op1001").number
    for lead in ("district.hbw", "urban_mgmt.hbw", ""):
        unit = session.get(CaseRow, number).lead
        session.rollback()
        given = {"reason": "wrong_duty", "basis": "三定方案", "unit": NAMED}
        perform(session, number, Action.ASK_RETURN, NOW, actor="u", role=Role.DEPARTMENT, unit=unit, given=given)
        if lead:
            perform(session, number, Action.ACCEPT_RETURN, NOW, actor="s", role=Role.SUPERVISOR, given={"reason": "对"})
            dispatch = {"lead": lead, "reason": "改派"}
            perform(session, number, Action.DISPATCH, NOW, actor="s", role=Role.SUPERVISOR, given=dispatch)
    perform(session, number, Action.ARBITRATE, NOW, actor="s", role=Role.SUPERVISOR, given={"reason": "两次退单"})
    ruling = {"lead": NAMED, "reason": "小区内道路照明由住建负责"}
    perform(session, number, Action.RULE, NOW, actor="sup", role=Role.SUPERVISOR, given=ruling)
    return number


def test_the_ruling_leads_the_next_proposal_and_says_where_it_comes_from(session):
    number = ruled(session)
    assert session.get(CaseRow, number).state == State.DISPATCHED
    without = propose(LAMP, shipped(), sample())
    made = cited(without, rulings(session, "0203"), sample())
    assert made.lead == NAMED
    assert f"先例：工单{number}" in made.because
    assert "小区内道路照明由住建负责" in made.because
    assert made.runners_up[0].lead == without.lead
    assert without.lead in made.assist, "duty and territory both stay on the case"


def test_another_matter_or_another_district_is_not_bound(session):
    ruled(session)
    known = rulings(session, "0203")
    place = propose(LAMP, shipped(), sample()).place
    assert binding(known, "0203", place)
    assert binding(known, "0101", place) is None
    assert binding(known, "0203", replace(place, district="wd", community="elsewhere")) is None


def test_the_same_community_counts_before_the_same_district_and_the_newer_before_the_older():
    place = propose(LAMP, shipped(), sample()).place

    def ruling(case: str, days: int, community: str | None) -> Precedent:
        return Precedent(case, "0203", place.district, community, NAMED, "", NOW + timedelta(days=days))

    near, far, older = ruling("1", 0, place.community), ruling("2", 5, "other"), ruling("3", 1, "other")
    assert binding([near, far, older], "0203", place) is near
    assert binding([far, older], "0203", place) is far
