"""How will it sound?  The line's own voice says an answer into the editor's browser; the live preview of the form."""

import logging
from typing import Any
from urllib.parse import unquote

from aiohttp import ClientError, ClientTimeout, web

from agent_console.house import house
from agent_console.knowledge_actor import editor, today
from agent_console.knowledge_article import EMPTY
from kb.article import seconds
from kb.editing import flaws
from kb.fields import FORM, read

log = logging.getLogger(__name__)

WITHIN = ClientTimeout(total=20)  # s; a long answer renders in well under one
LONGEST = 400  # characters
ASKED = ("text", "question", "source")


async def listen(request: web.Request) -> web.StreamResponse:
    """`text` as a caller hears it (WAV, 8 kHz), with the answer's frame when `question` and `source` are given."""
    editor(request)
    asked = {name: request.query[name][:LONGEST] for name in ASKED if request.query.get(name, "").strip()}
    if "text" not in asked:
        raise web.HTTPBadRequest(text="没有要播报的内容")
    said = await say(request, asked)
    if said is None:
        raise web.HTTPServiceUnavailable(text="语音服务没有回应, 请稍后再试")
    sound, headers = said
    return web.Response(body=sound, content_type="audio/wav", headers=headers)


async def say(request: web.Request, asked: dict[str, str]) -> tuple[bytes, dict[str, str]] | None:
    """The line's sound and what it tells about it; None when the line is away."""
    rooms = house(request)
    try:
        async with rooms.client.get(rooms.settings.line_door + "/voice", params=asked, timeout=WITHIN) as answer:
            if answer.status != 200:
                return None
            told = {name: answer.headers[name] for name in ("X-Seconds", "X-Said") if name in answer.headers}
            return await answer.read(), {**told, "Cache-Control": "no-store"}
    except (ClientError, TimeoutError):
        log.warning("the line's voice could not be reached")
        return None


async def preview(request: web.Request) -> web.StreamResponse:
    """What stands in the form: what is wrong, how long it takes, and the words as they are said."""
    editor(request)
    form = await request.post()
    article, unread = read(EMPTY, {f.name: str(form.get(f.name, "")) for f in FORM})
    found = [*unread, *flaws(article, today())]
    told: dict[str, Any] = {
        "flaws": [{"field": flaw.field, "zh": flaw.zh} for flaw in found],
        "seconds": seconds(article.spoken),
        "said": "",
        "exact": False,
    }
    said = await say(request, {"text": article.spoken}) if article.spoken else None
    if said is not None:
        headers = said[1]
        told |= {"seconds": float(headers["X-Seconds"]), "said": unquote(headers["X-Said"]), "exact": True}
    return web.json_response(told)
