import asyncio

from routing.alarms import acknowledge, open_alarms, raise_alarm
from routing.events import AlarmAcknowledged, AlarmRaised
from routing.feed import Feed


async def test_an_alarm_stays_until_somebody_says_that_they_saw_it(session, redis_url):
    feed = Feed(redis_url)
    first = raise_alarm(session, "emergency", "c1", "110 没有接通", feed=feed)
    assert raise_alarm(session, "emergency", "c1", "110 没有接通", feed=feed).id == first.id
    assert (
        raise_alarm(session, "overdue", None, "紧急工单1超时").id
        != raise_alarm(session, "overdue", None, "紧急工单2超时").id
    )
    for alarm in open_alarms(session)[:2]:
        acknowledge(session, alarm.id, "班长一")
    second = raise_alarm(session, "dial_test", None, "拨测没有得到正确应答", feed=feed)
    assert [a.id for a in open_alarms(session)] == [second.id, first.id]
    seen = acknowledge(session, first.id, "班长一", feed=feed)
    assert (seen.acknowledged_by, seen.acknowledged is not None) == ("班长一", True)
    assert acknowledge(session, first.id, "班长二", feed=feed).acknowledged_by == "班长一"
    assert acknowledge(session, 999, "班长二", feed=feed) is None
    assert [a.id for a in open_alarms(session)] == [second.id]
    assert raise_alarm(session, "emergency", "c1", "110 没有接通", feed=feed).id != first.id
    follower = feed.follow("0")
    async with asyncio.timeout(5):
        told = [(await anext(follower)).event for _ in range(4)]
    await follower.aclose()
    assert [type(e) for e in told] == [AlarmRaised, AlarmRaised, AlarmAcknowledged, AlarmRaised]
