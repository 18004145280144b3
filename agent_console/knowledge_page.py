"""What may the robot say today?  The published articles, to read."""

from aiohttp import web

from agent_console import office
from agent_console.house import house, page, who
from agent_console.permissions import May


async def show(request: web.Request) -> web.StreamResponse:
    who(request, May.READ_KNOWLEDGE)
    words = request.query.get("q", "").strip()[:60]
    found = await house(request).downstairs.read(office.knowledge)
    chosen = [a for a in found if words in a.question or words in a.spoken]
    return page(request, "knowledge.html", articles=chosen, words=words, total=len(found))
