"""What do the pages ask downstairs?  Synchronous questions and deeds, each over one database session."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.tables import ArticleRow
from routing import case_desk, case_lists, cases, catalogue, deadlines, dispatch, grids, records, verifying
from routing.escalation import Waiting
from routing.office import Office
from routing.pictures import Clean
from routing.precedent_desk import rulings
from routing.precedents import cited
from routing.records import CallRecord

SOON = timedelta(hours=4)  # before its deadline a case is shown as due soon
URGENT = {"P0", "P1"}
KEEP = "keep"  # instead of a unit's code: leave it to a dispatcher


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


def propose(session: Session, report: dispatch.Report, desk: Office, chosen: str = "") -> dict[str, Any]:
    """Who would get it, why and until when, in words; `chosen` is the lead the operator has picked so far."""
    at = now()
    proposal = proposed(session, report, desk)
    alike = case_desk.duplicates(session, proposal.matter, proposal.place.community, at)
    return proposal_shown(proposal, at, desk, chosen) | {"alike": list(alike)}


def proposed(session: Session, report: dispatch.Report, desk: Office) -> dispatch.Proposal:
    """The proposal as the rules make it, led by whom a ruling named for the same matter and place."""
    made = dispatch.propose(report, desk.catalogue, desk.territory)
    return cited(made, rulings(session, made.matter), desk.territory)


def proposal_shown(proposal: dispatch.Proposal, at: datetime, desk: Office, chosen: str = "") -> dict[str, Any]:
    shipped, territory = desk.catalogue, desk.territory
    place = proposal.place
    line = [territory.area_name(c) for c in (place.district, place.town, place.community) if c]
    due = deadlines.deadlines(shipped.slas[proposal.sla], at, desk.calendar).due
    leads = lead_choices(proposal, territory)
    suggested = leads[0][0] if named(proposal) else KEEP
    return {
        "matter_zh": shipped.leaves[proposal.matter].zh,
        "leads": leads,
        "chosen": chosen if chosen in {code for code, _, _ in leads} else suggested,
        "proposed": suggested,
        "assist_zh": [territory.unit_name(u) for u in proposal.assist],
        "place_zh": " ".join(line),
        "because": reasons(proposal.because),
        "urgency": shipped.urgencies.get(proposal.urgency, proposal.urgency),
        "sla": shipped.slas[proposal.sla].zh,
        "due_zh": deadlines.in_words(due, at),
        "question": proposal.question,
        "other_matters": [(r.matter, shipped.leaves[r.matter].zh, territory.unit_name(r.lead))
                          for r in proposal.runners_up if r.matter != proposal.matter],
    }  # fmt: skip


def reasons(because: str) -> list[str]:
    """The reasons of a proposal one by one; a reason may have a semicolon of its own."""
    return [part for part in re.split(r"；(?=地点：|派单：|先例：)", because) if part]


def named(proposal: dispatch.Proposal) -> bool:
    """Whether the proposal names a unit that gets the case without a dispatcher."""
    return proposal.directed and proposal.lead != dispatch.HOTLINE


def lead_choices(proposal: dispatch.Proposal, territory: grids.Territory) -> list[tuple[str, str, str]]:
    """Whom the operator may pick: code, name and why; the proposal first, a dispatcher always last."""
    may_lead = [(r.lead, r.because) for r in proposal.runners_up if r.matter == proposal.matter]
    if named(proposal):
        may_lead.insert(0, (proposal.lead, "建议"))
    found: dict[str, tuple[str, str, str]] = {}
    for code, why in may_lead:
        if code:
            found.setdefault(code, (code, territory.unit_name(code), why))
    return [*found.values(), (KEEP, "交派单员确定", "不确定由谁办理时")]


def due_in_words(due: datetime | None) -> str:
    return deadlines.in_words(due, now()) if due else ""


def save_case(
    session: Session,
    report: dispatch.Report,
    desk: Office,
    *,
    actor: str,
    call: str | None,
    contact_name: str,
    lead: str,
    privacy: str,
) -> case_desk.Opened:
    """Write the case down and dispatch it.  `lead` is the operator's choice over the proposal's."""
    proposal = proposed(session, report, desk)
    session.rollback()  # opening a case begins with its own lock
    if lead == KEEP:
        proposal = replace(proposal, lead=None)
    return case_desk.open_case(
        session, report, proposal, now(), actor=actor, office=desk, call=call, contact_name=contact_name,
        lead=lead if lead and lead != KEEP else None, privacy=privacy,
    )  # fmt: skip


def perform(
    session: Session,
    number: str,
    action: str,
    desk: Office,
    *,
    actor: str,
    role: cases.Role,
    unit: str | None,
    area: str | None,
    version: int,
    given: dict[str, Any],
    files: Sequence[Clean] = (),
) -> case_desk.Opened:
    return case_desk.perform(
        session, number, cases.Action(action), now(), actor=actor, role=role, unit=unit, area=area, version=version,
        given=given, office=desk, files=files,
    )  # fmt: skip


def case_line(brief: case_lists.CaseBrief, territory: grids.Territory) -> dict[str, Any]:
    """One line of a list, in words."""
    leaves, at = catalogue.shipped().leaves, now()
    place = " ".join(territory.area_name(c) for c in (brief.district, brief.community) if c)
    return {
        "number": brief.number,
        "title": brief.title,
        "matter": leaves[brief.matter].zh if brief.matter in leaves else brief.matter,
        "state": cases.STATES_ZH[brief.state],
        "place": place,
        "lead": territory.unit_name(brief.lead),
        "part": {"lead": "主办", "assist": "协办"}.get(brief.part, ""),
        "opened": brief.opened,
        "due": brief.due,
        "sign_by": brief.sign_by if brief.state is cases.State.DISPATCHED else None,
        "overdue": brief.overdue(at),
        "soon": brief.due is not None
        and not brief.overdue(at)
        and brief.state in cases.UNIT_CLOCK
        and brief.due - at < SOON,
        "urgency": catalogue.shipped().urgencies.get(brief.urgency, brief.urgency),
        "urgent": brief.urgency in URGENT,
        "reminded": brief.reminded,
        "escalated": brief.escalated,
    }


def look_shown(waiting: Waiting | None, urgency: str, desk: Office) -> dict[str, Any] | None:
    """Until when somebody must look whether it was done; None while nobody need."""
    if waiting is None:
        return None
    _, by = desk.patience.limits(urgency, waiting.since, desk.calendar)
    return {"by": by, "late": by <= now(), "reminded": waiting.reminded}


def looks(session: Session, briefs: Sequence[case_lists.CaseBrief], desk: Office) -> dict[str, dict[str, Any] | None]:
    """The same of those in a list that wait for a verifier, by number."""
    waiting = {b.number: b.urgency for b in briefs if b.state is cases.State.VERIFICATION}
    since = verifying.waiting(session, list(waiting))
    return {number: look_shown(since.get(number), urgency, desk) for number, urgency in waiting.items()}


def now() -> datetime:
    return datetime.now(UTC)
