"""What do the pages ask downstairs?  Synchronous questions and deeds, each over one database session."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb import store as articles
from kb.article import Article
from kb.tables import ArticleRow
from routing import case_desk, case_views, cases, catalogue, dispatch, grids, matters, records
from routing.records import CallRecord

SUGGESTED = 5  # matters offered from the words of a call
FOUND = 20  # matters a search shows


def call(session: Session, call_id: str) -> tuple[CallRecord | None, dict[str, str]]:
    """A call and the questions of the articles its facts name."""
    record = records.call(session, call_id)
    if record is None:
        return None, {}
    named = {str(e.data["article"]) for e in record.events if e.data.get("article")}
    for event in record.events:
        for candidate in event.data.get("candidates") or ():
            if isinstance(candidate, dict) and candidate.get("article"):
                named.add(str(candidate["article"]))
    rows = session.execute(select(ArticleRow.id, ArticleRow.question).where(ArticleRow.id.in_(named))) if named else ()
    return record, {row[0]: row[1] for row in rows}


def knowledge(session: Session) -> list[Article]:
    """What callers may hear today, by question."""
    return sorted(articles.speakable(session, date.today()), key=lambda a: a.question)


@dataclass(frozen=True, slots=True)
class Matter:
    code: str
    zh: str
    top: str
    because: str = ""


def search_matters(words: str) -> list[Matter]:
    """Matters whose name, class, code or sayings contain the words; then what the words sound like."""
    leaves = catalogue.shipped().leaves
    wanted = words.strip()
    if not wanted:
        return [Matter(leaf.code, leaf.zh, leaf.top) for leaf in leaves.values()]
    direct = [leaf for leaf in leaves.values()
              if wanted in leaf.zh or wanted in leaf.top or leaf.code.startswith(wanted)]  # fmt: skip
    ranked = [leaves[r.code] for r in matters.rank(wanted)] if not wanted.isdigit() else []
    return [Matter(leaf.code, leaf.zh, leaf.top) for leaf in dict.fromkeys([*direct, *ranked])][:FOUND]


def suggest_matters(texts: Iterable[str]) -> list[Matter]:
    """The likeliest matters of what a caller said, best first."""
    said = "".join(texts)
    leaves = catalogue.shipped().leaves
    return [Matter(r.code, r.zh, leaves[r.code].top, r.because) for r in matters.rank(said)][:SUGGESTED]


def propose(report: dispatch.Report) -> dict[str, Any]:
    """Who would get it and why, in words."""
    proposal = dispatch.propose(report, catalogue.shipped(), grids.sample())
    return proposal_shown(proposal)


def proposal_shown(proposal: dispatch.Proposal) -> dict[str, Any]:
    units, areas = grids.sample().units, grids.sample().areas
    place = proposal.place
    line = [areas[c].name for c in (place.district, place.town, place.community) if c in areas]
    return {
        "matter": proposal.matter,
        "matter_zh": catalogue.shipped().leaves[proposal.matter].zh,
        "lead": proposal.lead,
        "lead_zh": units[proposal.lead].name if proposal.lead in units else "待派单员确定",
        "assist_zh": [units[u].name for u in proposal.assist if u in units],
        "place_zh": " ".join(line),
        "because": proposal.because.split("；"),
        "urgency": catalogue.shipped().urgencies.get(proposal.urgency, proposal.urgency),
        "sla": catalogue.shipped().slas[proposal.sla].zh,
        "question": proposal.question,
        "runners_up": [
            {"lead_zh": units[r.lead].name if r.lead in units else "", "because": r.because}
            for r in proposal.runners_up
        ],
    }


def save_case(
    session: Session,
    report: dispatch.Report,
    desk: case_desk.Office,
    *,
    actor: str,
    call: str | None,
    contact_name: str,
    lead: str | None,
) -> case_desk.Opened:
    """Write the case down and dispatch it.  `lead` is the operator's choice over the proposal's."""
    proposal = dispatch.propose(report, desk.catalogue, desk.territory)
    return case_desk.open_case(
        session, report, proposal, now(), actor=actor, office=desk, call=call, contact_name=contact_name, lead=lead
    )


def perform(
    session: Session,
    number: str,
    action: str,
    desk: case_desk.Office,
    *,
    actor: str,
    role: cases.Role,
    unit: str | None,
    version: int,
    given: dict[str, Any],
) -> case_desk.Opened:
    return case_desk.perform(
        session, number, cases.Action(action), now(), actor=actor, role=role, unit=unit, version=version, given=given,
        office=desk,
    )  # fmt: skip


def case_line(brief: case_views.CaseBrief) -> dict[str, Any]:
    """One line of a list, in words."""
    areas, leaves = grids.sample().areas, catalogue.shipped().leaves
    place = " ".join(areas[c].name for c in (brief.district, brief.community) if c in areas)
    return {
        "number": brief.number,
        "title": brief.title,
        "matter": leaves[brief.matter].zh if brief.matter in leaves else brief.matter,
        "state": cases.STATES_ZH[brief.state],
        "place": place,
        "lead": unit_name(brief.lead),
        "part": {"lead": "主办", "assist": "协办"}.get(brief.part, ""),
        "opened": brief.opened,
        "due": brief.due,
        "overdue": brief.overdue(now()),
        "urgency": brief.urgency,
    }


NEEDS_ZH = {
    "lead": "承办单位代码", "reason": "理由", "told": "向来电人说明", "reply": "办理结果", "solved": "是否解决",
    "contacted": "联系来电人情况", "basis": "依据", "unit": "建议单位代码", "until": "承诺期限", "words": "来电人意见",
    "note": "备注", "parent": "主案编号", "outside": "外部平台", "outside_number": "外部编号", "satisfied": "是否满意",
}  # fmt: skip


def unit_name(code: str | None) -> str:
    found = grids.sample().units.get(code or "")
    return found.name if found else ""


def now() -> datetime:
    return datetime.now(UTC)
