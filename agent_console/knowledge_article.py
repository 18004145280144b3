"""One article: read it, write it, take it a step further, compare and bring back its revisions."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session
from yarl import URL

from agent_console import knowledge_gate
from agent_console.house import house, wants_json, who
from agent_console.knowledge_actor import actor, editor, knowledge_page, reader, today, units
from agent_console.knowledge_diff import differences
from agent_console.permissions import May, may
from kb import desk, remarks, shelf
from kb.article import Article, State, seconds
from kb.desk import Actor, Conflict, NoSuchArticle, NotFit, Standing
from kb.editing import ACTIONS_ZH, LIFE, Action, Flaw, NotAllowed, flaws
from kb.fields import BY_NAME, FORM, read, shown

EMPTY = Article("", 0, "", (), "", "", state=State.DRAFT)
# what the page draws as a button of its own; saving is the edit page, the timetable's steps are nobody's
BUTTONS = [a for a in Action if a not in {Action.SAVE, Action.ADD_WORDING, Action.FALL_DUE, Action.EXPIRE}]


def _everything(session: Session, article: str, who_asks: Actor) -> dict[str, Any]:
    at = desk.standing(session, article)
    return {
        "at": at,
        "offered": desk.offered(at, who_asks),
        "heard": desk.heard(session, article, today()),
        "revisions": desk.revisions(session, article),
        "steps": desk.steps(session, article),
        "remarks": remarks.listed(session, article=article),
        "related": shelf.questions(session, list(at.article.related)),
    }


async def _find(request: web.Request, who_asks: Actor) -> dict[str, Any]:
    try:
        return await house(request).downstairs.read(_everything, request.match_info["article"], who_asks)
    except NoSuchArticle:
        raise web.HTTPNotFound(text="没有这个条目") from None


async def show(request: web.Request) -> web.StreamResponse:
    return await _show(request)


async def _show(request: web.Request, problem: str = "", status: int = 200) -> web.StreamResponse:
    found = who(request, May.READ_KNOWLEDGE)
    writes = may(found.role, May.EDIT_KNOWLEDGE)
    values = await _find(request, reader(found))
    at: Standing = values["at"]
    if not writes and at.live is None and at.article.state is not State.EXPIRED:
        raise web.HTTPNotFound(text="没有这个条目")
    reading = at.article if writes else values["heard"] or at.article
    return knowledge_page(
        request, "article.html", status=status, problem=problem or request.query.get("problem", "")[:300],
        reported=request.query.get("reported", "")[:12],
        article=reading, form=[(f, shown(reading, f.name)) for f in FORM], length=seconds(reading.spoken),
        found=flaws(at.article, today()) if at.article.state is State.DRAFT else [],
        steps_needs={a: LIFE[at.article.state, a].needs for a in values["offered"]},
        buttons=[a for a in BUTTONS if a in values["offered"]], **values,
        **({"waiting": False} | await knowledge_gate.result(house(request), at)),
    )  # fmt: skip


async def act(request: web.Request) -> web.StreamResponse:
    """One step of the article's life, as the table of kb.editing allows it."""
    found = who(request, May.READ_KNOWLEDGE)
    form, article = await request.post(), request.match_info["article"]
    wanted, version = str(form.get("action", "")), str(form.get("version", ""))
    if wanted not in set(Action):
        raise web.HTTPBadRequest(text="没有这个操作")
    given = {name: str(form[name])[:1000] for name in form if name in {"reason", "basis", "review", "wording", "yes"}}
    try:
        after = await house(request).downstairs.write(
            desk.perform, article, Action(wanted), actor(found), datetime.now(UTC),
            version=int(version) if version.isdigit() else None, given=given,
        )  # fmt: skip
    except NoSuchArticle:
        raise web.HTTPNotFound(text="没有这个条目") from None
    except (Conflict, NotAllowed) as refused:
        problem = "条目刚被他人更新, 下面是最新内容, 请核对后重试" if isinstance(refused, Conflict) else str(refused)
        if wants_json(request):
            return web.json_response({"problem": problem}, status=409)
        return await _show(request, problem, 409)
    back = str(form.get("back", ""))
    if wants_json(request):
        return web.json_response({"article": article, "state": after.article.state.value})
    raise web.HTTPSeeOther(
        URL(back).with_query(done=f"已{ACTIONS_ZH[Action(wanted)]}")
        if back.startswith("/knowledge/")
        else f"/knowledge/{article}"
    )


