"""Where does the robot fail?  Clusters of unanswered and rejected questions; one click starts an article."""

from datetime import UTC, datetime

from aiohttp import web
from sqlalchemy.orm import Session
from yarl import URL

from agent_console.house import house
from agent_console.knowledge_actor import editor, knowledge_page
from agent_console.knowledge_article import EMPTY
from agent_console.knowledge_watch import WATCH
from agent_console.permissions import May
from kb import desk, misses
from kb.desk import Actor
from kb.editing import Action, NotAllowed
from kb.fields import read
from kb.misses import STANDINGS_ZH, Standing


async def show(request: web.Request) -> web.StreamResponse:
    editor(request, May.SEE_QUESTIONS)
    chosen = request.query.get("standing", "")
    standing = Standing(chosen) if chosen in set(Standing) else Standing.OPEN
    found, count = await house(request).downstairs.read(misses.clusters, standing)
    return knowledge_page(
        request, "misses.html", clusters=found, count=count, standing=standing, standings=STANDINGS_ZH
    )


async def one(request: web.Request) -> web.StreamResponse:
    editor(request, May.SEE_QUESTIONS)
    rooms, number = house(request), int(request.match_info["cluster"])
    cluster = await rooms.downstairs.read(misses.one, number)
    if cluster is None:
        raise web.HTTPNotFound(text="没有这组问题")
    turns = await rooms.downstairs.read(misses.transcripts, number)
    return knowledge_page(request, "miss.html", cluster=cluster, turns=turns, standings=STANDINGS_ZH)


def start(session: Session, number: int, who_acts: Actor) -> str:
    """A draft with the cluster's questions in it; its id."""
    cluster = misses.one(session, number)
    if cluster is None:
        raise LookupError(number)
    if cluster.article:
        return cluster.article
    others = [s for s in cluster.samples if s != cluster.title]
    article, _ = read(EMPTY, {"question": cluster.title[:120], "phrasings": others})
    made = desk.create(session, article, who_acts, datetime.now(UTC)).article.id
    misses.move(session, number, Standing.STARTED, who_acts.name, made)
    return made


async def act(request: web.Request) -> web.StreamResponse:
    """start an article, give the questions to an existing one, dismiss, or open again."""
    _, who_acts = editor(request, May.SEE_QUESTIONS)
    rooms, number = house(request), int(request.match_info["cluster"])
    form = await request.post()
    wanted, article = str(form.get("action", "")), str(form.get("article", "")).strip()[:32]
    try:
        if wanted == "start":
            made = await rooms.downstairs.write(start, number, who_acts)
            raise web.HTTPSeeOther(f"/knowledge/{made}/edit")
        if wanted == "existing":
            await rooms.downstairs.write(give, number, article, who_acts)
            raise web.HTTPSeeOther(f"/knowledge/{article}")
        standing = {"dismiss": Standing.DISMISSED, "open": Standing.OPEN}.get(wanted)
        if standing is None or not await rooms.downstairs.write(misses.move, number, standing, who_acts.name):
            raise web.HTTPNotFound(text="没有这组问题")
    except NotAllowed as problem:
        raise web.HTTPConflict(text=str(problem)) from None
    except LookupError:
        raise web.HTTPNotFound(text="没有这个条目") from None
    raise web.HTTPSeeOther(URL("/knowledge/misses"))


def give(session: Session, number: int, article: str, who_acts: Actor) -> None:
    """The cluster's questions as wordings of an article that exists; it waits for another editor's check."""
    cluster = misses.one(session, number)
    if cluster is None:
        raise LookupError(number)
    known = desk.standing(session, article).article.wordings()
    new = [s for s in dict.fromkeys((cluster.title, *cluster.samples)) if s not in known]
    for wording in new:
        desk.perform(session, article, Action.ADD_WORDING, who_acts, datetime.now(UTC), version=None,
                     given={"wording": wording})  # fmt: skip
    misses.move(session, number, Standing.STARTED, who_acts.name, article)


async def look(request: web.Request) -> web.StreamResponse:
    """Read the newest calls now and cluster what they missed, instead of within the minute."""
    editor(request, May.SEE_QUESTIONS)
    await request.app[WATCH].look()
    await house(request).downstairs.read(misses.spell)
    await house(request).downstairs.write(misses.cluster)
    raise web.HTTPSeeOther("/knowledge/misses")
