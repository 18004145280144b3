"""How does the city's lawyer keep something from being erased?  The command `hold`: add, lift, list."""

import argparse
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from routing import holds
from routing.database import connect, writing
from routing.doors import BadLine, tell
from routing.settings import Settings


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    hold = commands.add_parser("hold", help="cases and calls of which nothing may be erased: add, lift, list")
    verbs = hold.add_subparsers(dest="verb", required=True)
    new = verbs.add_parser("add", help="from now on nothing of it is erased")
    lift = verbs.add_parser("lift", help="it may be erased when its time is over")
    for verb in (new, lift):
        verb.add_argument("target", help="a case's number or a call's id")
        verb.add_argument("--by", required=True, help="who decided it")
    new.add_argument("--reason", required=True)
    verbs.add_parser("list", help="what is held, one JSON object per line")


def run(chosen: argparse.Namespace, settings: Settings) -> None:
    engine, now = connect(settings.database), datetime.now(UTC)
    try:
        if chosen.verb == "list":
            with Session(engine) as session:
                for row in holds.standing(session):
                    tell({"target": row.target, "since": row.since.isoformat(), "by": row.by, "reason": row.reason})
            return
        with writing(engine) as session, session.begin():
            if chosen.verb == "add":
                holds.add(session, chosen.target, chosen.reason, chosen.by, now)
            else:
                holds.lift(session, chosen.target, chosen.by, now)
    except holds.NothingToHold as problem:
        raise BadLine(str(problem)) from None
    finally:
        engine.dispose()
