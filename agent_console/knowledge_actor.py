"""Who acts on the knowledge, and what do all its pages show?"""

from datetime import UTC, date, datetime
from typing import Any

from aiohttp import web

from agent_console.house import house, page, who
from agent_console.permissions import May, Role, may
from agent_console.sessions import SignedIn
from kb import editing
from kb.desk import Actor, local_day
from kb.editing import ACTIONS_ZH, NEEDS_ZH, STATES_ZH
from routing.grids import Territory

ROLES = {
    Role.EDITOR: editing.Role.EDITOR,
    Role.UNIT: editing.Role.UNIT,
    Role.OPERATOR: editing.Role.OPERATOR,
    Role.SUPERVISOR: editing.Role.OPERATOR,
}
PLACES = (
    ("/knowledge", "条目", May.READ_KNOWLEDGE),
    ("/knowledge/try", "试问", May.READ_KNOWLEDGE),
    ("/knowledge/misses", "未答问题", May.SEE_QUESTIONS),
    ("/knowledge/due", "待办", May.EDIT_KNOWLEDGE),
    ("/knowledge/hits", "统计", May.EDIT_KNOWLEDGE),
    ("/knowledge/exchange", "导入导出", May.EDIT_KNOWLEDGE),
)


def actor(found: SignedIn) -> Actor:
    """403 for who has no part in an article's life."""
    role = ROLES.get(found.role)
    if role is None:
        raise web.HTTPForbidden(text="没有权限")
    return Actor(found.name, role, found.unit)


def reader(found: SignedIn) -> Actor:
    """Who only looks: what may be offered to them."""
    return Actor(found.name, ROLES.get(found.role, editing.Role.OPERATOR), found.unit)


def units(territory: Territory) -> tuple[tuple[str, str], ...]:
    """Code and name of every unit that can own an article: the city's, then the districts' offices."""
    listed = [u for u in territory.units.values() if "district" not in u.code]
    return tuple((u.code, u.name) for u in listed)


def today() -> date:
    return local_day(datetime.now(UTC))


def editor(request: web.Request, needs: May = May.EDIT_KNOWLEDGE) -> tuple[SignedIn, Actor]:
    found = who(request, needs)
    return found, actor(found)


def knowledge_page(request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:
    """A page of the knowledge, with the ways to the others."""
    found = who(request, May.READ_KNOWLEDGE)
    return page(
        request, f"knowledge/{template}", status=status, tabs=[p[:2] for p in PLACES if may(found.role, p[2])],
        editing=may(found.role, May.EDIT_KNOWLEDGE), states=STATES_ZH, actions_zh=ACTIONS_ZH, needs_zh=NEEDS_ZH,
        unit_name=house(request).desk.territory.unit_name, today=today(), **values,
    )  # fmt: skip
