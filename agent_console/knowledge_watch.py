"""Which questions did callers put to the robot?  Read from the calls' records, handed to the knowledge."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from aiohttp import web
from sqlalchemy.orm import Session

from agent_console.downstairs import Downstairs
from kb import asked
from kb.asked import Asked
from kb.live import Knowledge
from routing import records
from routing.records import CallRecord

log = logging.getLogger(__name__)

EVERY = 60.0  # s
TOGETHER = 500  # questions kept in one transaction
AT_FIRST = timedelta(days=7)  # looked back when nothing is kept yet
AGAIN = timedelta(hours=2)  # looked back each time: no call lasts longer, and twice does no harm
REJECTED = "answer rejected"  # the reason of a hand-over (ivr.dialogue.call)


def questions(record: CallRecord) -> Iterator[Asked]:
    """What the caller asked of the robot, with what was said to it; nothing of a call that still runs."""
    if record.ended is None:
        return
    found: list[Asked] = []
    heard, at, offered = "", record.arrived, False
    for event in record.events:
        data = event.data
        match event.kind:
            case "heard" if not offered:
                heard, at = str(data.get("text") or ""), event.at
            case "decided" if heard:
                offered = data.get("decision") == "clarify"
                found.append(Asked(record.id, len(found), at, heard, str(data.get("decision"))[:16]))
            case "answered_by_robot":
                article = str(data.get("article") or "")[:32] or None
                if offered and found:
                    found[-1] = replaced(found[-1], article=article)
                elif heard:
                    found.append(Asked(record.id, len(found), at, heard, "answer", article))
                offered, heard = False, ""
            case "handed_over":
                if data.get("reason") == REJECTED and found:
                    found[-1] = replaced(found[-1], rejected=True)
                offered = False
    yield from found


def replaced(one: Asked, *, article: str | None = None, rejected: bool = False) -> Asked:
    return Asked(one.call, one.turn, one.at, one.text, one.decision, article or one.article, rejected or one.rejected)


def latest(session: Session) -> list[Asked]:
    """What callers asked since the last look, and some of what is known already."""
    since = asked.newest(session)
    at = since - AGAIN if since else datetime.now(UTC) - AT_FIRST
    return [q for record in records.calls_since(session, at) for q in questions(record)]


class Watch:
    """Looks now and then, and keeps the knowledge the editors may question."""

    def __init__(self, downstairs: Downstairs, database: str) -> None:
        self._downstairs, self._database = downstairs, database
        self._knowledge: Knowledge | None = None
        self._task = asyncio.get_running_loop().create_task(self._keep_looking())

    def knowledge(self) -> Knowledge:
        """As it is published now.  Blocks for as long as an index takes to build."""
        if self._knowledge is None:
            self._knowledge = Knowledge(self._database)
        self._knowledge.refresh()
        return self._knowledge

    async def look(self) -> None:
        found = await self._downstairs.read(latest)
        for start in range(0, len(found), TOGETHER):  # nobody else who writes shall wait for a day's questions
            await self._downstairs.write(asked.keep, found[start : start + TOGETHER])

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("the callers' questions could not be read")
            await asyncio.sleep(EVERY)

    def stop(self) -> None:
        self._task.cancel()


WATCH = web.AppKey("knowledge watch", Watch)
