"""Which articles are there?  The list with its filters and its search."""

from aiohttp import web

from agent_console.house import house, who
from agent_console.knowledge_actor import knowledge_page, today
from agent_console.permissions import May, Role, may
from kb import shelf
from kb.article import State
from kb.shelf import Wanted


def wanted(request: web.Request) -> Wanted:
    query = request.query
    found = who(request, May.READ_KNOWLEDGE)
    state = query.get("state", "")
    own = found.role is Role.UNIT and query.get("all") != "1"
    return Wanted(
        words=query.get("q", "").strip()[:100],
        state=State(state) if state in set(State) else None,
        owner=found.unit or "" if own else query.get("owner", "")[:64],
        leaf=query.get("leaf", "")[:128],
        only=query.get("only", "")[:16],
        heard=not may(found.role, May.EDIT_KNOWLEDGE),
    )


async def show(request: web.Request) -> web.StreamResponse:
    found, rooms, asked = who(request, May.READ_KNOWLEDGE), house(request), wanted(request)
    number = request.query.get("page", "0")
    at = min(int(number), 10_000) if number.isdigit() else 0
    articles, count = await rooms.downstairs.read(shelf.find, asked, today(), at)
    return knowledge_page(
        request, "list.html", articles=articles, count=count, wanted=asked, only=shelf.ONLY, page_number=at,
        pages=-(-count // shelf.PAGE), owners=await rooms.downstairs.read(shelf.owners),
        leaves=await rooms.downstairs.read(shelf.leaves), own=found.role is Role.UNIT,
        query=[(k, v) for k, v in request.query.items() if k != "page"],
    )  # fmt: skip
