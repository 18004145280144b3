"""The door: `python -m agent_console` serves the desks; the other verbs prepare them and tell what was done."""

import argparse
import json
import sys
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

import kb.schema
import kb.store
import routing.schema
from agent_console import accounts, schema
from agent_console.permissions import Role
from agent_console.settings import Settings
from routing import city, logs
from routing.database import connect
from routing.grids import Body, Territory

FIRST = [
    ("operator1", Role.OPERATOR, "话务员一", "1001"),
    ("operator2", Role.OPERATOR, "话务员二", "1002"),
    ("supervisor1", Role.SUPERVISOR, "班长一", "2001"),
    ("editor1", Role.EDITOR, "知识管理员一", None),
    ("editor2", Role.EDITOR, "知识管理员二", None),  # who writes an article does not publish it
    ("dispatcher1", Role.DISPATCHER, "派单员一", None),
    ("auditor1", Role.AUDITOR, "审计员一", None),
    ("admin", Role.ADMIN, "系统管理员", None),
]
CITY_UNITS = {"urban_mgmt", "housing_bureau", "power_co", "hr_bureau", "water_co.hbw"}
VERBS = ("serve", "prepare", "accounts", "account", "actions")
HEALTH_WITHIN = 3.0  # s


def prepare(settings: Settings) -> None:
    """Tables of every room, the sample city's articles, first accounts; again does no harm."""
    for room in (kb.schema, routing.schema, schema):
        room.upgrade(settings.database)
    engine = connect(settings.database)
    with Session(engine) as session, session.begin():
        kb.store.load_sample(session)
    engine.dispose()
    first_accounts(settings)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An account that shall be there."""

    name: str
    role: Role
    shown: str
    number: str | None = None
    unit: str | None = None
    area: str | None = None


def first_accounts(settings: Settings) -> list[dict[str, Any]]:
    """Accounts that are missing, with generated passwords, added to accounts.json (owner only)."""
    schema.upgrade(settings.database)
    territory = city.territory(settings)
    wanted = [Wanted(*one) for one in FIRST]
    wanted += [Wanted(f"unit-{unit.code}", Role.UNIT, unit.name, unit=unit.code) for unit in first_units(territory)]
    wanted += first_officers(territory)
    return [made for one in wanted for made in add(settings, one)]


def first_officers(territory: Territory) -> list[Wanted]:
    """One officer of the first grid, and another for its whole community: who did the work does not verify it."""
    grid = min((a for a in territory.areas.values() if a.kind == "grid"), key=lambda a: a.code, default=None)
    if grid is None:
        return []
    return [
        Wanted("grid1", Role.GRID, "网格员一", area=grid.code),
        Wanted("grid2", Role.GRID, "网格员二", area=grid.parent),
    ]


def first_units(territory: Territory) -> list[Body]:
    """The districts and a few city units: enough to see cases arrive.  `account` makes the others."""
    units = territory.units.values()
    districts = [u for u in units if u.duty == "district" and u.area and len(territory.line(u.area)) == 1]
    return districts + [u for u in units if u.code in CITY_UNITS]


def add(settings: Settings, one: Wanted) -> list[dict[str, Any]]:
    engine = connect(settings.database)
    with Session(engine) as session, session.begin():
        password = accounts.create(
            session, one.name, one.role, one.shown, number=one.number, unit=one.unit, area=one.area
        )
    engine.dispose()
    if password is None:
        return []
    made = {
        "role": one.role.value, "name": one.name, "password": password, "shown": one.shown, "number": one.number,
        "unit": one.unit, "area": one.area,
    }  # fmt: skip
    keep(settings.accounts_file, made)
    return [made]


def actions(settings: Settings) -> list[accounts.Deed]:
    """What was done at the desks, oldest first: who signed in, listened in, looked at a call, acknowledged."""
    engine = connect(settings.database)
    with Session(engine) as session:
        found = accounts.actions(session)
    engine.dispose()
    return found


def keep(file: Path, made: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    content = [a for a in before if a["name"] != made["name"]] + [made]
    part = file.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    part.replace(file)


def healthy(settings: Settings) -> bool:
    host, port = settings.address
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=HEALTH_WITHIN) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m agent_console", description=__doc__)
    parser.add_argument("verb", nargs="?", default="serve", choices=VERBS)
    parser.add_argument("--healthcheck", action="store_true", help="exit 0 when a running console answers")
    parser.add_argument("--name")
    parser.add_argument("--role", choices=[r.value for r in Role if r is not Role.CITIZEN])
    parser.add_argument("--shown")
    parser.add_argument("--number", help="of the softphone; operators and supervisors")
    parser.add_argument("--unit", help="code of the unit")
    parser.add_argument("--area", help="of a grid officer: code of a grid, community, town or district")
    chosen = parser.parse_args()
    settings = Settings()
    logs.configure()
    if chosen.healthcheck:
        return 0 if healthy(settings) else 1
    match chosen.verb:
        case "prepare":
            prepare(settings)
        case "accounts":
            print(json.dumps(first_accounts(settings), ensure_ascii=False))
        case "account":
            if not chosen.name or not chosen.role:
                parser.error("account needs --name and --role")
            role = Role(chosen.role)
            if role is Role.GRID and chosen.area not in city.territory(settings).areas:
                parser.error("a grid officer needs --area, the code of a grid, community, town or district")
            shown = chosen.shown or chosen.name
            made = add(settings, Wanted(chosen.name, role, shown, chosen.number, chosen.unit, chosen.area))
            print(json.dumps(made, ensure_ascii=False))
            return 0 if made else 1
        case "actions":
            for deed in actions(settings):
                print(json.dumps(asdict(deed) | {"at": deed.at.isoformat()}, ensure_ascii=False))
        case _:
            from aiohttp import web

            from agent_console.app import make_app

            host, port = settings.address
            web.run_app(make_app(settings), host=host, port=port, print=None, shutdown_timeout=2, handle_signals=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
