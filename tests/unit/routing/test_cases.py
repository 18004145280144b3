from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from routing.cases import (
    ACTIONS_ZH,
    LIFE_CYCLE,
    OPEN,
    STATES_ZH,
    UNIT_CLOCK,
    Action,
    Facts,
    Guard,
    NotAllowed,
    Role,
    State,
    case_number,
    choices,
    step,
    valid_number,
)

WORDS = {
    "lead": "u", "reason": "r", "told": "t", "reply": "已修好", "contacted": "c", "basis": "b", "unit": "u2",
    "words": "w",
    "solved": "yes", "satisfied": "yes", "until": "2030-01-01", "parent": "p", "outside": "110", "outside_number": "1",
    "platform": "p12315", "place": "p", "photo": "0", "seen": "s", "note": "n", "sha256": "0", "purpose": "reply",
}  # fmt: skip


def ways(step):
    """Every state a step may lead to."""
    return {to for to in (step.to, step.turn and step.turn[1]) if to}


def test_every_state_and_action_has_a_name_and_is_reachable():
    assert set(STATES_ZH) == set(State)
    assert set(ACTIONS_ZH) == set(Action)
    reached = {State.DRAFT}.union(*(ways(s) for s in LIFE_CYCLE.values()))
    assert reached == set(State)
    assert {action for _, action in LIFE_CYCLE} == set(Action)


def test_from_everywhere_there_is_a_way_to_the_archive():
    leads = {State.ARCHIVED}
    while True:
        more = {at for (at, _), s in LIFE_CYCLE.items() if ways(s) & leads} | leads
        if more == leads:
            break
        leads = more
    assert leads == set(State)


def test_a_unit_never_closes_refuses_or_withdraws():
    for (_, action), s in LIFE_CYCLE.items():
        if Role.DEPARTMENT in s.by:
            assert s.to not in {State.CLOSED, State.DIRECT_CLOSED, State.NOT_ACCEPTED, State.WITHDRAWN, State.ARCHIVED}
            assert action not in {Action.PASS, Action.CLOSE, Action.DISPATCH, Action.EXTEND}


def test_every_way_into_a_close_asks_the_citizen_or_somebody_who_went_there():
    for (at, action), s in LIFE_CYCLE.items():
        if State.CLOSED in ways(s):
            assert (at, action) in {(State.CALLBACK, Action.CLOSE), (State.VERIFICATION, Action.VERIFY)}
        if action is Action.CLOSE:
            assert {"solved", "satisfied"} <= set(s.needs)
        if action is Action.VERIFY:
            assert {"place", "photo"} <= set(s.needs)
            assert s.guard is Guard.OTHERS_WORK
        if s.to is State.DIRECT_CLOSED:
            assert "solved" in s.needs


PATROL = Facts(led=True, patrol=True)


def test_what_was_found_on_patrol_is_looked_at_by_somebody_who_did_not_do_the_work():
    assert step(State.REPLIED, Action.PASS, Role.DISPATCHER, PATROL, {}).to is State.VERIFICATION
    assert step(State.REPLIED, Action.PASS, Role.DISPATCHER, Facts(led=True), {}).to is State.CALLBACK
    seen = {"place": "距南门约30米", "photo": "0"}
    assert step(State.VERIFICATION, Action.VERIFY, Role.GRID, PATROL, seen).to is State.CLOSED
    with pytest.raises(NotAllowed, match="somebody else's work"):
        step(State.VERIFICATION, Action.VERIFY, Role.GRID, replace(PATROL, own_work=True), seen)
    with pytest.raises(NotAllowed, match="say: photo"):
        step(State.VERIFICATION, Action.VERIFY, Role.GRID, PATROL, {"place": "南门"})
    for role in (Role.DEPARTMENT, Role.OPERATOR, Role.SYSTEM):
        with pytest.raises(NotAllowed):
            step(State.VERIFICATION, Action.VERIFY, role, PATROL, seen)


def test_what_is_found_not_done_goes_back_to_the_unit_or_to_a_dispatcher_where_none_leads():
    seen = {"place": "距南门约30米", "seen": "还在漏水"}
    assert step(State.VERIFICATION, Action.FAIL, Role.GRID, PATROL, seen).to is State.REWORKED
    assert step(State.VERIFICATION, Action.FAIL, Role.GRID, replace(PATROL, led=False), seen).to is State.UNDIRECTED


def test_only_on_patrol_may_somebody_say_that_they_have_handled_it_themselves():
    done = {"reply": "已扶正", "photo": "0"}
    assert step(State.DRAFT, Action.HANDLE, Role.GRID, Facts(patrol=True), done).to is State.VERIFICATION
    with pytest.raises(NotAllowed):
        step(State.DRAFT, Action.HANDLE, Role.GRID, Facts(), done)


def test_silence_is_no_yes():
    for answer in ("", "not_reached", None):
        with pytest.raises(NotAllowed):
            step(State.CALLBACK, Action.CLOSE, Role.OPERATOR, Facts(), {"solved": answer, "satisfied": "yes"})
    assert step(State.CALLBACK, Action.NOT_REACHED, Role.OPERATOR, Facts(), {}).to is None


