"""How did a case of the model city live?  Pure: dice and the rules in, rows of the tables out.

Every step is one the table of routing.cases knows, every limit one of routing.deadlines; what would lie after the last
day of the archive has not happened yet, and so a believable tail of cases is open.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Any

from routing import cases
from routing.audit import NOTHING_BEFORE, digest, seal
from routing.case_desk import TITLE
from routing.cases import Action, Role, State
from routing.catalogue import Leaf, shipped
from routing.deadlines import Deadlines, Unit, deadlines, extended
from routing.dispatch import responsible
from routing.escalation import ARCHIVED_AFTER, REMIND_AT
from routing.grids import Place, sample
from routing.working_time import HERE, Calendar

A, S = Action, State
CALENDAR = Calendar()
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗"
MORE = (
    "已经好几天了",
    "希望尽快处理",
    "邻居们都有意见",
    "之前也反映过",
    "老人孩子都不方便",
    "请给个答复",
    "影响正常生活",
)
REPLIES = (
    "已安排人员到现场处理完毕",
    "经核实情况属实, 已责令整改",
    "已与来电人联系并说明情况",
    "已修复, 现场已恢复正常",
)
REFUSALS = ("litigation", "private_contract")
PERSON = "先生", "女士"
OPERATORS = tuple(f"op{n}" for n in range(1001, 1041))

# What may become of a case: weight, and its steps in order.  Times are drawn step by step.
WAYS: tuple[tuple[int, tuple[Action, ...]], ...] = (
    (330, (A.ANSWER, A.ARCHIVE)),
    (430, (A.DISPATCH, A.SIGN, A.REPLY, A.PASS, A.CLOSE, A.ARCHIVE)),
    (60, (A.KEEP, A.DISPATCH, A.SIGN, A.REPLY, A.PASS, A.CLOSE, A.ARCHIVE)),
    (40, (A.DISPATCH, A.SIGN, A.REPLY, A.PASS, A.NOT_REACHED, A.CLOSE, A.ARCHIVE)),
    (30, (A.DISPATCH, A.AUTO_SIGN, A.REMIND, A.REPLY, A.PASS, A.CLOSE, A.ARCHIVE)),
    (20, (A.DISPATCH, A.SIGN, A.REMIND, A.REMIND, A.ESCALATE, A.REPLY, A.PASS, A.CLOSE, A.ARCHIVE)),
    (25, (A.DISPATCH, A.ASK_RETURN, A.ACCEPT_RETURN, A.DISPATCH, A.SIGN, A.REPLY, A.PASS, A.CLOSE, A.ARCHIVE)),
    (20, (A.DISPATCH, A.SIGN, A.REPLY, A.PASS, A.REOPEN, A.REPLY, A.PASS, A.CLOSE, A.ARCHIVE)),
    (10, (A.DISPATCH, A.SIGN, A.REPLY, A.REJECT, A.REPLY, A.PASS, A.CLOSE, A.ARCHIVE)),
    (10, (A.DISPATCH, A.SIGN, A.ASK_EXTENSION, A.EXTEND, A.REPLY, A.PASS, A.CLOSE, A.ARCHIVE)),
    (15, (A.KEEP, A.REFUSE, A.ARCHIVE)),
    (10, (A.DISPATCH, A.SIGN, A.WITHDRAW, A.ARCHIVE)),
)
UP_TO = tuple(accumulate(weight for weight, _ in WAYS))
PRIVACY = ("public", "confidential", "anonymous"), (90, 97, 100)
BY = {
    A.ANSWER: Role.OPERATOR, A.KEEP: Role.OPERATOR, A.SIGN: Role.DEPARTMENT, A.REPLY: Role.DEPARTMENT,
    A.ASK_RETURN: Role.DEPARTMENT, A.ASK_EXTENSION: Role.DEPARTMENT, A.AUTO_SIGN: Role.SYSTEM, A.REMIND: Role.SYSTEM,
    A.ESCALATE: Role.SYSTEM, A.ARCHIVE: Role.SYSTEM, A.CLOSE: Role.OPERATOR, A.NOT_REACHED: Role.OPERATOR,
    A.REOPEN: Role.OPERATOR, A.WITHDRAW: Role.OPERATOR,
}  # fmt: skip
ACTORS = {Role.SYSTEM: "timetable", Role.DISPATCHER: "disp1", Role.SUPERVISOR: "sup1"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a citizen reported, and where it leads."""

    leaf: Leaf
    place: Place
    where: str
    text: str
    lead: str | None
    assist: tuple[str, ...]
    why: str


@dataclass(slots=True)
class Life:
    """The rows of one case."""

    row: dict[str, Any]
    events: list[tuple[Any, ...]]
    units: dict[str, str]


@lru_cache(maxsize=1)
def spots() -> list[tuple[Place, list[str]]]:
    """Every grid and the names people use for places in it."""
    city = sample()
    grids = [area for area in city.areas.values() if area.kind == "grid"]
    return [(city.at(g.code), [*g.also] or [g.name]) for g in grids]


