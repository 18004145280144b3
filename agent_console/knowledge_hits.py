"""How is the knowledge used?  By day, the most said, and what nobody has ever heard."""

from datetime import UTC, datetime, timedelta

from aiohttp import web
from sqlalchemy.orm import Session

from agent_console.house import house
from agent_console.knowledge_actor import editor, knowledge_page, today
from kb import asked
from kb.asked import Day, Use

DAYS = (30, 90)
HIGH, WIDE, LEFT = 160, 900, 36  # of the plot, in its own units


def plot(days: list[Day]) -> dict[str, object]:
    """Rectangles of the plot: answered below, missed above."""
    most = max([d.answered + d.missed for d in days] + [1])
    step = (WIDE - LEFT) / len(days)
    bars = []
    for n, day in enumerate(days):
        low, high = HIGH * day.answered / most, HIGH * day.missed / most
        bars.append(
            {"x": round(LEFT + n * step, 1), "width": round(step * 0.8, 1), "answered": round(low, 1),
             "missed": round(high, 1), "day": day, "label": n % max(1, len(days) // 6) == 0}
        )  # fmt: skip
    return {"bars": bars, "most": most, "high": HIGH, "wide": WIDE, "left": LEFT}


def _read(session: Session, days: int) -> tuple[list[Day], list[Use], list[Use], int]:
    since = datetime.now(UTC) - timedelta(days=days)
    never, count = asked.never_said(session, since)
    return asked.by_day(session, today(), days), asked.most_said(session, since), never, count


async def show(request: web.Request) -> web.StreamResponse:
    editor(request)
    days = 90 if request.query.get("days") == "90" else 30
    counted, most, never, count = await house(request).downstairs.read(_read, days)
    return knowledge_page(
        request, "hits.html", days=days, choices=DAYS, plot=plot(counted), counted=counted, most=most, never=never,
        never_count=count, answered=sum(d.answered for d in counted), missed=sum(d.missed for d in counted),
    )  # fmt: skip
