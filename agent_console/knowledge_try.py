"""What would the robot answer?  A question typed, or spoken into the browser, with candidates, scores and reasons."""

import logging
from dataclasses import dataclass

from aiohttp import ClientError, web

from agent_console.house import house, who
from agent_console.knowledge_actor import editor, knowledge_page
from agent_console.knowledge_voice import WITHIN
from agent_console.knowledge_watch import WATCH, Watch
from agent_console.permissions import May
from kb import gate_book, ranking
from kb.answer import Answer, Clarify, choose, weigh

log = logging.getLogger(__name__)

LONGEST = 120  # characters of a question


@dataclass(frozen=True, slots=True)
class Candidate:
    """One article that came near."""

    article: str
    question: str
    spoken: str
    source: str
    probability: float
    score: float
    because: str


@dataclass(frozen=True, slots=True)
class Tried:
    """answer, clarify or unknown, and what came near, best first."""

    decision: str
    candidates: tuple[Candidate, ...]


def ask(watch: Watch, words: str) -> Tried:
    """Blocks: for a thread."""
    hits, numbers = watch.knowledge().hits(words), ranking.shipped()
    decision = choose(hits, numbers)
    kind = "answer" if isinstance(decision, Answer) else "clarify" if isinstance(decision, Clarify) else "unknown"
    near = zip(weigh(hits, numbers), hits, strict=True)
    return Tried(
        kind,
        tuple(
            Candidate(c.article, c.question, c.spoken, c.source, c.probability, round(h.score, 2), h.because())
            for c, h in near
        ),
    )


async def show(request: web.Request) -> web.StreamResponse:
    found = who(request, May.READ_KNOWLEDGE)
    words = request.query.get("q", "").strip()[:LONGEST]
    watch = request.app[WATCH]
    tried = await house(request).downstairs.plainly(lambda: ask(watch, words)) if words else None
    return knowledge_page(
        request, "try.html", words=words, tried=tried, kept=request.query.get("kept") == "1",
        may_listen=found.role.value in {"editor", "unit"},
    )  # fmt: skip


async def hear(request: web.Request) -> web.StreamResponse:
    """A WAV (8 kHz, mono, 16 bit) from the browser's microphone -> what the line understands."""
    who(request, May.READ_KNOWLEDGE)
    rooms, sound = house(request), await request.read()
    try:
        async with rooms.client.post(rooms.settings.line_door + "/hear", data=sound, timeout=WITHIN) as answer:
            if answer.status == 400:
                raise web.HTTPBadRequest(text="没有听到声音")
            if answer.status != 200:
                raise web.HTTPServiceUnavailable(text="语音服务没有回应")
            return web.json_response(await answer.json())
    except (ClientError, TimeoutError):
        log.warning("the line's ears could not be reached")
        raise web.HTTPServiceUnavailable(text="语音服务没有回应") from None


async def decide(request: web.Request) -> web.StreamResponse:
    """Put the question into the golden set: this article must answer it, or (no article) a person."""
    found, _ = editor(request)
    form = await request.post()
    words, article = str(form.get("q", "")).strip()[:LONGEST], str(form.get("article", ""))[:32] or None
    if not words:
        raise web.HTTPBadRequest(text="没有问题")
    await house(request).downstairs.write(gate_book.decide, words, article, found.name)
    raise web.HTTPSeeOther(request.url.with_path("/knowledge/try").with_query(q=words, kept="1").relative())