@lru_cache(maxsize=150_000)
def led(code: str, place: Place) -> tuple[str | None, tuple[str, ...], str]:
    lead, assist, why = responsible(shipped().leaves[code], place, shipped(), sample())
    return (lead.code if lead else None), tuple(unit.code for unit in assist), why


@lru_cache(maxsize=1)
def usual() -> tuple[list[Leaf], list[float]]:
    """Matters, and how often each is rung about, added up: a few make most of the calls, as everywhere."""
    leaves = list(shipped().leaves.values())
    shuffled = random.Random(12345).sample(leaves, len(leaves))
    return shuffled, list(accumulate(1 / (3 + rank) for rank in range(len(shuffled))))


def told(dice: random.Random, day: date) -> Told:
    leaves, up_to = usual()
    leaf = dice.choices(leaves, cum_weights=up_to)[0]
    if heated(leaf) and day.month in range(5, 10):  # nobody rings about cold radiators in July
        leaf = dice.choice(leaves)
    place, names = dice.choice(spots())
    where = f"{dice.choice(names)}{dice.randint(1, 28)}号楼"
    lead, assist, why = led(leaf.code, place)
    said = dice.choice(leaf.said)
    return Told(leaf, place, where, f"{where}，{said}，{dice.choice(MORE)}", lead, assist, why)


def heated(leaf: Leaf) -> bool:
    return "暖" in leaf.zh or "供热" in leaf.zh


@lru_cache(maxsize=20_000)
def _whole_days(sla: str, day: date) -> Deadlines:
    return deadlines(shipped().slas[sla], datetime(day.year, day.month, day.day, 12, tzinfo=HERE), CALENDAR)


def limits(sla: str, at: datetime) -> Deadlines:
    """Limits that count whole working days depend on the day alone, so most are looked up."""
    spans = shipped().slas[sla]
    if spans.due.unit is Unit.WORKING_DAYS and (spans.sign is None or spans.sign.unit is Unit.WORKING_DAYS):
        return _whole_days(sla, at.astimezone(HERE).date())
    return deadlines(spans, at, CALENDAR)


def live(dice: random.Random, number: str, call: str | None, caller: str, opened: datetime, end: datetime) -> Life:
    """A case from its opening to `end`."""
    said = told(dice, opened.astimezone(HERE).date())
    leaf = said.leaf
    way = dice.choices(WAYS, cum_weights=UP_TO)[0][1]
    if said.lead in (None, "hotline") and way[0] is not A.ANSWER:
        way = (A.KEEP, A.REFUSE, A.ARCHIVE)
    if shipped().slas[leaf.sla].extend is None:
        way = tuple(action for action in way if action not in {A.ASK_EXTENSION, A.EXTEND})
    operator = dice.choice(OPERATORS)
    row: dict[str, Any] = {
        "number": number, "version": 0, "state": S.DRAFT, "call": call,
        "source": "telephone" if call else dice.choice(("outside", "web")), "seen": None, "kind": leaf.kinds[0],
        "matter": leaf.code,
        "title": said.text[:TITLE], "text": said.text, "place": said.where, "district": said.place.district,
        "town": said.place.town, "community": said.place.community, "grid": said.place.grid, "contact": caller,
        "contact_name": dice.choice(SURNAMES) + dice.choice(PERSON),
        "privacy": dice.choices(PRIVACY[0], cum_weights=PRIVACY[1])[0], "urgency": leaf.urgency,
        "sla": leaf.sla, "lead": None, "assist": list(said.assist), "because": f"事项：{leaf.zh}；派单：{said.why}",
        "opened": opened, "dispatched": None, "sign_by": None, "due": None, "closed": None, "reply": "",
        "solved": None, "satisfied": None, "returns": 0, "extensions": 0, "reworks": 0, "reminded": 0, "escalated": 0,
        "parent": None, "bound": False, "attention": leaf.attention, "opened_by": operator, "erased": None, "lat": None,
        "lng": None, "other_contact": "",
    }  # fmt: skip
    life = Life(row, [], {})
    previous, at = NOTHING_BEFORE, opened
    for action in way:
        at = when(dice, row, action, at)
        if at > end:
            break
        previous = step(dice, life, said, action, at, operator, previous)
    return life


def when(dice: random.Random, row: dict[str, Any], action: Action, last: datetime) -> datetime:
    """The moment of a step, never before the last."""
    due: datetime | None = row["due"]
    sign_by: datetime | None = row["sign_by"]
    began: datetime | None = row["dispatched"]
    if row["version"] == 0:
        return last
    match action:
        case A.SIGN if sign_by is not None and sign_by > last:
            return last + (sign_by - last) * dice.random()
        case A.AUTO_SIGN:
            return max(last, sign_by or last)
        case A.REMIND if due is not None and began is not None:
            soon = began + (due - began) * REMIND_AT if row["reminded"] == 0 else due
            return max(last + timedelta(minutes=1), soon)
        case A.ESCALATE:
            return last + timedelta(minutes=1)
        case A.REPLY if due is not None and due > last:
            return last + (due - last) * min(dice.betavariate(2, 2.2), 0.99)
        case A.ARCHIVE:
            closed: datetime = row["closed"] or last
            return closed + ARCHIVED_AFTER + timedelta(minutes=dice.randint(0, 5))
        case A.CLOSE | A.REOPEN | A.NOT_REACHED:
            return last + timedelta(hours=dice.uniform(1, 70))
        case _:
            return last + timedelta(minutes=dice.uniform(3, 400))


