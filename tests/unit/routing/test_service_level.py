"""How well callers were served."""

from datetime import UTC, datetime, timedelta

from routing.records import CallEvent, apply
from routing.service_level import Service, add_up, beginning, service_since

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_soon_late_and_given_up_are_told_apart_and_who_still_waits_counts_nowhere():
    facts = [
        ("soon", "queued", at(0)), ("late", "queued", at(0)), ("gone", "queued", at(0)), ("waits", "queued", at(0)),
        ("robot", "ended", at(5)), ("soon", "answered", at(15)), ("late", "answered", at(16)),
        ("gone", "ended", at(20)), ("soon", "ended", at(99)),
    ]  # fmt: skip
    service = add_up(facts, goal=15)
    assert service == Service(asked=4, answered=2, in_time=1, given_up=1)
    assert service.level == 1 / 3


def test_a_caller_put_back_in_front_was_answered_when_a_person_first_spoke():
    facts = [("c", "queued", at(0)), ("c", "answered", at(5)), ("c", "queued", at(60)), ("c", "answered", at(90))]
    assert add_up(facts, goal=15) == Service(1, 1, 1, 0)


def test_without_calls_there_is_no_level():
    assert add_up([], goal=15).level is None


def test_today_begins_at_the_citys_midnight():
    assert beginning(NOON) == datetime(2026, 11, 23, 16, tzinfo=UTC)


def test_the_records_of_today_are_added_up(session):
    for n, (kind, when) in enumerate([("queued", at(-90_000)), ("queued", at(0)), ("answered", at(4))]):
        apply(session, CallEvent("yesterday" if n == 0 else "today", n, when, kind, {}))
    assert service_since(session, beginning(NOON), 15) == Service(1, 1, 1, 0)
