"""Who knocks at the open door, may they, and not too often?  A key in each request; never a cookie."""

import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from aiohttp import web

from agent_console.house import house
from agent_console.open311_answers import refusal
from agent_console.open311_form import Wrong
from routing import api_keys
from routing.api_keys import ApiKey, Right

GEOREPORT = "/open311/"
PATHS = (GEOREPORT, "/intake/")  # nothing else is exempt from sessions and their tokens
WINDOW = 60.0  # s
REMEMBERED = 10_000  # keys and addresses; who was silent longest goes first


class TooMany(Wrong):
    """Come again after `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__("too many requests", 429)
        self.wait = wait


class NoKey(Wrong):
    """Nobody knows who asks: 403 in GeoReport, 401 wherever else."""

    def __init__(self) -> None:
        super().__init__("api_key is missing or wrong", 403)


class Rates:
    """Requests of the last minute, per key or address; each console process counts for itself."""

    def __init__(self) -> None:
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def enter(self, who: str, most: int, now: float) -> None:
        """Count one request; TooMany when there were `most` within the last minute."""
        times = self._times.setdefault(who, deque())
        self._times.move_to_end(who)
        while times and times[0] <= now - WINDOW:
            times.popleft()
        if len(times) >= most:
            raise TooMany(times[0] + WINDOW - now)
        times.append(now)
        while len(self._times) > REMEMBERED:
            self._times.popitem(last=False)


RATES = web.AppKey("rates", Rates)


def is_open(request: web.Request) -> bool:
    return request.path.startswith(PATHS)


@web.middleware
async def open_door(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refusals in GeoReport's shape, whoever made them."""
    if not is_open(request):
        return await handler(request)
    try:
        return await handler(request)
    except TooMany as problem:
        return refusal(request, 429, str(problem), {"Retry-After": str(int(problem.wait) + 1)})
    except NoKey as problem:
        if request.path.startswith(GEOREPORT):
            return refusal(request, problem.status, str(problem))
        return refusal(request, 401, str(problem), {"WWW-Authenticate": "Bearer"})
    except Wrong as problem:
        return refusal(request, problem.status, str(problem))
    except web.HTTPException as problem:
        kept = {"Allow": problem.headers["Allow"]} if "Allow" in problem.headers else None
        return refusal(request, problem.status, problem.reason, kept)


def nameless(request: web.Request) -> None:
    """For what anybody may read, and for who has no right key."""
    most = house(request).settings.console_open_per_minute
    request.app[RATES].enter(f"from {request.remote}", most, time.monotonic())


async def caller(request: web.Request, given: str, *needs: Right) -> ApiKey:
    """Whose key came with the request; `given` is the argument api_key.  Wrong (403) when there is none that may."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    key = token.strip() if kind.lower() == "bearer" else given
    rooms, now = house(request), datetime.now(UTC)
    found = await rooms.downstairs.read(api_keys.known, key) if key else None
    if found is None:
        nameless(request)
        raise NoKey
    request.app[RATES].enter(f"key {found.id}", found.per_minute, time.monotonic())
    if api_keys.stale(found, now):
        await rooms.downstairs.write(api_keys.note_use, found, now)
    if found.may not in needs:
        raise Wrong(f"this key was not made to {needs[0]}", 403)
    return found
