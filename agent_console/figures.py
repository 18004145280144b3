"""The figures of the hotline: the rates a city reports, by day, unit, matter and place; as a page and as files."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
from aiohttp import web

from agent_console.house import house, page, who
from agent_console.local_time import HERE
from agent_console.permissions import May
from routing.catalogue import shipped
from routing.figure_desk import Line, Report, report
from routing.figures import Figure, Rate
from routing.grids import Territory

PERIODS = {"1": "今天", "7": "近7天", "30": "近30天", "365": "近一年"}
LONGEST = 3 * 366  # days of one report
WIDE, HIGH, LEFT = 900, 180, 44  # of a plot, in its own units
SHOWN = 20  # lines of a table on the page; files hold all
COUNTS = {
    Figure.CALLS: "来电", Figure.BY_ROBOT: "机器人解答", Figure.TO_PERSON: "转人工", Figure.EMERGENCY: "转紧急",
    Figure.HUNG_UP: "挂断", Figure.OPENED: "登记工单", Figure.CLOSED: "回访办结", Figure.RETURNED: "申请退单",
    Figure.NOT_REACHED: "回访未联系上（次）",
}  # fmt: skip
HEAD = ("类别", "名称", "登记", "到期", "按时反馈", "按时率", "回访到", "解决率", "满意率", "退单")


def period(request: web.Request) -> tuple[date, date]:
    """`since` and `until` (ISO dates, both included), or `days` back from today; seven days when nothing is said."""
    today = datetime.now(HERE).date()
    try:
        if "since" in request.query:
            since, until = (date.fromisoformat(request.query.get(n, str(today))[:10]) for n in ("since", "until"))
        else:
            until, since = today, today - timedelta(days=int(request.query.get("days", "7")[:4]) - 1)
    except (ValueError, OverflowError):
        raise web.HTTPBadRequest(text="日期要写成 2026-03-02") from None
    if not 0 <= (until - since).days < LONGEST:
        raise web.HTTPBadRequest(text="时间段不对, 最长三年")
    return since, until


async def show(request: web.Request) -> web.StreamResponse:
    who(request, May.SUPERVISE, May.SEE_FIGURES)
    rooms = house(request)
    made, territory = await rooms.downstairs.read(report, *period(request)), rooms.desk.territory
    return page(
        request, "figures.html", report=made, periods=PERIODS, chosen=request.query.get("days", "7"),
        counts=[(zh, made.sums.get(figure, 0)) for figure, zh in COUNTS.items()], plot=plot(made),
        rates=[(rate, percent(rate)) for rate in made.rates],
        topics=[(named("事项", t.matter, territory), t.now, t.before, t.now - t.before) for t in made.topics],
        tables=[(title, [cells(title, line, territory) for line in lines[:SHOWN]], len(lines))
                for title, lines in tables(made)],
        head=HEAD[1:], query=request.query_string,
    )  # fmt: skip


def tables(made: Report) -> Iterable[tuple[str, list[Line]]]:
    return (("单位", made.units), ("事项", made.matters), ("地区", made.districts))


def named(kind: str, code: str, territory: Territory) -> str:
    if kind == "单位":
        return territory.unit_name(code) or code
    if kind == "地区":
        return territory.area_name(code)
    return shipped().leaves[code].zh if code in shipped().leaves else code


def percent(rate: Rate) -> str:
    return "–" if rate.value is None else f"{100 * rate.value:.1f}%"


def cells(kind: str, line: Line, territory: Territory) -> list[str | int]:
    """One line of a table; HEAD names the columns after the first."""
    counted = [line.counts.get(f, 0) for f in (Figure.OPENED, Figure.DUE, Figure.IN_TIME)]
    return [
        named(kind, line.code, territory), *counted, percent(line.rate("in_time")), line.counts.get(Figure.ASKED, 0),
        percent(line.rate("solved")), percent(line.rate("satisfied")), line.counts.get(Figure.RETURNED, 0),
    ]  # fmt: skip


def plot(made: Report) -> dict[str, Any]:
    """Two lines over the days, in the plot's own units; the table below it has the same numbers."""
    most = max((n for _, *both in made.days for n in both), default=0) or 1
    step = (WIDE - LEFT) / max(1, len(made.days) - 1)

    def points(numbers: list[int]) -> str:
        return " ".join(f"{LEFT + at * step:.1f},{HIGH - HIGH * n / most:.1f}" for at, n in enumerate(numbers))

    return {
        "wide": WIDE,
        "high": HIGH,
        "left": LEFT,
        "most": most,
        "calls": points([n for _, n, _ in made.days]),
        "cases": points([n for _, _, n in made.days]),
    }


def lines(made: Report, territory: Territory) -> list[list[Any]]:
    """The whole report as one table, for CSV and XLSX."""
    found: list[list[Any]] = [["时间段", f"{made.since} 至 {made.until}"]]
    found += [["总数", zh, made.sums.get(figure, 0)] for figure, zh in COUNTS.items()]
    found += [["比率", r.zh, percent(r), r.part, r.whole, r.how] for r in made.rates]
    found += [["每日", str(day), calls, cases] for day, calls, cases in made.days]
    found.append(list(HEAD))
    found += [[title, *cells(title, line, territory)] for title, listed in tables(made) for line in listed]
    return found


async def as_file(request: web.Request) -> web.StreamResponse:
    """The same as JSON, CSV (with a BOM, so that a spreadsheet reads Chinese) or XLSX."""
    who(request, May.SUPERVISE, May.SEE_FIGURES)
    rooms, form = house(request), request.match_info["form"]
    made = await rooms.downstairs.read(report, *period(request))
    name = f"12345-{made.since}-{made.until}.{form}"
    body, kind = await rooms.downstairs.plainly(lambda: FORMS[form](made, rooms.desk.territory))
    return web.Response(body=body, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def as_json(made: Report, territory: Territory) -> tuple[bytes, str]:
    told = {
        "since": str(made.since), "until": str(made.until), "sums": made.sums,
        "rates": [{"name": r.name, "zh": r.zh, "part": r.part, "whole": r.whole, "value": r.value, "how": r.how}
                  for r in made.rates],
        "days": [{"day": str(day), "calls": calls, "cases": cases} for day, calls, cases in made.days],
        "topics": [{"matter": t.matter, "zh": named("事项", t.matter, territory), "now": t.now, "before": t.before}
                   for t in made.topics],
        **{name: [{"code": line.code, "zh": named(title, line.code, territory), "counts": line.counts}
                  for line in listed]
           for name, (title, listed) in zip(("units", "matters", "districts"), tables(made), strict=True)},
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1).encode(), "application/json"


def as_csv(made: Report, territory: Territory) -> tuple[bytes, str]:
    out = io.StringIO()
    csv.writer(out).writerows(lines(made, territory))
    return out.getvalue().encode("utf-8-sig"), "text/csv"


def as_xlsx(made: Report, territory: Territory) -> tuple[bytes, str]:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("统计")
    for line in lines(made, territory):
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


FORMS = {"json": as_json, "csv": as_csv, "xlsx": as_xlsx}