def step(
    dice: random.Random, life: Life, said: Told, action: Action, at: datetime, operator: str, previous: str
) -> str:
    """Change the row as the desk would, and write the event; its hash."""
    row = life.row
    at = at.astimezone(UTC).replace(microsecond=dice.randrange(1_000_000))
    before, first = row["state"], row["version"] == 0
    role = BY.get(action) or (Role.OPERATOR if first else Role.DISPATCHER)
    given = said_with(dice, row, said, action, at)
    if first:
        given = {"matter": said.leaf.code, "because": row["because"], **given}
    found = cases.LIFE_CYCLE[before, action]
    for effect in effects(row, life.units, action, given, at):
        row.update(effect)
    row["state"], row["version"] = found.to or before, row["version"] + 1
    actor = f"h.{row['lead']}" if role is Role.DEPARTMENT else ACTORS.get(role, operator)
    salt = f"{dice.getrandbits(128):032x}"
    sealed = seal(salt, given)
    who, change = (actor, str(role)), (str(before), str(row["state"]))
    made = digest(previous, row["number"], row["version"], at, str(action), who, change, {"sealed": sealed})
    data = json.dumps(given, ensure_ascii=False)
    life.events.append((row["number"], row["version"], at, str(action), *who, *change, data, salt, sealed, previous,
                        made))  # fmt: skip
    return made


def said_with(dice: random.Random, row: dict[str, Any], said: Told, action: Action, at: datetime) -> dict[str, str]:
    """The fields the table of cases asks for."""
    match action:
        case A.DISPATCH:
            lead = said.lead or ""
            if row["lead"] == lead and said.assist:  # sent back once: now the other line leads
                lead = said.assist[0]
            return {"lead": lead} if row["version"] == 0 else {"lead": lead, "reason": "按属地和职责派单"}
        case A.ANSWER:
            return {"reply": dice.choice(REPLIES), "solved": "yes"}
        case A.REFUSE:
            return {"reason": dice.choice(REFUSALS), "told": "已告知法定渠道"}
        case A.REPLY:
            return {"reply": f"{said.where}：{dice.choice(REPLIES)}", "contacted": at.date().isoformat()}
        case A.CLOSE:
            return {
                "solved": dice.choice(("yes", "yes", "yes", "partly")),
                "satisfied": dice.choice(("very", "yes", "ok")),
            }
        case A.ASK_RETURN:
            return {"reason": "wrong_duty", "basis": "三定方案", "unit": (said.assist or (said.lead or "",))[0]}
        case A.REOPEN | A.WITHDRAW:
            return {"words": "问题还没有解决" if action is A.REOPEN else "已经解决, 不再反映"}
        case A.ESCALATE:
            return {"reason": "超时，督办至承办单位负责人", "level": "1"}
        case A.EXTEND:
            return {"reason": "需要更换设备", "told": "yes"}
        case A.ACCEPT_RETURN | A.REJECT | A.ASK_EXTENSION:
            return {"reason": "情况属实"}
        case A.REMIND:
            return {"note": "即将超时" if row["reminded"] == 0 else "已超时"}
        case A.AUTO_SIGN:
            return {"note": "签收时限已过，视为签收"}
        case _:
            return {}


def effects(
    row: dict[str, Any], units: dict[str, str], action: Action, given: dict[str, str], at: datetime
) -> Iterator[dict[str, Any]]:
    """What the desk changes besides the state (routing.case_desk)."""
    match action:
        case A.DISPATCH:
            lead, limit = given["lead"], limits(row["sla"], at)
            if row["dispatched"] is None:
                yield {"dispatched": at, "due": limit.due.astimezone(UTC)}
            yield {"lead": lead, "sign_by": limit.sign_by and limit.sign_by.astimezone(UTC)}
            yield {"assist": [unit for unit in row["assist"] if unit != lead]}
            units.clear()
            units.update({**dict.fromkeys(row["assist"], "assist"), lead: "lead"})
        case A.ACCEPT_RETURN:
            yield {"returns": row["returns"] + 1}
        case A.EXTEND:
            later = extended(shipped().slas[row["sla"]], row["due"], CALENDAR)
            yield {"due": (later or row["due"]).astimezone(UTC), "extensions": 1}
        case A.REPLY:
            yield {"reply": given["reply"]}
        case A.ANSWER:
            yield {"reply": given["reply"], "solved": given["solved"], "closed": at}
        case A.CLOSE:
            yield {"solved": given["solved"], "satisfied": given["satisfied"], "closed": at}
        case A.REOPEN:
            yield {"reworks": row["reworks"] + 1, "closed": None}
        case A.REFUSE | A.WITHDRAW:
            yield {"closed": at}
        case A.REMIND:
            yield {"reminded": row["reminded"] + 1}
        case A.ESCALATE:
            yield {"escalated": row["escalated"] + 1}
        case _:
            pass