def test_an_unsatisfied_citizen_reopens_once_and_then_a_supervisor_decides():
    unhappy = {"solved": "no", "satisfied": "no", "words": "没修"}
    with pytest.raises(NotAllowed, match="reopen it"):
        step(State.CALLBACK, Action.CLOSE, Role.SUPERVISOR, Facts(led=True), unhappy)
    assert step(State.CALLBACK, Action.REOPEN, Role.OPERATOR, Facts(led=True), unhappy).to is State.REWORKED
    with pytest.raises(NotAllowed):
        step(State.CALLBACK, Action.REOPEN, Role.OPERATOR, Facts(reworks=1, led=True), unhappy)
    with pytest.raises(NotAllowed, match="a supervisor decides"):
        step(State.CALLBACK, Action.CLOSE, Role.OPERATOR, Facts(reworks=1, led=True), unhappy)
    assert (
        step(State.CALLBACK, Action.TO_SUPERVISOR, Role.OPERATOR, Facts(reworks=1, led=True), unhappy).to
        is State.ARBITRATION
    )


def test_after_two_returns_arbitration_names_the_unit_and_binds():
    asked = {"reason": "r"}
    assert step(State.RETURN_REQUESTED, Action.ACCEPT_RETURN, Role.DISPATCHER, Facts(returns=1), asked)
    with pytest.raises(NotAllowed, match="returns left"):
        step(State.RETURN_REQUESTED, Action.ACCEPT_RETURN, Role.DISPATCHER, Facts(returns=2), asked)
    assert step(State.RETURN_REQUESTED, Action.ARBITRATE, Role.DISPATCHER, Facts(returns=2), asked)
    with pytest.raises(NotAllowed, match="no ruling binds it"):
        step(State.SIGNED, Action.ASK_RETURN, Role.DEPARTMENT, Facts(bound=True), WORDS)


def test_a_refusal_says_what_is_wrong():
    with pytest.raises(NotAllowed, match="case 42 is closed; a unit cannot reply it"):
        step(State.CLOSED, Action.REPLY, Role.DEPARTMENT, Facts(), WORDS, "42")
    with pytest.raises(NotAllowed, match="say: basis, unit"):
        step(State.SIGNED, Action.ASK_RETURN, Role.DEPARTMENT, Facts(), {"reason": "wrong_duty", "basis": " "}, "42")


class Walk(RuleBasedStateMachine):
    """Any role does anything the table offers, in any order."""

    def __init__(self):
        super().__init__()
        self.state, self.facts, self.asked, self.seen = State.DRAFT, Facts(), False, False
        self.workers: set[str] = set()

    @initialize(patrol=st.booleans())
    def begin(self, patrol):
        self.facts = Facts(patrol=patrol)

    @rule(data=st.data(), who=st.sampled_from(["anna", "ben"]))
    def do_something(self, data, who):
        self.facts = replace(self.facts, own_work=who in self.workers)
        offered = [(a, r) for r in Role for a, _ in choices(self.state, r, self.facts)]
        if not offered:
            return
        action, role = data.draw(st.sampled_from(sorted(offered)))
        answer = data.draw(st.sampled_from(["yes", "no", "not_reached", ""]))
        try:
            done = step(self.state, action, role, self.facts, {**WORDS, "solved": answer, "satisfied": answer})
        except NotAllowed:
            assert action in {Action.CLOSE, Action.ANSWER}
            return
        f = self.facts
        self.facts = Facts(
            f.returns + (action is Action.ACCEPT_RETURN),
            f.extensions + (action is Action.EXTEND),
            f.reworks + (action is Action.REOPEN),
            f.bound or action is Action.RULE,
            f.led or action in {Action.DISPATCH, Action.RULE},
            f.patrol,
        )
        if action in {Action.REPLY, Action.HANDLE}:
            self.workers.add(who)
        if action is Action.VERIFY:
            self.seen = who not in self.workers
        elif action in {Action.REOPEN, Action.FAIL}:
            self.seen = False
        self.asked = (self.asked or action in {Action.CLOSE, Action.ANSWER}) and action is not Action.REOPEN
        if action in {Action.CLOSE, Action.ANSWER}:
            assert answer in {"yes", "no"}
        self.state = done.to or self.state

    @invariant()
    def nothing_is_closed_unasked(self):
        if self.state in {State.CLOSED, State.DIRECT_CLOSED}:
            assert self.seen if self.facts.patrol else self.asked

    @invariant()
    def nobody_is_asked_about_what_nobody_reported(self):
        assert self.state is not (State.CALLBACK if self.facts.patrol else State.VERIFICATION)

    @invariant()
    def limits_hold(self):
        assert self.facts.returns <= 2
        assert self.facts.extensions <= 1
        assert self.facts.reworks <= 1

    @invariant()
    def an_open_case_always_offers_a_way_on(self):
        if self.state in OPEN:
            assert any(s.to for r in Role for _, s in choices(self.state, r, self.facts))

    @invariant()
    def the_unit_works_only_on_what_was_dispatched(self):
        if self.state in UNIT_CLOCK:
            assert self.facts.led


def test_whatever_is_done_in_whatever_order_no_case_is_closed_unasked_or_unseen():
    run_state_machine_as_test(Walk, settings=settings(max_examples=100, stateful_step_count=30, deadline=None))


@given(st.integers(1, 99_999), st.integers(0, 13), st.integers(1, 9))
def test_a_mistyped_digit_is_noticed(sequence, place, change):
    number = case_number("03", "261123", sequence)
    assert len(number) == 14
    assert valid_number(number)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert not valid_number(wrong)


@pytest.mark.parametrize("text", ["", "0326112300001", "032611230000１x", "abc", "０３２６１１２３００００１７"])
def test_what_is_no_case_number_is_none(text):
    assert not valid_number(text)
    with pytest.raises(ValueError, match="no sequence"):
        case_number("03", "261123", 0)
