"""What came with a form?  Text and files, read within bounds: a file that is too large costs none of the text.

Files are held in memory until they are clean (routing.pictures); what nobody may keep was never on a disk.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from aiohttp import BodyPartReader, web

from agent_console.house import WHO, House, house
from agent_console.permissions import May, may
from routing.pictures import BadFile, Clean, Limits, clean

MULTIPART = "multipart/form-data"
TEXTS = 64 * 1024  # bytes of all text fields together
FIELDS = 200  # parts of a form
PATIENCE = 2  # times the largest form allowed is read through, so that its text is not lost; then the sender is cut off
DECODING = asyncio.Semaphore(2)  # files at once: a picture takes up to 200 MB, and the threads have other work
PIECE = 1 << 16  # bytes read at a time


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it came."""

    text: Mapping[str, str]
    files: Mapping[str, list[bytes]] = field(default_factory=dict)  # by the field's name, in order; empty ones left out


SENT = web.RequestKey("sent", Sent)


async def sent(request: web.Request) -> Sent:
    """The form of a request, read once; 413 only for what is far beyond the limits."""
    found = request.get(SENT)
    if found is None:
        if request.content_type == MULTIPART and _may_bring_files(request):
            found = await _parts(request, house(request).desk.limits)
        else:
            found = Sent({name: str(value) for name, value in (await request.post()).items()})
        request[SENT] = found
    return found


def _may_bring_files(request: web.Request) -> bool:
    """Whoever works on cases; for others a form is 64 KiB at most, whatever is in it."""
    found = request.get(WHO)
    return found is not None and any(may(found.role, what) for what in (May.SEE_CASES, May.OWN_CASES, May.PATROL))


async def _parts(request: web.Request, limits: Limits) -> Sent:
    texts: dict[str, str] = {}
    files: defaultdict[str, list[bytes]] = defaultdict(list)
    left, of_text, count = PATIENCE * (limits.number * limits.size + TEXTS), TEXTS, 0
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            count += 1
            if not isinstance(part, BodyPartReader) or count > FIELDS:
                raise web.HTTPBadRequest(text="表单格式不正确")
            most = of_text if part.filename is None else limits.size
            data, size = await _read(part, most, left)
            left -= size
            if part.filename is None:
                if size > of_text:
                    raise web.HTTPRequestEntityTooLarge(max_size=TEXTS, actual_size=TEXTS + 1, text="文字太长")
                of_text -= size
                texts[part.name or ""] = data.decode("utf-8", "replace")
            elif size:
                files[part.name or ""].append(data)
    except ValueError:
        raise web.HTTPBadRequest(text="表单格式不正确") from None
    return Sent(texts, dict(files))


async def _read(part: BodyPartReader, most: int, left: int) -> tuple[bytes, int]:
    """The content as far as it may be kept (one byte more tells that it is too large), and its whole size."""
    kept, size = bytearray(), 0
    while piece := await part.read_chunk(PIECE):
        size += len(piece)
        if size > left:
            raise web.HTTPRequestEntityTooLarge(max_size=left, actual_size=size, text="上传的文件太大")
        if len(kept) <= most:
            kept += piece[: most + 1 - len(kept)]
    return bytes(kept), size


async def cleaned(rooms: House, given: list[bytes]) -> list[Clean]:
    """The files as they may be kept.  BadFile says which one is wrong, and how; then none is."""
    limits = rooms.desk.limits
    if len(given) > limits.number:
        raise BadFile(f"一次至多 {limits.number} 个文件")
    found = []
    for at, data in enumerate(given, 1):
        try:
            async with DECODING:
                found.append(await rooms.downstairs.plainly(partial(clean, data, limits)))
        except BadFile as problem:
            raise BadFile(f"第 {at} 个文件没有保存: {problem}" if len(given) > 1 else f"没有保存: {problem}") from None
    return found
