"""Files of articles: upload, a preview with every error by row, all or nothing; and export."""

import asyncio
import os
import secrets
import sys
from datetime import UTC, datetime

from aiohttp import web
from yarl import URL

from agent_console.house import House, house, wants_json
from agent_console.knowledge_actor import editor, knowledge_page
from kb import exchange, imports, jobs, release
from kb.desk import NoSuchArticle
from kb.editing import NotAllowed
from kb.exchange import BadFile
from kb.fields import BY_NAME
from kb.imports import STAGES_ZH

TYPES = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
PIECE = 1 << 16  # bytes of an export passed on at a time
SHOWN = 200  # errors on the page


async def show(request: web.Request) -> web.StreamResponse:
    return await _show(request)


async def _show(request: web.Request, problem: str = "", status: int = 200) -> web.StreamResponse:
    editor(request)
    listed = await house(request).downstairs.read(imports.newest)
    return knowledge_page(
        request, "exchange.html", status=status, imports=listed, stages=STAGES_ZH, formats=exchange.FORMATS,
        titles=exchange.titles(), problem=problem,
    )  # fmt: skip


async def upload(request: web.Request) -> web.StreamResponse:
    """Keep the file and have it read; nothing is written before somebody has seen the preview."""
    _, who_acts = editor(request)
    rooms = house(request)
    file = (await request.post()).get("file")
    if not isinstance(file, web.FileField) or not file.filename:
        return await _show(request, "请选择文件", 400)
    name = file.filename
    data = await rooms.downstairs.plainly(file.file.read)
    try:
        number = await rooms.downstairs.write(imports.receive, name, data, who_acts, datetime.now(UTC))
    except (BadFile, NotAllowed) as refused:
        return await _show(request, str(refused), 400)
    await hand_in(rooms, number, "read")
    raise web.HTTPSeeOther(f"/knowledge/exchange/{number}")


async def hand_in(rooms: House, number: int, what: str) -> bool:
    job = {"read": jobs.read_import, "write": jobs.write_import}[what]
    settings = rooms.settings
    return await rooms.downstairs.plainly(
        lambda: jobs.hand_in(
            settings.redis, job, settings.database, number, within=jobs.IMPORT_WITHIN, name=f"{what}-import-{number}"
        )
    )


async def one(request: web.Request) -> web.StreamResponse:
    """How far a file is, then its preview; asking again revives a reading that died."""
    found_by, _ = editor(request)
    rooms, number = house(request), int(request.match_info["load"])
    try:
        found = await rooms.downstairs.read(imports.one, number)
    except NoSuchArticle:
        raise web.HTTPNotFound(text="没有这次导入") from None
    running = found.stage in {"waiting", "reading", "writing"}
    if wants_json(request):
        return web.json_response({"stage": found.stage, "total": found.total, "expected": found.expected})
    away = running and not await hand_in(rooms, number, "write" if found.stage == "writing" else "read")
    rows = await rooms.downstairs.read(imports.sample, number) if found.stage == "checked" else []
    batch = await rooms.downstairs.read(release.batch, number, datetime.now(UTC)) if found.stage == "done" else None
    return knowledge_page(
        request, "import.html", load=found, batch=batch, mine=found.by == found_by.name,
        problem=request.query.get("problem", "")[:300],
        trying=request.query.get("trying") == "1", running=running, away=away, rows=rows, stages=STAGES_ZH,
        errors=found.errors[:SHOWN], fields={name: f.zh for name, f in BY_NAME.items()} | {"id": "编号", "": ""},
    )  # fmt: skip


async def confirm(request: web.Request) -> web.StreamResponse:
    editor(request)
    rooms, number = house(request), int(request.match_info["load"])
    try:
        await rooms.downstairs.write(imports.confirm, number)
    except NoSuchArticle:
        raise web.HTTPNotFound(text="没有这次导入") from None
    except NotAllowed as refused:
        raise web.HTTPConflict(text=str(refused)) from None
    await hand_in(rooms, number, "write")
    raise web.HTTPSeeOther(f"/knowledge/exchange/{number}")


async def release_all(request: web.Request) -> web.StreamResponse:
    """`try` asks the gate about all drafts of the file; `release` publishes all of them, by another editor."""
    _, who_acts = editor(request)
    rooms, number, form = house(request), int(request.match_info["load"]), await request.post()
    target = URL(f"/knowledge/exchange/{number}")
    if form.get("action") == "try":
        settings, name = rooms.settings, f"gate-import-{number}-{secrets.token_hex(4)}"
        await rooms.downstairs.plainly(
            lambda: jobs.hand_in(
                settings.redis, jobs.gate_import, settings.database, number, within=jobs.GATE_WITHIN, name=name
            )
        )
        raise web.HTTPSeeOther(target.with_query(trying="1"))
    try:
        await rooms.downstairs.write(
            release.release, number, who_acts, datetime.now(UTC), basis=str(form.get("basis", ""))[:200],
            yes=bool(form.get("yes")),
        )  # fmt: skip
    except NotAllowed as refused:
        raise web.HTTPSeeOther(target.with_query(problem=str(refused)[:300])) from None
    raise web.HTTPSeeOther(target)


async def export(request: web.Request) -> web.StreamResponse:
    """Every article, or what may be heard today, written by a process of its own and passed on as it comes."""
    editor(request)
    settings, form = house(request).settings, request.query.get("format", "csv")
    if form not in TYPES:
        raise web.HTTPBadRequest(text="没有这种格式")
    command = [sys.executable, "-m", "kb", "export", "--format", form]
    if request.query.get("heard") == "1":
        command.append("--heard")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, env={**os.environ, "DATABASE_URL": settings.database}
    )
    assert process.stdout is not None
    name = f"articles-{datetime.now(UTC):%Y%m%d}.{form}"
    response = web.StreamResponse(
        headers={"Content-Type": TYPES[form], "Content-Disposition": f'attachment; filename="{name}"'}
    )
    await response.prepare(request)
    try:
        while piece := await process.stdout.read(PIECE):
            await response.write(piece)
        await response.write_eof()
    finally:
        if process.returncode is None and not process.stdout.at_eof():
            process.kill()
        await process.wait()
    return response
