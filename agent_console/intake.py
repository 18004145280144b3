"""The door for what other systems bring in: video patrol, 110, and the answers of platforms that took a case over.

Keys, rates and refusals are those of the open door.  What is taken in is answered with a receipt.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from agent_console import intake_form, uploads
from agent_console.house import House, house
from agent_console.intake_description import description
from agent_console.intake_form import Message
from agent_console.open311_answers import answer
from agent_console.open311_door import caller, nameless
from agent_console.open311_form import Field, Wrong
from routing import intake
from routing.api_keys import ApiKey, Right
from routing.attaching import TooManyFiles
from routing.case_desk import NoSuchCase
from routing.cases import NotAllowed
from routing.catalogue import Catalogue
from routing.dispatch import NothingSaid
from routing.intake import Arrival, Taken
from routing.open_desk import Reused


async def _message(request: web.Request, fields: Sequence[Field]) -> tuple[ApiKey, Message]:
    """Whose message it is, and what it says; nothing of it is read before the key is known."""
    key, rooms = await caller(request, "", Right.WRITE), house(request)
    if request.content_type != "application/json":
        raise Wrong("a message comes as application/json", 415)
    limits = rooms.desk.limits
    body = await request.clone(client_max_size=intake_form.most(limits)).read()
    async with uploads.DECODING:
        return key, await rooms.downstairs.plainly(lambda: intake_form.read(body, fields, limits))


async def video(request: web.Request) -> web.StreamResponse:
    return await _arrived(request, "video", intake_form.VIDEO, intake_form.video)


async def police(request: web.Request) -> web.StreamResponse:
    return await _arrived(request, "110", intake_form.POLICE, intake_form.police)


async def _arrived(
    request: web.Request, source: str, fields: Sequence[Field],
    made: Callable[[Message, Catalogue, datetime], Arrival],
) -> web.StreamResponse:  # fmt: skip
    """201 with the receipt; 200 with the same one when the same came before."""
    key, message = await _message(request, fields)
    if key.source != source:
        raise Wrong(f"this key was not made for the source {source}", 403)
    rooms, now = house(request), datetime.now(UTC)
    arrival = made(message, rooms.desk.catalogue, now)
    try:
        taken = await rooms.downstairs.write(intake.take_in, key, arrival, now, rooms.desk)
    except Reused:
        raise Wrong("this number came before with another report", 409) from None
    except NothingSaid:
        raise Wrong("no matter was found for text; give matter", 404) from None
    except TooManyFiles:
        raise Wrong("too many files", 422) from None
    return answer(request, "receipt", _receipt(taken, arrival, rooms), status=201 if taken.first else 200)


def _receipt(taken: Taken, arrival: Arrival, rooms: House) -> dict[str, Any]:
    return {
        "number": arrival.number,
        "case": taken.case,
        "state": taken.state,
        "unit": rooms.desk.territory.unit_name(taken.lead),
        "due": taken.due.isoformat() if taken.due else None,
        "taken_at": taken.at.isoformat(),
    }


async def reply(request: web.Request) -> web.StreamResponse:
    """A platform says what it did with a case that was handed to it."""
    key, message = await _message(request, intake_form.REPLY)
    rooms, text = house(request), message.text
    try:
        first = await rooms.downstairs.write(
            intake.answer, key, text["case"], text["reply"], text["by"], datetime.now(UTC), rooms.desk, message.files
        )
    except NoSuchCase:
        raise Wrong("this case is not with you", 404) from None
    except NotAllowed:
        raise Wrong("this case was answered before, or is no longer handed over", 409) from None
    return answer(request, "answered", {"case": text["case"]}, status=201 if first else 200)


async def files(request: web.Request) -> web.StreamResponse:
    """Photographs of a citizen, to a case that another system brought in (by Open311, or here)."""
    key, message = await _message(request, intake_form.FILES)
    if not message.files:
        raise Wrong("files is missing or empty")
    rooms, number = house(request), message.text["case"]
    try:
        there = await rooms.downstairs.write(
            intake.add_files, key, number, message.files, datetime.now(UTC), rooms.desk
        )
    except NoSuchCase:
        raise Wrong("this case did not come from you", 404) from None
    except TooManyFiles:
        raise Wrong("the case has as many files as a case may have", 422) from None
    except NotAllowed:
        raise Wrong("this case is over", 409) from None
    return answer(request, "files", {"case": number, "files": there}, status=201)


async def openapi(request: web.Request) -> web.StreamResponse:
    nameless(request)
    return answer(request, "openapi", description(house(request).desk.limits))


ROUTES: list[web.AbstractRouteDef] = [
    web.get("/intake/openapi.json", openapi),
    web.post("/intake/v1/video", video),
    web.post("/intake/v1/110", police),
    web.post("/intake/v1/replies", reply),
    web.post("/intake/v1/files", files),
]
