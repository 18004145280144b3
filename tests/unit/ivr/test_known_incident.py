"""A caller from where something is known to be wrong hears it before they have to ask."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ivr.line import To
from routing.incidents import Notice, about

WATER = Notice(7, "0101", "c1", "海拉尔街一带停水，预计今晚八点恢复。", datetime.now(UTC) + timedelta(hours=3))


def told(at_home: bool, matter: str | None = None):
    async def notices(words: str) -> Sequence[Notice]:
        if not words:
            return (WATER,) if at_home else ()
        return about((WATER,), "0101" if matter and matter in words else "", (), datetime.now(UTC))

    return notices


async def test_a_caller_from_there_hears_the_notice_before_the_question(hold, facts):
    line = await hold("没有了谢谢", notices=told(at_home=True))
    assert line.said.index("通知，海拉尔街一带停水，预计今晚八点恢复。") < line.said.index("请问有什么可以帮您？")
    assert ("told_incident", {"incident": 7}) in facts


async def test_who_reports_it_is_told_once_and_then_reaches_a_person(hold):
    line = await hold("我家停水了", "停水了你们不管吗", notices=told(at_home=False, matter="停水"))
    assert sum("海拉尔街" in sentence for sentence in line.said) == 1
    assert line.destination is None or line.destination.to is To.QUEUE


async def test_who_asks_something_else_is_not_told(hold):
    line = await hold("居住证怎么办理", "没有了", notices=told(at_home=False, matter="停水"))
    assert not any("海拉尔街" in sentence for sentence in line.said)
