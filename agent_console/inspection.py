"""Who saw this case, and what did somebody do?  The inspector's page; operators read its short form to a citizen."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from sqlalchemy.orm import Session

from agent_console import accounts
from agent_console.accounts import Account
from agent_console.house import house, page, who
from agent_console.local_time import HERE
from agent_console.permissions import OUTSIDE, ROLES_ZH, May
from agent_console.sign_in import noted
from routing import cases, looks
from routing.audit import wrong_events
from routing.grids import Territory
from routing.looks import Look

LONGEST = 64  # characters of what is asked for
HOTLINE_ZH, MACHINE_ZH = "热线", "系统"
PURPOSES_ZH = {"open311": "接口读取", "export": "导出"}
ACTIONS_ZH = {
    "sign in": "登录", "sign out": "签出", "change password": "修改密码", "view call": "查看通话", "listen": "监听",
    "whisper": "密语", "barge": "强插", "acknowledge": "确认告警", "confirm incident": "确认突发事件",
    "link cases": "并入突发事件", "end incident": "结束突发事件", "inspect": "检查",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One thing somebody did or looked at, as it is shown."""

    at: datetime
    name: str
    office: str
    what: str
    target: str


@dataclass(frozen=True, slots=True)
class Found:
    """What there is about a case, a call or a person; `wrong` is None where no history was checked."""

    kind: str
    asked: str
    lines: tuple[Line, ...] = ()
    offices: tuple[tuple[str, int], ...] = ()
    wrong: tuple[str, ...] | None = None
    more: int | None = None  # where the next page begins


def office_of(actor: str, known: Mapping[str, Account], territory: Territory) -> str:
    """Where somebody belongs: the hotline, a unit, the officers of an area, another system."""
    if actor.startswith("key:"):
        return f"接口 {actor.removeprefix('key:')}"
    if actor.startswith("platform:"):
        return f"外部平台 {actor.removeprefix('platform:')}"
    account = known.get(actor)
    if account is None:
        return MACHINE_ZH
    if account.role not in OUTSIDE:
        return HOTLINE_ZH
    return territory.unit_name(account.unit) if account.unit else f"网格 {territory.area_name(account.area)}"


def by_office(seen: Iterable[Look], known: Mapping[str, Account], territory: Territory) -> list[tuple[str, int]]:
    """How often each office looked, the busiest first: what a citizen may hear, without anybody's name."""
    counted: dict[str, int] = {}
    for look in seen:
        office = office_of(look.actor, known, territory)
        counted[office] = counted.get(office, 0) + 1
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))


def citizens_answer(session: Session, number: str, territory: Territory) -> list[tuple[str, int]]:
    return by_office(looks.looks_at(session, number), accounts.everybody(session), territory)


def inspect(session: Session, asked: str, before: int | None, territory: Territory) -> Found:
    """A case's number, a call's id, or the name of an account; with nothing asked the latest deeds at the desks."""
    known = accounts.everybody(session)

    def line(at: datetime, actor: str, what: str, target: str) -> Line:
        account = known.get(actor)
        name = f"{actor} {account.shown}" if account else actor
        role = f" {ROLES_ZH[account.role]}" if account else ""
        return Line(at, name, office_of(actor, known, territory) + role, what, target)

    if cases.valid_number(asked):
        seen = looks.looks_at(session, asked)
        lines = [line(s.at, s.actor, f"查看：{purpose_zh(s.purpose)}", s.case) for s in seen]
        lines += [
            line(at, actor, f"办理：{cases.ACTIONS_ZH[action]}", asked)
            for at, actor, action in looks.deeds_on(session, asked)
        ]
        wrong = tuple(wrong_events(session, asked))
        return Found("case", asked, _ordered(lines), tuple(by_office(seen, known, territory)), wrong)
    if asked in known:
        own = looks.looks_of(session, asked, before=before)
        more = own[-1].number if len(own) == looks.PAGE else None
        lines = [line(s.at, s.actor, f"查看工单：{purpose_zh(s.purpose)}", s.case) for s in own]
        if before is None:
            deeds = accounts.actions(session, actor=asked, limit=looks.PAGE)
            lines += [line(d.at, d.actor, action_zh(d.action), d.target or d.detail) for d in deeds]
        return Found("account", asked, _ordered(lines)[::-1], more=more)
    deeds = accounts.actions(session, about=asked or None, limit=looks.PAGE)
    lines = [line(d.at, d.actor, action_zh(d.action), d.target or d.detail) for d in deeds]
    return Found("call" if asked else "desks", asked, _ordered(lines)[::-1])


def _ordered(lines: list[Line]) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda one: one.at))


def purpose_zh(purpose: str) -> str:
    kind, colon, rest = purpose.partition(":")
    return f"{PURPOSES_ZH[kind]} {rest}" if colon and kind in PURPOSES_ZH else purpose


def action_zh(action: str) -> str:
    return ACTIONS_ZH.get(action, action)


async def _asked(request: web.Request) -> Found:
    """Each inspection is itself kept."""
    found, rooms = who(request, May.INSPECT), house(request)
    asked = request.query.get("q", "").strip()[:LONGEST]
    after = request.query.get("before", "")
    before = int(after) if after.isascii() and after.isdigit() and len(after) < 16 else None
    await noted(rooms, found.name, "inspect", asked)
    return await rooms.downstairs.read(inspect, asked, before, rooms.desk.territory)


async def show(request: web.Request) -> web.StreamResponse:
    return page(request, "inspection.html", found=await _asked(request))


async def as_csv(request: web.Request) -> web.StreamResponse:
    found = await _asked(request)
    return web.Response(
        body=table(found.lines), content_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="inspection-{datetime.now(UTC):%Y%m%d}.csv"'},
    )  # fmt: skip


def table(lines: Iterable[Line]) -> bytes:
    """With a BOM, so that a spreadsheet reads Chinese; moments are local."""
    out = io.StringIO()
    rows: list[list[Any]] = [["时间", "人员", "单位", "做了什么", "对象"]]
    rows += [[f"{x.at.astimezone(HERE):%Y-%m-%d %H:%M:%S}", x.name, x.office, x.what, x.target] for x in lines]
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")
