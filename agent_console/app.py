"""How are the console's parts put together, started and stopped?"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import jinja2
from aiohttp import ClientSession, web

from agent_console import accounts, local_time
from agent_console.attempts import Attempts
from agent_console.attendance import Attendance, Presence
from agent_console.counters import Counters
from agent_console.desks import Witness
from agent_console.downstairs import Downstairs
from agent_console.house import HOUSE, House
from agent_console.knowledge_watch import WATCH, Watch
from agent_console.live import GLANCES, NAMES, Glances
from agent_console.matter_search import search_matters
from agent_console.open311_door import RATES, Rates, open_door
from agent_console.open_pages import OpenPages
from agent_console.operator_desk import remember
from agent_console.phones import Phones
from agent_console.routes import ROUTES
from agent_console.sessions import Sessions
from agent_console.settings import Settings
from agent_console.sign_in import BODY, guard
from routing.city import Files, office
from routing.feed import Feed
from routing.file_store import FileStore
from routing.heap import settle
from routing.journal import Journal
from routing.manager import Access
from routing.switch_board import Board, State
from routing.switch_events import SwitchEvent
from routing.switchboard import Switchboard

log = logging.getLogger(__name__)

TEMPLATES = Path(__file__).parent / "templates"
FILES_EVERY = 5.0  # s between looks at the city's files and the day
SIGN_INS = (10, 300.0)  # refused sign-ins per name and per address in so many seconds


def templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["local"] = local_time.shown
    made.filters["moment"] = local_time.moment
    return made


def make_app(settings: Settings) -> web.Application:
    app = web.Application(client_max_size=BODY, middlewares=[guard, open_door])
    app[RATES] = Rates()
    app.add_routes(ROUTES)

    async def life(app: web.Application) -> AsyncIterator[None]:
        async for _ in live_in(app, settings):
            yield

    app.cleanup_ctx.append(life)
    return app


async def live_in(app: web.Application, settings: Settings) -> AsyncIterator[None]:
    """Everything the pages reach, from before the first request until after the last."""
    downstairs = Downstairs(settings.database)
    sessions = Sessions(settings.redis, settings.console_session_hours)
    feed = Feed(settings.redis)
    files = Files(settings)
    desk = office(settings, feed, FileStore(settings.files), settings.file_limits)
    journal = Journal(settings.home / "journal" / "console", settings.database, feed=feed)
    counters = Counters()
    people = await downstairs.read(accounts.with_phone)
    names = {person.endpoint: person.name for person in people if person.endpoint}
    witness = Witness(journal, feed, downstairs.write, names)
    host, port = settings.manager

    def told(event: SwitchEvent) -> None:
        counters.events.labels(type(event).__name__).inc()
        witness.told(event)

    async def settled(board: Board) -> None:
        witness.close_lost(set(board.calls), datetime.now(UTC))
        await phones.tell()

    switchboard = Switchboard(Access(host, port, settings.ami_secret, settings.ami_admin_secret), told, settled)
    phones = Phones(settings.accounts_folder, switchboard.reload_accounts)
    client = ClientSession()
    app[HOUSE] = House(
        settings, downstairs, sessions, phones, switchboard, Attempts(*SIGN_INS), counters, templates(), client, feed,
        desk, Presence(), OpenPages(),
    )  # fmt: skip
    app[GLANCES] = Glances(app[HOUSE])
    app[NAMES] = {person.endpoint: person.shown for person in people if person.endpoint}
    await take_seats(switchboard, sessions, {p.endpoint for p in people if p.endpoint})
    await phones.begin([p.endpoint for p in people if p.endpoint], web=settings.hotline_demo_phone)
    await downstairs.plainly(lambda: (search_matters("噪音"), search_matters("zaoyin")))  # builds the indexes
    rooms = app[HOUSE]
    rooms.presence.expect(switchboard.board.seats, datetime.now(UTC))
    switchboard.start()
    attendance = Attendance(switchboard, rooms.presence, rooms.rules, lambda: remember(rooms))
    keeping = asyncio.create_task(attendance.keep(), name="attendance")
    app[WATCH] = Watch(downstairs, settings.database)
    today = asyncio.create_task(keep_today(rooms, files), name="today")
    settle()
    yield
    app[WATCH].stop()
    keeping.cancel()
    today.cancel()
    await switchboard.stop()
    await client.close()
    await sessions.aclose()
    await witness.settled()
    feed.close()
    await downstairs.plainly(journal.close)
    downstairs.close()


async def keep_today(rooms: House, files: Files) -> None:
    """The desks work with the city's places, units and days off as its files say today."""
    while True:
        await asyncio.sleep(FILES_EVERY)
        if (now := await rooms.downstairs.plainly(files.changed)) is not None:
            rooms.desk = replace(rooms.desk, territory=now.territory, calendar=now.calendar)


async def take_seats(switchboard: Switchboard, sessions: Sessions, known: set[str]) -> None:
    """Who was ready before this process started is ready still: their pages come back by themselves."""
    now = datetime.now(UTC)
    for operator, kept in (await sessions.recall("seats")).items():
        if operator in known and isinstance(kept, list) and len(kept) == 3:
            state = State(kept[0]) if kept[0] in set(State) else State.SIGNED_OUT
            switchboard.board.set_state(operator, state, now, reason=str(kept[1]), call=str(kept[2]))
