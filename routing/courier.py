"""How does a case reach a platform outside?  One round of the worker over what is on its way.

An adapter carries one parcel to one platform; HttpJson is the one the hotline ships, and a city whose neighbour speaks
something else writes another with the same method.
"""

import asyncio
import json
import logging
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import aiohttp
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from routing import handovers
from routing.alarms import about_case, tell
from routing.case_desk import Conflict, NoSuchCase, perform
from routing.cases import Action, NotAllowed, Role
from routing.database import writing
from routing.numbers import without_numbers
from routing.office import Office
from routing.tables import CaseRow, CaseViewRow, HandoverRow, PlatformRow
from routing.webhooks import signature

log = logging.getLogger(__name__)

ANSWER_WITHIN = 15.0  # s a platform has to take one case in
LONGEST_ANSWER = 64 * 1024  # bytes of it that are read


@dataclass(frozen=True, slots=True)
class Parcel:
    """One case on its way: what is said of it, to whom, and signed with what."""

    handover: int
    case: str
    platform: str
    url: str
    secret: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """It has the case, under its own number."""

    number: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """It is not for them."""

    reason: str


@dataclass(frozen=True, slots=True)
class Away:
    """Nothing came of it; try again.  The status of the answer, or what kept it from coming."""

    outcome: str


class Adapter(Protocol):
    """The way to a platform.  The same parcel may come twice; its handover's id says so."""

    async def carry(self, parcel: Parcel, at: datetime) -> Receipt | Refusal | Away: ...


class HttpJson:
    """POST of JSON, signed as webhooks are.  200 or 201 `{"number"}`: taken in; 409 or 422 `{"reason"}`: refused."""

    def __init__(self, client: aiohttp.ClientSession) -> None:
        self._client = client

    async def carry(self, parcel: Parcel, at: datetime) -> Receipt | Refusal | Away:
        if not parcel.secret:
            return Away("no secret")
        body = json.dumps(parcel.content, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"handover-{parcel.handover}",
            "Hotline-Signature": signature(parcel.secret, at, body),
            "User-Agent": "hotline-12345",
        }
        try:
            async with self._client.post(parcel.url, data=body, headers=headers, allow_redirects=False) as answer:
                told = _object(await answer.content.read(LONGEST_ANSWER))
        except TimeoutError:
            return Away("no answer")
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            return Away(type(problem).__name__)
        number, reason = str(told.get("number") or "")[:64], str(told.get("reason") or "")[:200]
        if answer.status in {200, 201} and number:
            return Receipt(number)
        if answer.status in {409, 422} and reason:
            return Refusal(reason)
        return Away(str(answer.status))


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


async def round_of(engine: Engine, office: Office, gives_up_after: timedelta, now: datetime | None = None) -> int:
    """Carry what is due; how many cases were taken in.  `now` stands still in tests."""
    with Session(engine) as session:
        waiting = handovers.due(session, _at(now))
    if not waiting:
        return 0
    limits = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
    async with aiohttp.ClientSession(timeout=limits, cookie_jar=aiohttp.DummyCookieJar()) as client:
        way, taken = HttpJson(client), 0
        for handover in waiting:
            parcel = await asyncio.to_thread(_pack, engine, handover, _at(now))
            if parcel is None:
                continue
            answer = await way.carry(parcel, _at(now))
            await asyncio.to_thread(_note, engine, office, parcel, answer, _at(now), gives_up_after)
            taken += isinstance(answer, Receipt)
        return taken


def _at(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)


def _pack(engine: Engine, handover: int, now: datetime) -> Parcel | None:
    """None when another worker is at it.  That the case goes out is kept like every look."""
    with writing(engine) as session:
        if not handovers.take(session, handover, now):
            return None
        row = session.get_one(HandoverRow, handover)
        case, to = session.get_one(CaseRow, row.case), session.get_one(PlatformRow, row.platform)
        secret = os.environ.get(to.secret_env, "") if to.secret_env else to.secret
        content = told(case, handover, with_contact=to.with_contact)
        parcel = Parcel(handover, case.number, to.name, to.url, secret, content)
        session.add(CaseViewRow(case=case.number, at=now, actor=f"platform:{to.name}", purpose="移交外部平台"))
        session.commit()
        return parcel


def told(case: CaseRow, handover: int, *, with_contact: bool) -> dict[str, Any]:
    """What a platform learns of a case: contact and name only of a public one, and under an agreement."""
    named = with_contact and case.privacy == "public"
    text, place = (part if named else without_numbers(part) for part in (case.text, case.place))
    return {
        "handover": handover,
        "case_number": case.number,
        "taxonomy_code": case.matter,
        "request_kind": case.kind,
        "title": case.title if named else without_numbers(case.title),
        "narrative": text,
        "address_text": place,
        "district": case.district,
        "town_or_street": case.town,
        "community": case.community,
        "grid_id": case.grid,
        "lat": case.lat,
        "lng": case.lng,
        "urgency": case.urgency,
        "privacy_level": case.privacy,
        "opened_at": case.opened.isoformat(),
        **({"name": case.contact_name, "phone": case.contact} if named else {}),
    }


def _note(
    engine: Engine,
    office: Office,
    parcel: Parcel,
    answer: Receipt | Refusal | Away,
    now: datetime,
    gives_up_after: timedelta,
) -> None:
    """What the platform said becomes a step of the case; when it said nothing, the next try is set."""
    step = _follows(answer)
    if step is not None:
        action, given = step
        with writing(engine) as session:
            try:
                perform(
                    session, parcel.case, action, now, actor=f"platform:{parcel.platform}", role=Role.SYSTEM,
                    given=given, office=office,
                )  # fmt: skip
            except (NotAllowed, Conflict, NoSuchCase):  # answered or taken back meanwhile
                log.info("a case had moved on", extra={"case": parcel.case, "action": str(action)})
    with writing(engine) as session:
        row = session.get_one(HandoverRow, parcel.handover)
        gave_up = False
        row.attempts, row.busy_until, row.next_try = row.attempts + 1, None, None
        row.outcome = answer.outcome if isinstance(answer, Away) else "answered"
        if row.state == handovers.WAITING:
            row.next_try = now + handovers.pause(row.attempts)
            gave_up = now - row.made >= gives_up_after
        if gave_up:
            row.state, row.next_try = handovers.GAVE_UP, None
        alarm = about_case(session, "handover" if gave_up else "", parcel.case, now)
        session.commit()
        tell(office.feed, alarm)


def _follows(answer: Receipt | Refusal | Away) -> tuple[Action, dict[str, str]] | None:
    match answer:
        case Receipt(number):
            return Action.RECEIPT, {"outside_number": number}
        case Refusal(reason):
            return Action.TAKE_BACK, {"reason": f"对方不受理：{reason}", "refused": "yes"}
    return None
