"""What does Asterisk do next with a call?  It asks over FastAGI; the answer is a handful of variables."""

import asyncio
import base64
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from panoramisk import fast_agi

from ivr.line import Destination, To
from routing.cases import valid_number

log = logging.getLogger(__name__)

HEADERS_WITHIN = 2.0  # s a connection has to send its headers
LONGEST = 8192  # bytes of headers
COMMAND_WITHIN = 3.0  # s Asterisk has to answer a command
TRANSCRIPT = 300  # bytes of UTF-8 (100 hanzi) handed to the emergency desk: a SIP message over UDP must stay small
CALL_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Question:
    """Asterisk asks for the next step of a call."""

    call: str
    step: int
    caller: str
    arrived: int  # s since 1970
    case: str = ""  # the case the hotline itself rings about


Answer = Destination | None  # None: talk (again)
Decide = Callable[[Question], Awaitable[Answer]]


def variables(answer: Answer) -> dict[str, str]:
    """The dialplan's variables for a next step, NEXT last: only what comes before it counts as decided."""
    if answer is None:
        return {"NEXT": "talk"}
    told = {"TOLD": "yes" if answer.told else "", "PLACE": "front" if answer.front else ""}
    if answer.to is To.EMERGENCY:
        said = answer.transcript.encode()[-TRANSCRIPT:].decode(errors="ignore").encode()
        told |= {"SERVICE": answer.service, "TRANSCRIPT": base64.b64encode(said).decode()}
    return told | {"NEXT": answer.to.value}


class Steps(fast_agi.Application):  # type: ignore[misc]
    """panoramisk's FastAGI with a reader that survives port scans, garbage and half-open connections."""

    def __init__(self, decide: Decide) -> None:
        super().__init__(default_encoding="utf-8")
        self._decide = decide
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> None:
        self._server = await asyncio.start_server(self.handler, host, port, limit=LONGEST, backlog=512)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def handler(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One question.  Whatever goes wrong, the connection closes and the dialplan's default holds: the queue."""
        try:
            async with asyncio.timeout(HEADERS_WITHIN):
                raw = await reader.readuntil(b"\n\n")
            headers = dict(
                line.split(": ", 1) for line in raw.decode(errors="replace").splitlines() if line.count(": ") >= 1
            )
            question = read_question(headers)
            if question is None:
                log.warning("a FastAGI connection asked nothing we know")
                return
            request = fast_agi.Request(
                app=self, headers=headers, reader=reader, writer=writer, encoding=self.default_encoding
            )
            for name, value in variables(await self._decide(question)).items():
                async with asyncio.timeout(COMMAND_WITHIN):
                    await request.send_command(f'SET VARIABLE {name} "{value}"')
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ValueError):
            log.warning("a FastAGI connection ended early")
        except Exception:
            log.exception("a FastAGI question failed; the dialplan puts the caller into the queue")
        finally:
            writer.close()


def read_question(headers: dict[str, Any]) -> Question | None:
    """The question in FastAGI headers; None when it is not one of ours."""
    call, step, arrived, case = (str(headers.get(f"agi_arg_{n}", "")) for n in (1, 2, 3, 4))
    if headers.get("agi_network_script") != "ivr" or not CALL_ID.fullmatch(call) or not step.isdigit():
        return None
    caller = re.sub(r"[^0-9+]", "", str(headers.get("agi_callerid", "")))[:20]
    since = int(arrived) if arrived.isdigit() else 0
    return Question(call, int(step), caller, since, case if valid_number(case) else "")
