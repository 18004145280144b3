"""How fast are whole pages of the console over an archive?  Part of `make bench-cases`.

A console in this process, and people of each office signed in: from sending the request to having the whole page, in
ms, the browser's own work left out.  So it holds signing in, the databases, the look that is written down, the template
and the client's own reading; one page after another.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from agent_console.case_pages import HOTLINE_FILTERS, UNIT_FILTERS
from agent_console.permissions import Role
from tests.bench.timing import line
from tests.console import Person, opened
from tests.servers import redis_server

WARM = 20
Address = Callable[[random.Random], str]


class Archive(Protocol):
    """What addresses are drawn from."""

    cases: list[Any]  # number first, words last
    calls: list[str]
    busiest: str  # unit

    def of_unit(self, dice: random.Random) -> str:
        """A case of the busiest unit."""


def addresses(archive: Archive) -> Iterator[tuple[Role, str, Address]]:
    """Whose page, what it is, where it is."""

    def case(dice: random.Random) -> Any:
        return dice.choice(archive.cases)

    for name, (zh, _) in HOTLINE_FILTERS.items():
        yield Role.DISPATCHER, f"list, {zh}", lambda _, n=name: f"/cases?show={n}"
    yield Role.DISPATCHER, "list, a deep page", lambda d: f"/cases?after={case(d)[0]}"
    yield Role.DISPATCHER, "search, two characters", lambda d: f"/cases?q={case(d)[-1][:2]}"
    yield Role.DISPATCHER, "search, a sentence", lambda d: f"/cases?q={case(d)[-1][:60]}"
    yield Role.DISPATCHER, "a case", lambda d: f"/cases/{case(d)[0]}"
    yield Role.SUPERVISOR, "a call", lambda d: f"/calls/{d.choice(archive.calls)}"
    yield Role.SUPERVISOR, "the floor", lambda _: "/supervisor"
    yield Role.SUPERVISOR, "incidents", lambda _: "/incidents"
    for days in (1, 7, 30, 365):
        yield Role.SUPERVISOR, f"report of {days} days", lambda _, n=days: f"/figures?days={n}"
    yield Role.SUPERVISOR, "report of a year as CSV", lambda _: "/figures.csv?days=365"
    for name, (zh, _) in UNIT_FILTERS.items():
        yield Role.UNIT, f"the busiest unit's list, {zh}", lambda _, n=name: f"/cases?show={n}"
    yield Role.UNIT, "the busiest unit's search", lambda d: f"/cases?q={case(d)[-1][:2]}"
    yield Role.UNIT, "a case of the busiest unit", lambda d: f"/cases/{archive.of_unit(d)}"
    yield Role.UNIT, "the busiest unit's own figures", lambda _: "/figures/own?months=12"
    yield Role.AUDITOR, "who saw a case", lambda d: f"/inspect?q={case(d)[0]}"
    yield Role.GRID, "a grid officer's page", lambda _: "/grid"


async def pages(url: str, archive: Archive, times: int, area: str) -> list[dict[str, Any]]:
    """area: of the grid officer."""
    made = f"b{time.time_ns() % 10**12}"
    bound: dict[Role, dict[str, str]] = {Role.UNIT: {"unit": archive.busiest}, Role.GRID: {"area": area}}
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    lines, people = [], dict[Role, Person]()
    with tempfile.TemporaryDirectory() as home, redis_server() as redis_url:
        async with opened(url, redis_url, Path(home)) as console:
            for role, _, address in addresses(archive):  # a console that has just started still reads its tables
                if role not in people:
                    people[role] = await console.person(f"{made}{role}", role, **bound.get(role, {}))
                await people[role].read(address(random.Random(1)))
            for role, name, address in addresses(archive):
                dice, taken = random.Random(7), []
                for turn in range(times + WARM):
                    asked, began = address(dice), time.perf_counter()
                    await people[role].read(asked)
                    if turn >= WARM:
                        taken.append(1000 * (time.perf_counter() - began))
                lines.append(line(kind, f"page: {name}", taken))
    return lines
