"""How does a city open its doors to other systems?  The commands `key`, `webhook` and `export`."""

import argparse
import sys
from datetime import UTC, datetime
from typing import TextIO

from sqlalchemy.orm import Session

from routing import api_keys
from routing.api_keys import PER_MINUTE, SOURCES, Right
from routing.database import connect, writing
from routing.doors import tell
from routing.settings import Settings


class Refused(ValueError):
    """A command cannot be done; the message says why."""


def add_parsers(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    key = commands.add_parser("key", help="keys of other systems: new, list, revoke")
    verbs = key.add_subparsers(dest="verb", required=True)
    new = verbs.add_parser("new", help="make one; it is printed once and never again")
    new.add_argument("--name", required=True, help="small letters, digits and hyphens")
    new.add_argument("--may", required=True, choices=[r.value for r in Right])
    new.add_argument("--source", default="outside", choices=SOURCES, help="where the cases it writes come from")
    new.add_argument("--per-minute", type=int, default=PER_MINUTE, help="requests it may make")
    verbs.add_parser("list", help="all that were ever made, one JSON object per line")
    verbs.add_parser("revoke", help="from now on it is refused").add_argument("--name", required=True)


def run(chosen: argparse.Namespace, settings: Settings, target: TextIO = sys.stdout) -> None:
    """Refused says why not."""
    try:
        _key(chosen, settings, target)
    except api_keys.NoKey as problem:
        raise Refused(str(problem)) from None


def _key(chosen: argparse.Namespace, settings: Settings, target: TextIO) -> None:
    engine, now = connect(settings.database), datetime.now(UTC)
    try:
        match chosen.verb:
            case "new":
                with writing(engine) as session:
                    key = api_keys.issue(
                        session, chosen.name, Right(chosen.may), now, source=chosen.source, per_minute=chosen.per_minute
                    )
                target.write(key + "\n")
            case "revoke":
                with writing(engine) as session:
                    api_keys.revoke(session, chosen.name, now)
            case _:
                with Session(engine) as session:
                    for found in api_keys.keys(session):
                        tell(_line(found), target)
    finally:
        engine.dispose()


def _line(key: api_keys.ApiKey) -> dict[str, object]:
    return {
        "name": key.name,
        "may": key.may.value,
        "source": key.source,
        "per_minute": key.per_minute,
        "made": key.made.isoformat(),
        "used": key.used.isoformat() if key.used else None,
        "revoked": key.revoked.isoformat() if key.revoked else None,
    }
