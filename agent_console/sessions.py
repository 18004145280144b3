"""Who is signed in just now?  Sessions in Redis, with a copy in this process for the hours when Redis is away."""

import hashlib
import json
import logging
import secrets
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from agent_console.permissions import Role, endpoint

log = logging.getLogger(__name__)

WITHIN = 0.5  # s Redis has to answer
REST = 2.0  # s without another try after it did not
KEPT = 2_000  # sessions held in this process; the oldest go first


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a request knows of its sender.  `id` names the session in logs and locks; it opens nothing."""

    id: str
    name: str
    role: Role
    shown: str
    number: str | None
    unit: str | None
    first_login: bool
    csrf: str
    since: float  # s since the epoch
    area: str | None = None  # of a grid officer
    phone: str | None = field(default=None)  # a citizen's lent softphone

    @property
    def endpoint(self) -> str | None:
        return self.phone or endpoint(self.role, self.number)


def _key(token: str) -> str:
    """The store never holds what a cookie holds."""
    return "hotline:session:" + hashlib.sha256(token.encode()).hexdigest()


def _dump(value: SignedIn) -> str:
    return json.dumps(asdict(value), ensure_ascii=False)


def _load(text: str) -> SignedIn | None:
    try:
        d: dict[str, Any] = json.loads(text)
        return SignedIn(**(d | {"role": Role(d["role"])}))
    except (ValueError, KeyError, TypeError):
        return None


class Sessions:
    """Opened at sign-in under a new token each time, closed at sign-out, forgotten after `hours`."""

    def __init__(self, redis_url: str, hours: float) -> None:
        self._redis = redis.asyncio.Redis.from_url(
            redis_url, decode_responses=True, socket_timeout=WITHIN, socket_connect_timeout=WITHIN, retry=None
        )
        self._seconds = int(hours * 3600)
        self._here: dict[str, tuple[float, SignedIn]] = {}
        self._only_here: set[str] = set()  # opened while Redis was away
        self._closed: set[str] = set()  # closed while Redis was away
        self._away_until = 0.0

    async def open(self, **who: Any) -> tuple[str, SignedIn]:
        """A new token (256 bits) and its session."""
        token = secrets.token_urlsafe(32)
        who.setdefault("id", secrets.token_hex(8))
        made = SignedIn(csrf=secrets.token_urlsafe(24), since=time.time(), **who)
        key = _key(token)
        self._keep(key, made)
        if not await self._put(key, made):
            self._only_here.add(key)
        return token, made

    async def get(self, token: str) -> SignedIn | None:
        if not 20 <= len(token) <= 100:
            return None
        key = _key(token)
        if key in self._closed:
            return None
        until, here = self._here.get(key, (0.0, None))
        here = here if until > time.time() else None
        if self._resting():
            return here
        try:
            text = await self._redis.get(key)
        except (RedisError, OSError):
            self._went_away()
            return here
        if text is not None:
            found = _load(str(text))
            if found is not None and here is None:
                self._keep(key, found)
            return found
        if here is not None and (key in self._only_here or await self._forgotten()):
            await self._put(key, here)
            return here
        self._here.pop(key, None)
        return None

    async def change(self, token: str, value: SignedIn) -> None:
        self._keep(_key(token), value)
        await self._put(_key(token), value)

    async def close(self, token: str) -> None:
        key = _key(token)
        self._here.pop(key, None)
        self._only_here.discard(key)
        try:
            await self._redis.delete(key)
        except (RedisError, OSError):
            self._closed.add(key)
            self._went_away()

    async def remember(self, name: str, value: dict[str, Any]) -> None:
        """One small thing beside the sessions, for a restart of the console."""
        if not self._resting():
            try:
                await self._redis.set(f"hotline:console:{name}", json.dumps(value), ex=self._seconds)
            except (RedisError, OSError):
                self._went_away()

    async def recall(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads(await self._redis.get(f"hotline:console:{name}") or "{}")
            return found if isinstance(found, dict) else {}
        except (RedisError, OSError, ValueError):
            return {}

    async def alive(self) -> bool:
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError):
            return False

    async def aclose(self) -> None:
        await self._redis.aclose()

    def _keep(self, key: str, value: SignedIn) -> None:
        self._here[key] = (value.since + self._seconds, value)
        while len(self._here) > KEPT:
            self._here.pop(next(iter(self._here)))

    async def _put(self, key: str, value: SignedIn) -> bool:
        left = int(value.since + self._seconds - time.time())
        if left <= 0 or self._resting():
            return False
        try:
            await self._redis.set(key, _dump(value), ex=left)
            await self._redis.set("hotline:session:alive", "1", ex=self._seconds)
            self._only_here.discard(key)
            return True
        except (RedisError, OSError):
            self._went_away()
            return False

    async def _forgotten(self) -> bool:
        """Whether Redis came back empty, which closes nobody's session."""
        try:
            return not await self._redis.exists("hotline:session:alive")
        except (RedisError, OSError):
            return True

    def _resting(self) -> bool:
        return time.monotonic() < self._away_until

    def _went_away(self) -> None:
        if not self._resting():
            log.warning("Redis is away; sessions are kept in this process")
        self._away_until = time.monotonic() + REST
