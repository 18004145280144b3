"""A unit's own figures, as a page: of the unit one signed in for, and there is no way to ask for another's."""

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from agent_console.figures import HIGH, LEFT, WIDE, named
from agent_console.house import house, page, who
from agent_console.permissions import May
from routing import unit_figures
from routing.figures import Figure
from routing.unit_figures import Own, Sums

PERIODS = {"3": "近3个月", "12": "近12个月", "36": "近3年"}
GAP = 0.25  # of a month's width is left between its bar and the next


async def show(request: web.Request) -> web.StreamResponse:
    found, rooms = who(request, May.OWN_FIGURES), house(request)
    chosen = request.query.get("months", "12")
    if chosen not in PERIODS:
        raise web.HTTPBadRequest(text="没有这个时间段")
    unit, territory = found.unit or "", rooms.desk.territory
    made = await rooms.downstairs.read(unit_figures.own, unit, datetime.now(UTC), int(chosen))
    return page(
        request, "own_figures.html", unit=territory.unit_name(unit), report=made, periods=PERIODS, chosen=chosen,
        total=cells(made.all), months=[(name, cells(sums)) for name, sums in made.months], plot=plot(made),
        matters=[(named("事项", code, territory), cells(sums)) for code, sums in made.matters],
    )  # fmt: skip


def cells(sums: Sums) -> list[str | int]:
    """Opened, due, in time, late, the rate, returned, reworked."""
    rate = "–" if sums.in_time is None else f"{100 * sums.in_time:.1f}%"
    of = sums.of
    return [of(Figure.OPENED), of(Figure.DUE), of(Figure.IN_TIME), sums.late, rate, of(Figure.RETURNED),
            of(Figure.REWORKED)]  # fmt: skip


def plot(made: Own) -> dict[str, Any]:
    """A bar a month, what was in time below and what was late on top, in the plot's own units."""
    most = max((sums.of(Figure.DUE) for _, sums in made.months), default=0) or 1
    step = (WIDE - LEFT) / len(made.months)
    bars = []
    for at, (name, sums) in enumerate(made.months):
        good, late = (HIGH * n / most for n in (sums.of(Figure.IN_TIME), sums.late))
        bars.append({
            "name": name, "x": round(LEFT + (at + GAP / 2) * step, 1), "wide": round(step * (1 - GAP), 1),
            "good_y": round(HIGH - good, 1), "good": round(good, 1), "late_y": round(HIGH - good - late, 1),
            "late": round(late, 1), "middle": round(LEFT + (at + 0.5) * step, 1),
            "named": len(made.months) <= 12 or at % 6 == 0,
        })  # fmt: skip
    return {"wide": WIDE, "high": HIGH, "left": LEFT, "most": most, "bars": bars}
