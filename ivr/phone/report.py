"""What does `dial` print?  What the citizen lived through, beside what the hotline wrote down about it."""

import argparse
import json
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ivr.phone.dial import Lived, Say, barge_in, live_through, some_number
from ivr.settings import Settings
from ivr.speech.voice import Espeak, Voice
from routing.database import connect
from routing.records import CallRecord, calls_since, shown

CITIZEN = 7  # the port of the trunk's far side, counted from the base, where the hotline rings citizens


def running(settings: Settings) -> dict[str, Any]:
    """What make run wrote about itself; RuntimeError when no hotline runs in this state folder."""
    file = settings.home / "hotline.json"
    if not file.exists():
        raise RuntimeError(f"no hotline runs in {settings.home}: start it with make run, or give --to")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def steps(given: list[tuple[str, str]], interrupt: float | None) -> list[Say]:
    made = []
    for option, value in given:
        if option == "--key":
            made.append(Say("", keys=value, interrupts_after=interrupt))
        elif option == "--say":
            made.append(Say(value, interrupts_after=interrupt))
        else:
            made.append(Say("", file=Path(value), interrupts_after=interrupt))
    return made


def find_record(database: str, number: str, since: datetime) -> CallRecord | None:
    """The hotline's own record of that caller's call; None when the database cannot be asked."""
    try:
        engine = connect(database)
        with Session(engine) as session:
            found = [r for r in calls_since(session, since) if r.caller == number]
        engine.dispose()
    except SQLAlchemyError:
        return None
    return found[-1] if found else None


def outcome(lived: Lived, record: CallRecord | None) -> str:
    """answer, operator, emergency, hangup or failed: by the record, else by what the caller could hear."""
    if not lived.answered:
        return "failed"
    if record is not None:
        return str(record.outcome or shown(record.events))
    if any(t.answer_began is not None for t in lived.measured):
        return "answer"
    return "hangup" if lived.hung_up_by_line else "failed"


def progress(what: str) -> None:
    """One line on standard error for whoever waits."""
    print(f"dial: {what}", file=sys.stderr, flush=True)


def dial(chosen: argparse.Namespace, settings: Settings) -> dict[str, Any]:
    """Ring, live through it, and tell.  SIGTERM is the citizen putting the receiver down."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    number = chosen.number or some_number()
    uri = None if chosen.wait else chosen.to or str(running(settings)["sip"])
    began = datetime.now(UTC)
    voice = Voice(settings.voices, Espeak(variant=chosen.voice))
    todo = steps(list(getattr(chosen, "steps", None) or []), chosen.interrupt)
    lived = live_through(
        uri,
        todo,
        voice,
        number=number,
        port=settings.hotline_port_base + CITIZEN if chosen.wait else 0,
        stay=chosen.stay,
        keep=chosen.keep,
        at=chosen.at,
        tell=progress,
        put_down=lambda: bool(asked),
    )
    record = find_record(settings.database, number, began)
    told: dict[str, Any] = {
        "call": record.id if record else None,
        "outcome": outcome(lived, record),
        "answered": lived.answered,
        "sip_code": lived.code,
        "turns": lived.turns(),
        "digits": lived.digits,
        "article": record.article if record else None,
    }
    if record is not None:
        told["heard_by_robot"] = [t.text for t in record.turns if t.who == "caller"]
        told["said_by_robot"] = [t.text for t in record.turns if t.who == "robot"]
    if chosen.interrupt is not None:
        told["stopped_after_ms"] = [round(1000 * s) for s in barge_in(lived)]
    if lived.measured and lived.sound_began is not None:
        spoke_until = lived.sound_began + timedelta(seconds=lived.measured[-1].stopped)
        told["spoke_until"] = spoke_until.isoformat()
    if not chosen.deaf:
        from ivr.speech.recogniser import Ears  # half a second of reading, which a deaf citizen needs not

        ears = Ears(settings.vosk_model, 1)
        told["heard_by_caller"] = ears.whole(lived.heard).words
        ears.close()
    return told
