"""How well callers were served."""

from datetime import UTC, datetime, timedelta

from routing.records import CallEvent, apply
from routing.service_level import Service, beginning, service_since

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_today_begins_at_the_citys_midnight():
    assert beginning(NOON) == datetime(2026, 11, 23, 16, tzinfo=UTC)


def told(session, call: str, *facts: tuple[str, datetime]) -> None:
    for n, (kind, when) in enumerate(facts):
        apply(session, CallEvent(call, n, when, kind, {}))


def test_the_records_of_today_are_added_up(session):
    told(session, "yesterday", ("queued", at(-90_000)))
    told(session, "today", ("queued", at(0)), ("answered", at(4)))
    told(session, "gone", ("queued", at(0)), ("ended", at(40)))
    told(session, "robot", ("arrived", at(0)), ("ended", at(40)))
    assert service_since(session, beginning(NOON), 15) == Service(2, 1, 1, 1)


def test_a_caller_put_back_in_front_was_answered_when_a_person_first_spoke(session):
    told(session, "c", ("queued", at(0)), ("answered", at(5)), ("queued", at(60)), ("answered", at(90)))
    assert service_since(session, beginning(NOON), 15) == Service(1, 1, 1, 0)


def test_soon_late_and_given_up_are_told_apart_and_who_still_waits_counts_nowhere(session):
    told(session, "soon", ("queued", at(0.25)), ("answered", at(15.25)), ("ended", at(60)))
    told(session, "late", ("queued", at(0)), ("answered", at(15.01)))
    told(session, "gone", ("queued", at(0)), ("ended", at(40)))
    told(session, "waits", ("queued", at(0)))
    service = service_since(session, beginning(NOON), 15)
    assert service == Service(asked=4, answered=2, in_time=1, given_up=1)
    assert service.level == 1 / 3


def test_without_calls_there_is_no_level(session):
    assert service_since(session, beginning(NOON), 15).level is None
