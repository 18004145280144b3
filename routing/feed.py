"""How do the desks learn at once what happened?  A bounded Redis stream; losing it loses no call and no record."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator
from typing import NamedTuple

import redis
import redis.asyncio
from redis.exceptions import RedisError

from routing.events import Event, dump, load

log = logging.getLogger(__name__)

STREAM = "hotline:feed"
KEPT = 10_000  # events in the stream, about a day of a city
WITHIN = 0.5  # s Redis has to take an event
REST = 1.0  # s without another try after it did not
WAIT = 5.0  # s one blocking read lasts
PAUSE = 0.5  # s between reads while Redis is away


class Told(NamedTuple):
    """An event and its place in the stream, from which `follow` can go on."""

    id: str
    event: Event


class Feed:
    """Publish from any thread; follow from a coroutine."""

    def __init__(self, redis_url: str) -> None:
        self._url = redis_url
        self._redis = redis.Redis.from_url(
            redis_url, decode_responses=True, socket_timeout=WITHIN, socket_connect_timeout=WITHIN, retry=None
        )
        self._away_until = 0.0
        self._lock = threading.Lock()

    def publish(self, event: Event) -> bool:
        """Never raises and never waits longer than WITHIN; False when nobody was told."""
        if time.monotonic() < self._away_until:
            return False
        try:
            # mypy: redis types the fields of an entry invariantly
            self._redis.xadd(STREAM, dict(dump(event)), maxlen=KEPT, approximate=True)  # type: ignore[arg-type]
            return True
        except (RedisError, OSError, ValueError, TypeError):
            with self._lock:
                self._away_until = time.monotonic() + REST
            log.warning("the feed is away; an event was not told", extra={"event": type(event).__name__})
            return False

    def last_id(self) -> str:
        """Where the stream ends now; "0" when it is empty or away."""
        try:
            entries = self._redis.xrevrange(STREAM, count=1)
            return str(entries[0][0]) if entries else "0"
        except (RedisError, OSError):
            return "0"

    async def follow(self, last_id: str = "$") -> AsyncIterator[Told]:
        """Every event after `last_id` ("$": from now on, "0": all that is kept), for ever.

        While Redis is away it waits; afterwards it goes on where it was.  Events of a kind this version does
        not know are passed over.
        """
        client = redis.asyncio.Redis.from_url(self._url, decode_responses=True, socket_connect_timeout=WITHIN)
        try:
            while True:
                try:
                    if last_id == "$":
                        newest = await client.xrevrange(STREAM, count=1)
                        last_id = str(newest[0][0]) if newest else "0-0"
                    found = await client.xread({STREAM: last_id}, count=100, block=int(WAIT * 1000))
                except (RedisError, OSError):
                    await asyncio.sleep(PAUSE)
                    continue
                for _stream, entries in _pairs(found):
                    for entry_id, fields in entries:
                        last_id = entry_id
                        event = load(fields)
                        if event is not None:
                            yield Told(entry_id, event)
        finally:
            await client.aclose()

    def close(self) -> None:
        self._redis.close()


def _pairs(found: object) -> list[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """What XREAD found, as pairs: RESP3 answers with a mapping, RESP2 with a list."""
    if not found:
        return []
    if isinstance(found, dict):
        return [(name, [e for part in parts for e in (part if isinstance(part, list) else [part])])
                for name, parts in found.items()]  # fmt: skip
    return list(found)  # type: ignore[call-overload, no-any-return]
