"""What does a button of a case's page do?  One step of the table in routing.cases, with the files that came along."""

from aiohttp import web

from agent_console import case_forms, office, uploads
from agent_console.case_pages import LOOKERS, ROLES, answer
from agent_console.house import house, who
from routing import cases
from routing.attaching import TooManyFiles
from routing.case_desk import Conflict, NoSuchCase
from routing.cases import NotAllowed
from routing.grids import Territory
from routing.pictures import BadFile

LONGEST = 4000  # characters of one field


async def act(request: web.Request) -> web.StreamResponse:
    """Done and shown, or the page again with what was typed and what is wrong with it."""
    found, rooms = who(request, *LOOKERS), house(request)
    form = await uploads.sent(request)
    number, role, action = request.match_info["number"], ROLES.get(found.role), form.text.get("action", "")
    if role is None:
        raise web.HTTPForbidden(text="没有权限")
    typed = {name: form.text[name].strip()[:LONGEST] for name in case_forms.FIELDS if name in form.text}
    given = dict(typed)
    for name in ("lead", "unit"):
        if name in given:
            given[name] = case_forms.unit_code(given[name], rooms.desk.territory)
    version = form.text.get("version", "")
    status = 400
    try:
        files = await uploads.cleaned(rooms, form.files.get("file", []))
        await rooms.downstairs.write(
            office.perform,
            number,
            action,
            rooms.desk,
            actor=found.name,
            role=role,
            unit=found.unit,
            area=found.area,
            version=int(version) if version.isdigit() else -1,
            given=given,
            files=files,
        )
    except NoSuchCase:
        raise web.HTTPNotFound(text="没有这张工单") from None
    except Conflict:
        problem, status = "工单已被他人更新, 请核对后重试", 409
    except BadFile as refused:
        problem = f"{refused}。文字还在, 请重新选择文件"
    except TooManyFiles:
        problem = f"这张工单的附件已满 {rooms.desk.limits.per_case} 个"
    except (NotAllowed, ValueError):
        problem = _why_not(action, given, shown=bool(form.files), territory=rooms.desk.territory)
    else:
        raise web.HTTPSeeOther(f"/cases/{number}")
    return await answer(request, found, problem=problem, status=status, action=action, typed=typed)


def _why_not(action: str, given: dict[str, str], *, shown: bool, territory: Territory) -> str:
    """The likeliest reason for a refusal, in words."""
    known = [need for (_, a), step in cases.LIFE_CYCLE.items() if a == action for need in (step.needs,)]
    needs = known[0] if known else ()
    empty = [case_forms.FIELDS[n].zh for n in needs if n != case_forms.PHOTO and not given.get(n)]
    if empty:
        return f"请填写{'、'.join(empty)}"
    if case_forms.PHOTO in needs and not shown:
        return "请附上现场照片"
    units = [case_forms.FIELDS[n].zh for n in ("lead", "unit") if given.get(n) and not territory.unit_name(given[n])]
    if units:
        return f"没有这个单位, 请从名单中选择: {'、'.join(units)}"
    return "工单现在的状态不能这样办理"