async def form_page(request: web.Request) -> web.StreamResponse:
    """The form, empty or filled with the article as it is being worked on."""
    found, who_acts = editor(request)
    article = request.match_info.get("article")
    if article is None:
        given = {name: request.query[name][:400] for name in request.query if name in BY_NAME}
        made, _ = read(replace(EMPTY, owner=found.unit or "", valid_from=today()), given)
        return await _form(request, made, 0, [], new=True)
    at: Standing = (await _find(request, who_acts))["at"]
    return await _form(request, at.article, at.version, flaws(at.article, today()))


async def _form(
    request: web.Request, article: Article, version: int, found: list[Flaw], *, new: bool = False, status: int = 200,
    typed: Mapping[str, str] | None = None, theirs: Article | None = None, problem: str = "",
) -> web.Response:  # fmt: skip
    """typed: what stands in the boxes whatever the article says; theirs: what somebody else saved meanwhile."""
    rooms = house(request)
    boxes = [(f, (typed or {}).get(f.name, shown(article, f.name))) for f in FORM]
    wrong: dict[str, list[str]] = {}
    for flaw in found:
        wrong.setdefault(flaw.field, []).append(flaw.zh)
    return knowledge_page(
        request, "form.html", status=status, article=article, version=version, boxes=boxes, wrong=wrong, new=new,
        problem=problem, length=seconds(article.spoken), leaves=await rooms.downstairs.read(shelf.leaves),
        units=units(house(request).desk.territory),
        theirs=differences(theirs, article) if theirs is not None else None,
    )  # fmt: skip


async def save(request: web.Request) -> web.StreamResponse:
    """A new article or a new revision; nothing typed is ever lost, whoever was faster."""
    _, who_acts = editor(request)
    form, name = await request.post(), request.match_info.get("article")
    typed = {f.name: str(form.get(f.name, "")) for f in FORM}
    rooms, now = house(request), datetime.now(UTC)
    at: Standing | None = (await _find(request, who_acts))["at"] if name else None
    before = at.article if at else EMPTY
    article, unread = read(before, typed)
    version = str(form.get("version", ""))
    opened = int(version) if version.isdigit() else -1
    if unread or not article.question:
        wrong = unread or [Flaw("question", "请填写问题")]
        return await _form(request, article, opened, wrong, new=not name, status=400, typed=typed,
                           problem="没有保存: 有内容无法读取, 请看红色提示")  # fmt: skip
    try:
        if at is None:
            saved = await rooms.downstairs.write(desk.create, article, who_acts, now)
        else:
            saved = await rooms.downstairs.write(
                desk.perform, at.article.id, Action.SAVE, who_acts, now, version=opened, changed=article
            )
    except Conflict:
        at = (await _find(request, who_acts))["at"]
        assert at is not None
        return await _form(request, article, at.version, [], status=409, typed=typed, theirs=at.article)
    except NotFit as problem:
        return await _form(request, article, opened, problem.flaws, status=409, typed=typed, problem=str(problem))
    except NotAllowed as problem:
        return await _form(request, article, opened, [], new=not name, status=409, typed=typed, problem=str(problem))
    raise web.HTTPSeeOther(f"/knowledge/{saved.article.id}")


async def compare(request: web.Request) -> web.StreamResponse:
    """Two revisions side by side."""
    _, who_acts = editor(request)
    article = request.match_info["article"]
    values = await _find(request, who_acts)
    numbers = {r.number: r for r in values["revisions"]}
    newest = max(numbers)
    chosen = [request.query.get(name, "") for name in ("before", "after")]
    a, b = (int(c) if c.isdigit() and int(c) in numbers else None for c in chosen)
    a, b = a or max(newest - 1, min(numbers)), b or newest
    return knowledge_page(
        request, "compare.html", before=numbers[a], after=numbers[b], numbers=sorted(numbers, reverse=True),
        found=differences(numbers[a].article, numbers[b].article), at=values["at"], article=article,
        may_save=Action.SAVE in values["offered"],
    )  # fmt: skip


async def restore(request: web.Request) -> web.StreamResponse:
    """An earlier revision as a new draft."""
    _, who_acts = editor(request)
    form, article = await request.post(), request.match_info["article"]
    number, version = str(form.get("revision", "")), str(form.get("version", ""))
    problem = ""
    try:
        await house(request).downstairs.write(
            desk.restore, article, int(number) if number.isdigit() else 0, who_acts, datetime.now(UTC),
            version=int(version) if version.isdigit() else -1,
        )  # fmt: skip
    except NoSuchArticle:
        raise web.HTTPNotFound(text="没有这个版本") from None
    except Conflict:
        problem = "条目刚被他人更新, 请核对后重试"
    except NotAllowed as refused:
        problem = str(refused)
    target = URL(f"/knowledge/{article}")
    raise web.HTTPSeeOther(target.with_query(problem=problem) if problem else target)
