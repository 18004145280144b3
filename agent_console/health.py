"""Is the console well?  For the supervisor of processes, the balancer and Prometheus."""

from datetime import UTC, datetime

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.orm import Session

from agent_console.house import house


async def alive(_request: web.Request) -> web.Response:
    """The event loop turns."""
    return web.json_response({"status": "ok"})


def _answers(session: Session) -> bool:
    session.execute(text("SELECT 1"))
    return True


async def ready(request: web.Request) -> web.Response:
    """What is there and what is away; 503 only when nobody could sign in."""
    rooms = house(request)
    try:
        database = await rooms.downstairs.read(_answers)
    except Exception:
        database = False
    parts = {
        "database": database,
        "redis": await rooms.sessions.alive(),
        "switchboard": rooms.switchboard.connected,
    }
    return web.json_response({"status": "ok" if all(parts.values()) else "partly", **parts},
                             status=200 if database else 503)  # fmt: skip


async def metrics(request: web.Request) -> web.Response:
    rooms = house(request)
    board = rooms.switchboard
    return web.Response(
        body=rooms.counters.read(board.board, board.connected, datetime.now(UTC)), content_type="text/plain"
    )
