import asyncio
import time

import redis
from servers import free_port, start_redis, stop

from routing.events import ArticlePublished, CallArrived, CallHandedOver, CaseOpened, dump, load
from routing.feed import STREAM, Feed


async def test_a_desk_hears_what_happens_in_order(redis_url):
    feed = Feed(redis_url)
    told = [CallArrived(call="1"), CallHandedOver(call="1", to="queue"), CaseOpened(case="12345", call="1")]
    assert [feed.publish(event) for event in told] == [True] * 3
    follower = feed.follow("0")
    async with asyncio.timeout(5):
        heard = [await anext(follower) for _ in told]
        assert [h.event for h in heard] == told
        again = feed.follow(heard[0].id)  # a desk that was away goes on where it was
        assert (await anext(again)).event == told[1]
    await follower.aclose()
    await again.aclose()


async def test_a_desk_that_has_just_opened_hears_only_what_is_new(redis_url):
    feed = Feed(redis_url)
    feed.publish(CallArrived(call="old"))
    follower = feed.follow(feed.last_id())
    waiting = asyncio.ensure_future(anext(follower))
    feed.publish(CallArrived(call="new"))
    async with asyncio.timeout(5):
        assert (await waiting).event.call == "new"
    await follower.aclose()


async def test_a_word_from_a_newer_version_disturbs_nobody(redis_url):
    client = redis.Redis.from_url(redis_url)
    client.xadd(STREAM, {"kind": "CallSang", "data": "{}"})
    client.xadd(STREAM, {"kind": "CallArrived", "data": "not json"})
    client.close()
    feed = Feed(redis_url)
    feed.publish(ArticlePublished(article="k1", revision=3))
    follower = feed.follow("0")
    async with asyncio.timeout(5):
        assert (await anext(follower)).event.article == "k1"
    await follower.aclose()


def test_without_redis_nobody_waits():
    feed = Feed(f"redis://127.0.0.1:{free_port()}/0")
    began = time.monotonic()
    assert not any(feed.publish(CallArrived(call=str(n))) for n in range(100))
    assert time.monotonic() - began < 2
    assert feed.last_id() == "0"


async def test_a_redis_that_comes_back_is_followed_again():
    port = free_port()
    feed = Feed(f"redis://127.0.0.1:{port}/0")
    follower = feed.follow("0")
    waiting = asyncio.ensure_future(anext(follower))
    process = start_redis(port)
    try:
        async with asyncio.timeout(10):
            assert feed.publish(CallArrived(call="1"))
            assert (await waiting).event.call == "1"
    finally:
        await follower.aclose()
        stop(process)


def test_events_carry_ids_and_come_back_equal():
    event = CallHandedOver(call="1", to="emergency")
    assert load(dump(event)) == event
