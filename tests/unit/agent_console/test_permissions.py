"""Who may open what."""

from agent_console.permissions import TABLE, May, Role, endpoint, masked, may


def test_only_who_calls_citizens_back_sees_numbers_in_full():
    assert {role for role in Role if may(role, May.SEE_NUMBERS)} == {Role.OPERATOR, Role.SUPERVISOR}


def test_a_unit_sees_its_own_cases_and_the_knowledge_it_answers_for_and_nothing_of_callers():
    assert TABLE[Role.UNIT] == {May.OWN_CASES, May.OWN_FIGURES, May.READ_KNOWLEDGE, May.EDIT_KNOWLEDGE}


def test_only_supervisors_listen_in():
    assert {role for role in Role if may(role, May.SUPERVISE)} == {Role.SUPERVISOR}


def test_every_role_has_its_line_in_the_table():
    assert set(TABLE) == set(Role)


def test_a_masked_number_leads_nowhere():
    assert masked("13800138000") == "138****8000"
    assert masked("12345") == "****"
    assert masked("") == ""


def test_only_desks_with_a_number_have_a_telephone():
    assert endpoint(Role.OPERATOR, "1001") == "op1001"
    assert endpoint(Role.OPERATOR, None) is None
    assert endpoint(Role.EDITOR, "3001") is None
