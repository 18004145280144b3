"""How does a city open its doors to other systems?  The commands `key`, `webhook`, `platform` and `export`."""

import argparse
import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from routing import api_keys, export, handovers, webhooks
from routing.api_keys import PER_MINUTE, SOURCES, Right
from routing.database import connect, writing
from routing.doors import Line, moment, tell
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

    webhook = commands.add_parser("webhook", help="who is told what happens to cases: add, list, log, resume, remove")
    verbs = webhook.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="tell this address from now on; prints the secret that signs, once")
    add.add_argument("--url", required=True)
    add.add_argument(
        "--events", nargs="+", default=[], metavar="ACTION", help="dispatch, sign, close …; all without it"
    )
    add.add_argument("--secret-env", default="", metavar="NAME", help="the worker finds the secret there")
    verbs.add_parser("list", help="one JSON object per line")
    for verb, says in (
        ("log", "the last attempts"), ("resume", "go on where it was given up"), ("remove", "tell it no more"),
    ):  # fmt: skip
        verbs.add_parser(verb, help=says).add_argument("id", type=int)

    outside = commands.add_parser("platform", help="platforms outside that take cases over: add, list, remove")
    verbs = outside.add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add", help="cases can be handed to it; prints the secret that signs, once")
    add.add_argument("--name", required=True, help="that of the key under which it answers")
    add.add_argument("--zh", required=True, help="what the dispatchers call it")
    add.add_argument("--url", required=True)
    add.add_argument("--secret-env", default="", metavar="NAME", help="the worker finds the secret there")
    add.add_argument("--with-contact", action="store_true", help="with names and numbers: only under an agreement")
    verbs.add_parser("list", help="one JSON object per line")
    verbs.add_parser("remove", help="nothing more goes there").add_argument("--name", required=True)

    out = commands.add_parser("export", help="cases for the platforms that report on the city")
    out.add_argument("--since", required=True, type=moment, help="opened not before: 2026-03-02 or 2026-03-02T08:00")
    out.add_argument("--until", required=True, type=moment, help="opened before")
    out.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    out.add_argument("--with-contact", action="store_true", help="with names and numbers: only under an agreement")
    out.add_argument("--purpose", default="", help="which agreement; needed for names and numbers, kept with each case")


def run(chosen: argparse.Namespace, settings: Settings, target: TextIO = sys.stdout) -> None:
    """Refused says why not."""
    engine = connect(settings.database)
    try:
        match chosen.command:
            case "key":
                _key(chosen, engine, target)
            case "webhook":
                _webhook(chosen, engine, target)
            case "platform":
                _platform(chosen, engine, target)
            case _:
                _export(chosen, engine, target)
    except (api_keys.NoKey, webhooks.NoWebhook, handovers.NoPlatform) as problem:
        raise Refused(str(problem)) from None
    finally:
        engine.dispose()


def _export(chosen: argparse.Namespace, engine: Engine, target: TextIO) -> None:
    contact: bool = chosen.with_contact
    if contact and not 0 < len(chosen.purpose) <= export.LONGEST_PURPOSE:
        raise Refused(f"names and numbers go out for a --purpose only, in at most {export.LONGEST_PURPOSE} characters")
    with Session(engine) as session:
        found = export.cases(session, chosen.since, chosen.until, with_contact=contact)
        if contact:
            found = export.noted(found, engine, chosen.purpose, datetime.now(UTC))
        export.write(found, chosen.format, target, with_contact=contact)


def _key(chosen: argparse.Namespace, engine: Engine, target: TextIO) -> None:
    now = datetime.now(UTC)
    with _session(engine, chosen.verb) as session:
        match chosen.verb:
            case "new":
                key = api_keys.issue(
                    session, chosen.name, Right(chosen.may), now, source=chosen.source, per_minute=chosen.per_minute
                )
                target.write(key + "\n")
            case "revoke":
                api_keys.revoke(session, chosen.name, now)
            case _:
                for found in api_keys.keys(session):
                    tell(_key_line(found), target)


def _webhook(chosen: argparse.Namespace, engine: Engine, target: TextIO) -> None:
    with _session(engine, chosen.verb) as session:
        match chosen.verb:
            case "add":
                made, secret = webhooks.subscribe(
                    session, chosen.url, datetime.now(UTC), events=chosen.events, secret_env=chosen.secret_env
                )
                tell({"id": made, **({"secret": secret} if secret else {})}, target)
            case "remove":
                webhooks.remove(session, chosen.id)
            case "resume":
                webhooks.resume(session, chosen.id)
            case "log":
                for attempt in webhooks.deliveries(session, chosen.id):
                    tell({
                        "at": attempt.at.isoformat(), "event": attempt.event, "service_request_id": attempt.case,
                        "attempt": attempt.attempt, "outcome": attempt.outcome,
                    }, target)  # fmt: skip
            case _:
                for found in webhooks.webhooks(session):
                    tell(_webhook_line(found), target)


def _platform(chosen: argparse.Namespace, engine: Engine, target: TextIO) -> None:
    now = datetime.now(UTC)
    with _session(engine, chosen.verb) as session:
        match chosen.verb:
            case "add":
                secret = handovers.add_platform(
                    session, chosen.name, chosen.zh, chosen.url, now, secret_env=chosen.secret_env,
                    with_contact=chosen.with_contact,
                )  # fmt: skip
                session.commit()
                tell({"name": chosen.name, **({"secret": secret} if secret else {})}, target)
            case "remove":
                handovers.remove_platform(session, chosen.name, now)
                session.commit()
            case _:
                for found in handovers.platforms(session):
                    tell({"name": found.name, "zh": found.zh, "url": found.url, "with_contact": found.with_contact,
                          "removed": _moment(found.removed)}, target)  # fmt: skip


@contextlib.contextmanager
def _session(engine: Engine, verb: str) -> Iterator[Session]:
    with Session(engine) if verb in {"list", "log"} else writing(engine) as session:
        yield session


def _key_line(key: api_keys.ApiKey) -> Line:
    return {
        "name": key.name,
        "may": key.may.value,
        "source": key.source,
        "per_minute": key.per_minute,
        "made": key.made.isoformat(),
        "used": _moment(key.used),
        "revoked": _moment(key.revoked),
    }


def _webhook_line(hook: webhooks.Webhook) -> Line:
    return {
        "id": hook.id,
        "url": hook.url,
        "events": list(hook.events) or "all",
        "secret": f"in {hook.secret_env}" if hook.secret_env else "generated",
        "told_up_to": hook.cursor,
        "failures": hook.failures,
        "failing_since": _moment(hook.failing_since),
        "next_try": _moment(hook.next_try),
        "gave_up": _moment(hook.gave_up),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
