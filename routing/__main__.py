"""The room's way in: `python -m routing VERB`; `--help` names the verbs."""

import argparse
import contextlib
import sys
from datetime import date, timedelta
from itertools import chain

from routing import doors, hold_door, logs, open_doors
from routing.settings import Settings


def judge() -> None:
    from routing.emergency import judge as decide

    def door(given: doors.Line) -> doors.Line:
        verdict = decide(given["text"])
        return {
            "id": given.get("id"),
            "action": str(verdict.action),
            "service": verdict.service,
            "because": verdict.because,
        }

    doors.through(door, sys.stdin)


def propose(settings: Settings) -> None:
    from routing.proposing import Door

    doors.through(Door(settings).propose, sys.stdin)


def verify_audit(settings: Settings) -> int:
    from sqlalchemy.orm import Session

    from routing.attachments import wrong_files
    from routing.audit import wrong_events
    from routing.database import connect
    from routing.file_store import FileStore

    engine = connect(settings.database)
    found = 0
    with Session(engine) as session:
        for sentence in chain(wrong_events(session), wrong_files(session, FileStore(settings.files))):
            found += 1
            sys.stdout.write(sentence + "\n")
    engine.dispose()
    sys.stdout.write(f"{found} breaks found\n" if found else "the history of every case is as it was written\n")
    return 1 if found else 0


def archive(settings: Settings, chosen: argparse.Namespace) -> int:
    from routing import schema
    from routing.sample.archive import NotEmpty, Plan, write

    schema.upgrade(settings.database)
    try:
        write(settings.database, Plan(chosen.calls, chosen.cases, chosen.seed, chosen.until), chosen.workers)
    except NotEmpty as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m routing", description=__doc__)
    commands = made.add_subparsers(dest="command", required=True)
    commands.add_parser("judge", help='is anyone in danger?  {"id","text"} per line in, an action per line out')
    calls = commands.add_parser("calls", help="call records, one JSON object per line")
    calls.add_argument("--since", required=True, type=doors.moment, help="2026-03-02T08:00, 2026-03-02 or 08:00")
    calls.add_argument("--numbers", action="store_true", help="with the callers' numbers")
    upgrade = commands.add_parser("upgrade", help="bring the tables to their newest shape")
    upgrade.add_argument("--back-to", metavar="REVISION", help="go back instead")
    commands.add_parser("propose", help='who must handle it?  {"id","text","place"} per line in, one proposal out')
    work = commands.add_parser("work", help="run the jobs, and keep their timetable")
    work.add_argument("--no-timetable", action="store_true", help="when another process of the city keeps it")
    figures = commands.add_parser("figures", help="count days anew from their events, or print a report as JSON")
    figures.add_argument("--since", required=True, type=date.fromisoformat, help="first day, 2026-03-02")
    figures.add_argument("--until", required=True, type=date.fromisoformat, help="last day, included")
    figures.add_argument("--recount", action="store_true", help="count anew before printing")
    commands.add_parser("verify-audit", help="has anybody changed the history of a case?")
    open_doors.add_parsers(commands)
    hold_door.add_parser(commands)
    model = commands.add_parser("archive", help="fill an empty database with a model city's three years")
    model.add_argument("--calls", type=int, default=4_070_000)
    model.add_argument("--cases", type=int, default=2_860_000)
    model.add_argument("--seed", type=int, default=12345)
    model.add_argument("--until", type=date.fromisoformat, default=date.today() - timedelta(days=1), help="last day")
    model.add_argument("--workers", type=int, default=2, help="processes, on PostgreSQL")
    return made


def main() -> int:
    chosen = parser().parse_args()
    settings = Settings()
    logs.configure()
    try:
        match chosen.command:
            case "judge":
                judge()
            case "calls":
                doors.calls(settings.database, chosen.since, numbers=chosen.numbers)
            case "upgrade":
                from routing import schema

                if chosen.back_to:
                    schema.downgrade(settings.database, chosen.back_to)
                else:
                    schema.upgrade(settings.database)
            case "propose":
                propose(settings)
            case "work":
                from routing.jobs import work

                work(settings, keep_timetable=not chosen.no_timetable)
            case "figures":
                doors.figures(settings.database, chosen.since, chosen.until, recount=chosen.recount)
            case "verify-audit":
                return verify_audit(settings)
            case "archive":
                return archive(settings, chosen)
            case "hold":
                hold_door.run(chosen, settings)
            case _:
                open_doors.run(chosen, settings)
    except (doors.BadLine, open_doors.Refused) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            sys.stdout.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
