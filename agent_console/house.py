"""What can every page reach?  The parts of the console, as one value the application holds."""

from dataclasses import dataclass
from typing import Any

import jinja2
from aiohttp import ClientSession, web

from agent_console.attempts import Attempts
from agent_console.attendance import Presence, Rules
from agent_console.counters import Counters
from agent_console.downstairs import Downstairs
from agent_console.open_pages import OpenPages
from agent_console.permissions import FIRST_PAGE, May, may, places
from agent_console.phones import Phones
from agent_console.sessions import Sessions, SignedIn
from agent_console.settings import Settings
from routing.feed import Feed
from routing.office import Office
from routing.switchboard import Switchboard

COOKIE = "hotline"
WHO = web.RequestKey("who", SignedIn)


@dataclass(slots=True)
class House:
    settings: Settings
    downstairs: Downstairs
    sessions: Sessions
    phones: Phones
    switchboard: Switchboard
    attempts: Attempts
    counters: Counters
    templates: jinja2.Environment
    client: ClientSession
    feed: Feed
    desk: Office  # of this city: its units and places, its calendar
    presence: Presence
    pages: OpenPages

    @property
    def rules(self) -> Rules:
        return Rules(self.settings.console_wrap_up, self.settings.console_lost_after)


HOUSE = web.AppKey("house", House)


def house(request: web.Request) -> House:
    return request.app[HOUSE]


def who(request: web.Request, *needs: May) -> SignedIn:
    """Who asks, when they may do one of `needs`.  Otherwise to the sign-in page, or 403."""
    found: SignedIn | None = request.get(WHO)
    if found is None:
        if request.headers.get("Accept", "").startswith("application/json") or request.headers.get("Upgrade"):
            raise web.HTTPUnauthorized(text="请先登录")
        raise web.HTTPSeeOther("/sign-in")
    if needs and not any(may(found.role, need) for need in needs):
        raise web.HTTPForbidden(text="没有权限")
    return found


def page(request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
    """A template as an answer; every page knows who looks at it."""
    found = request.get(WHO)
    settings = house(request).settings
    text = (
        house(request)
        .templates.get_template(template)
        .render(
            who=found,
            csrf=found.csrf if found else "",
            first_page=FIRST_PAGE[found.role] if found else "/",
            places=places(found.role) if found else (),
            city=settings.hotline_city,
            drill=settings.hotline_drill,
            path=request.path,
            **values,
        )
    )
    return web.Response(text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"})


def wants_json(request: web.Request) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
