"""The forms on a case's page, drawn from the table of its life."""

from agent_console import case_forms
from routing.cases import LIFE_CYCLE, Action
from routing.grids import sample


def test_every_field_that_any_step_needs_can_be_filled_in():
    needed = {name for (_, action), step in LIFE_CYCLE.items() if action is not Action.ATTACH for name in step.needs}
    assert needed - {case_forms.PHOTO} <= set(case_forms.FIELDS)


def test_a_return_is_asked_for_with_a_lawful_reason_and_the_right_unit():
    (form,) = case_forms.forms([(Action.ASK_RETURN, ("reason", "basis", "unit"))])
    assert [(f.zh, f.kind) for f in form.fields] == [("理由", "list"), ("依据", "long"), ("应当办理的单位", "unit")]
    assert ("wrong_territory", "属地不符（地图点位在本单位辖区之外）") in form.fields[0].options


def test_other_reasons_are_written_freely():
    assert case_forms.field(Action.REJECT, "reason").kind == "long"


def test_a_unit_is_named_by_name_or_code():
    code, name = case_forms.units(sample())[0]
    assert case_forms.unit_code(name, sample()) == code
    assert case_forms.unit_code(f" {code} ", sample()) == code
    assert case_forms.unit_code("没有这个单位", sample()) == "没有这个单位"


def test_a_history_speaks_chinese():
    said = case_forms.said_with(
        {"reason": "wrong_duty", "solved": "yes", "because": "x", "unit": "", "note": "已电话联系"}, sample()
    )
    assert said == [("理由", "职能不符"), ("问题是否解决", "已解决"), ("备注", "已电话联系")]
