"""What would publishing this article change?  The gate's result on the article's page; it is run as a job."""

from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from agent_console.house import House, house
from agent_console.knowledge_actor import editor
from kb import desk, gate_book, jobs, shelf, store
from kb.article import State
from kb.desk import NoSuchArticle, Standing
from kb.gate import KINDS_ZH, Said
from kb.gate_book import Verdict

ORIGINS = {"wording": "已发布问法", "golden": "验收问题", "caller": "近期来电"}


def _read(session: Session, article: str, revision: int) -> tuple[Verdict | None, int, dict[str, str]]:
    found = gate_book.verdict(session, article, revision)
    named = {a for e in found.effects for s in (e.before, e.after) for a in s.articles} if found else set()
    return found, store.version(session), shelf.questions(session, sorted(named))


async def result(rooms: House, at: Standing) -> dict[str, Any]:
    """What the article's page shows of it; a run is asked for where there is none or an outdated one."""
    if at.article.state is not State.EDITOR_CHECK:
        return {"gate": None}
    found, version, names = await rooms.downstairs.read(_read, at.article.id, at.article.revision)
    asked_for = True
    if found is None or found.stale:
        asked_for = await run(rooms, at, version)

    def shown(said: Said) -> str:
        if not said.articles:
            return "转人工"
        listed = "」或「".join(names.get(a, a) for a in said.articles)
        return f"答「{listed}」" if said.sure else f"反问「{listed}」"

    return {
        "gate": found, "gate_away": not asked_for, "kinds": KINDS_ZH, "origins": ORIGINS, "said": shown,
        "waiting": found is None or not found.ready,
    }  # fmt: skip


async def run(rooms: House, at: Standing, version: int) -> bool:
    name = f"gate-{at.article.id}-{at.article.revision}-{version}"
    settings = rooms.settings
    return await rooms.downstairs.plainly(
        lambda: jobs.hand_in(
            settings.redis, jobs.gate, settings.database, at.article.id, within=jobs.GATE_WITHIN, name=name
        )
    )


async def progress(request: web.Request) -> web.StreamResponse:
    """How far a run is; the page asks while it waits."""
    editor(request)
    rooms, article = house(request), request.match_info["article"]
    try:
        at = await rooms.downstairs.read(desk.standing, article)
    except NoSuchArticle:
        raise web.HTTPNotFound(text="没有这个条目") from None
    found, _version, _names = await rooms.downstairs.read(_read, article, at.article.revision)
    ready = found is not None and found.ready
    return web.json_response({"ready": ready, "done": found.done if found else 0, "asked": found.asked if found else 0})
