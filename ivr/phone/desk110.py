"""Who answers at 110 in a drill?  A small desk: rings, answers, prints what it was handed, and writes it down."""

import base64
import json
import logging
import re
import signal
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ivr.phone.softphone import Call, softphone
from ivr.speech.voice import Voice, write_wav

log = logging.getLogger(__name__)

RING = 0.3  # s the desk lets it ring
BUSY, IDLE = 10, 100  # ms between looks at the telephone
GREETING = "一一零演练台，请讲。"


@dataclass(frozen=True, slots=True)
class Handover:
    """What arrived with an emergency call."""

    at: str
    call: str
    service: str
    caller: str
    transcript: str
    drill: bool


def header(message: str, name: str) -> str:
    found = re.search(rf"^{re.escape(name)}:[ \t]*(.*?)\r?$", message, re.MULTILINE | re.IGNORECASE)
    return found[1].strip() if found else ""


def handover(message: str) -> Handover:
    """The reference, service, number and transcript in an INVITE's headers."""
    number = re.search(r"sips?:([0-9+]+)@", header(message, "P-Asserted-Identity") or header(message, "From"))
    try:
        transcript = base64.b64decode(header(message, "X-Hotline-Transcript"), validate=True).decode(errors="replace")
    except ValueError:
        transcript = ""
    return Handover(
        at=datetime.now(UTC).isoformat(),
        call=header(message, "X-Hotline-Call"),
        service=header(message, "X-Hotline-Service"),
        caller=number[1] if number else "",
        transcript=transcript,
        drill=header(message, "X-Hotline-Drill") == "yes",
    )


def serve(address: str, port: int, home: Path, voices: Path, behaviour: str = "answer") -> None:
    """Run the desk until SIGTERM.  behaviour: answer, silent (rings for ever) or a SIP code such as 486."""
    book = home / "desk110.jsonl"
    greeting = home / "desk110.wav"
    write_wav(greeting, Voice(voices).sound(GREETING))
    stopping: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _frame: stopping.append(number))

    def ring(call: Call) -> None:
        what = handover(call.invite)
        with book.open("a", encoding="utf-8") as out:
            out.write(json.dumps(asdict(what), ensure_ascii=False) + "\n")
        print(f"110 desk: {what.service or '110'} {what.call}", file=sys.stderr, flush=True)
        if behaviour.isdigit():
            call.refuse(int(behaviour))
            return
        call.ring()
        ringing.append(call)

    ringing: list[Call] = []
    greeted: list[Call] = []
    with softphone("110", address, port) as phone:
        phone.on_ring = ring
        print("110 desk: ready", file=sys.stderr, flush=True)
        while not stopping:
            phone.pump(RING, lambda: bool(stopping), step=BUSY if phone.calls else IDLE)
            for call in ringing:
                if behaviour == "answer" and not call.done:
                    call.take()
                    greeted.append(call)
            ringing.clear()
            for call in [c for c in greeted if c.has_sound and not c.done]:
                call.play(greeting)
                greeted.remove(call)
            phone.calls[:] = [c for c in phone.calls if not c.done]
        call = None  # type: ignore[assignment]  # pjsua: no reference may outlive the library
        greeted.clear()
        ringing.clear()
