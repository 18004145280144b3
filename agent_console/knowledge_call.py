"""Which article was a call about that an operator had to take?  One click adds the caller's words to it."""

from typing import Any

from aiohttp import web

from agent_console import office
from agent_console.house import house, who
from agent_console.knowledge_actor import knowledge_page
from agent_console.knowledge_try import Candidate, ask
from agent_console.knowledge_watch import WATCH, Watch
from agent_console.permissions import May
from kb import asked

NEAR = 5  # articles offered for one sentence
SAID = 8  # sentences shown


def near(watch: Watch, said: list[str], words: str) -> list[tuple[str, tuple[Candidate, ...]]]:
    """Each sentence with the articles that come near, by what the operator searches for or else by itself."""
    return [(sentence, ask(watch, words or sentence).candidates[:NEAR]) for sentence in said]


async def show(request: web.Request) -> web.StreamResponse:
    who(request, May.SEE_CALLS)
    rooms, call = house(request), request.match_info["call"]
    record, _ = await rooms.downstairs.read(office.call, call)
    if record is None:
        raise web.HTTPNotFound(text="没有这个通话")
    said = list(dict.fromkeys(asked.blotted(t.text) for t in record.turns if t.who == "caller" and len(t.text) > 1))
    words, watch = request.query.get("q", "").strip()[:100], request.app[WATCH]
    found: list[Any] = await rooms.downstairs.plainly(lambda: near(watch, said[-SAID:], words))
    return knowledge_page(
        request, "call.html", call=call, found=found, words=words, problem=request.query.get("problem", "")[:300],
        done=request.query.get("done", "")[:60],
    )  # fmt: skip
