"""What the records of calls tell the knowledge."""

from datetime import UTC, datetime, timedelta
from typing import Any

from agent_console.knowledge_watch import questions
from routing.records import CallEvent, CallRecord

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def call(*facts: tuple[str, dict[str, Any]], over: bool = True) -> CallRecord:
    events = tuple(CallEvent("c1", n, NOON + timedelta(seconds=n), kind, data) for n, (kind, data) in enumerate(facts))
    return CallRecord("c1", "", NOON, NOON if over else None, None, None, None, (), events)


def found(*facts: tuple[str, dict[str, Any]]) -> list[tuple[str, str, str | None, bool]]:
    return [(q.text, q.decision, q.article, q.rejected) for q in questions(call(*facts))]


def test_an_answer_belongs_to_what_was_asked():
    facts = [("heard", {"text": "怎么交水费"}), ("answered_by_robot", {"article": "k1", "revision": 1})]
    assert found(*facts) == [("怎么交水费", "answer", "k1", False)]


def test_a_chosen_candidate_answers_the_question_not_the_choice():
    assert found(
        ("heard", {"text": "水费"}), ("decided", {"decision": "clarify"}), ("heard", {"text": "第一个"}),
        ("answered_by_robot", {"article": "k1"}), ("heard", {"text": "电费呢"}), ("decided", {"decision": "unknown"}),
    ) == [("水费", "clarify", "k1", False), ("电费呢", "unknown", None, False)]  # fmt: skip


def test_a_rejected_answer_is_one():
    assert found(
        ("heard", {"text": "水费"}), ("answered_by_robot", {"article": "k1"}), ("heard", {"text": "不对"}),
        ("handed_over", {"reason": "answer rejected"}),
    ) == [("水费", "answer", "k1", True)]  # fmt: skip


def test_a_call_that_still_runs_is_left_for_later():
    assert list(questions(call(("heard", {"text": "水费"}), ("decided", {"decision": "unknown"}), over=False))) == []
