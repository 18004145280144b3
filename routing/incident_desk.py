"""Known incidents: proposed by the clock, confirmed by a person, told to callers, and closed together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from routing.alarms import KINDS, tell, with_the_rest
from routing.case_desk import Conflict, perform
from routing.cases import OPEN, Action, NotAllowed, Role, State
from routing.catalogue import Catalogue
from routing.feed import Feed
from routing.grids import Territory
from routing.incidents import USUAL_OVER, WINDOW, Fresh, Notice, Spike, spikes
from routing.office import Office
from routing.progress import SHORTEST, newest_of
from routing.tables import CaseRow, IncidentRow

LONGEST_NOTICE = 120  # characters a caller is told, about 30 s
AREAS = {"community": CaseRow.community, "town": CaseRow.town, "district": CaseRow.district}


class BadNotice(ValueError):
    """The notice cannot be spoken; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class Incident:
    """`state` is proposed, confirmed or ended; `count`: cases of the matter from the area since the first."""

    id: int
    state: str
    matter: str
    level: str
    area: str
    since: datetime
    count: int
    master: str
    notice: str
    until: datetime | None
    by: str


def look(session: Session, now: datetime, feed: Feed | None = None) -> list[int]:
    """Propose what stands out now and is not known yet; ids of the new incidents.  Commits."""
    rows = session.scalars(
        select(CaseRow).where(CaseRow.opened >= now - WINDOW, CaseRow.state.in_((*OPEN, State.MERGED)))
    )
    fresh = [Fresh(r.number, r.matter, {n: code for n in AREAS if (code := getattr(r, n))}) for r in rows]

    def usual(matter: str, level: str, area: str) -> float:
        cases = session.scalar(
            select(func.count())
            .select_from(CaseRow)
            .where(
                CaseRow.matter == matter,
                AREAS[level] == area,
                CaseRow.opened >= now - USUAL_OVER,
                CaseRow.opened < now - WINDOW,
            )
        )
        return (cases or 0) / (USUAL_OVER / WINDOW)

    known = {(r.matter, r.area) for r in session.scalars(select(IncidentRow).where(IncidentRow.state != "ended"))}
    new = [_proposed(spike, now) for spike in spikes(fresh, usual) if (spike.matter, spike.area) not in known]
    session.add_all(new)
    session.flush()
    ids = [row.id for row in new]
    alarm = with_the_rest(session, "incident", KINDS["incident"], now) if ids else None
    session.commit()
    tell(feed, alarm)
    return ids


def _proposed(spike: Spike, now: datetime) -> IncidentRow:
    return IncidentRow(
        state="proposed", matter=spike.matter, level=spike.level, area=spike.area, since=now - WINDOW,
        master=spike.numbers[0], notice="", until=None, by="",
    )  # fmt: skip


def listed(session: Session) -> list[Incident]:
    """What is proposed or confirmed, newest first."""
    rows = session.scalars(select(IncidentRow).where(IncidentRow.state != "ended").order_by(IncidentRow.id.desc()))
    return [_incident(session, row) for row in rows]


def _incident(session: Session, row: IncidentRow) -> Incident:
    count = len(_cases(session, row))
    return Incident(
        row.id, row.state, row.matter, row.level, row.area, row.since, count, row.master, row.notice, row.until, row.by
    )


def _cases(session: Session, row: IncidentRow) -> Sequence[CaseRow]:
    """The running cases of the matter from the area since the incident began."""
    return session.scalars(
        select(CaseRow)
        .where(CaseRow.matter == row.matter, AREAS[row.level] == row.area, CaseRow.opened >= row.since,
               CaseRow.state.in_((*OPEN, State.MERGED)))
        .order_by(CaseRow.number)
    ).all()  # fmt: skip


def confirm(session: Session, incident: int, notice: str, until: datetime, now: datetime, *, by: str) -> Incident:
    """A person says that it is one thing, and what callers are told until when.  BadNotice, LookupError.  Commits."""
    notice = notice.strip()
    if not notice or len(notice) > LONGEST_NOTICE:
        raise BadNotice(f"通知要有内容，并且不超过{LONGEST_NOTICE}个字")
    if until <= now:
        raise BadNotice("通知的截止时间要晚于现在")
    row = session.get(IncidentRow, incident, with_for_update=True)
    if row is None or row.state == "ended":
        raise LookupError(f"there is no open incident {incident}")
    row.state, row.notice, row.until, row.by = "confirmed", notice, until, by
    session.flush()
    confirmed = _incident(session, row)
    session.commit()
    return confirmed


def link(session: Session, incident: int, now: datetime, *, by: str, office: Office) -> int:
    """Merge every case of a confirmed incident into its master, so that one reply answers all; how many were."""
    row = session.get(IncidentRow, incident)
    if row is None or row.state != "confirmed":
        raise LookupError(f"there is no confirmed incident {incident}")
    master = row.master
    children = [c.number for c in _cases(session, row) if c.number != master and c.state != State.MERGED]
    session.rollback()
    done = 0
    for child in children:
        try:
            perform(
                session, child, Action.MERGE, now, actor=by, role=Role.SUPERVISOR, given={"parent": master},
                office=office,
            )  # fmt: skip
            done += 1
        except (NotAllowed, Conflict):  # already answered, or returned: it goes its own way
            continue
    return done


def end(session: Session, incident: int, *, by: str) -> None:
    """It is over, or it never was one: nobody is told any more.  Commits."""
    row = session.get(IncidentRow, incident, with_for_update=True)
    if row is None:
        raise LookupError(f"there is no incident {incident}")
    row.state, row.by = "ended", by
    session.commit()


def active(session: Session, now: datetime) -> tuple[Notice, ...]:
    """What callers are told just now."""
    rows = session.scalars(
        select(IncidentRow).where(IncidentRow.state == "confirmed", IncidentRow.until > now).order_by(IncidentRow.id)
    )
    return tuple(Notice(r.id, r.matter, r.area, r.notice, r.until) for r in rows if r.until is not None)


def areas_of(session: Session, caller: str) -> frozenset[str]:
    """Where the caller's latest case was: most people ring from home."""
    if len(caller) < SHORTEST:
        return frozenset()
    latest = next(iter(newest_of(session, caller, 1)), None)
    return frozenset(code for name in AREAS if latest is not None and (code := getattr(latest, name)))


def where(incident: Incident, territory: Territory) -> str:
    """The area as people call it."""
    return territory.areas[incident.area].name if incident.area in territory.areas else incident.area


def what(incident: Incident, catalogue: Catalogue) -> str:
    leaf = catalogue.leaves.get(incident.matter)
    return leaf.zh if leaf else incident.matter
