"""What comes in from a video patrol, from 110, and from a platform that answers?  Each by its key, each once.

Their number is kept with the case, and who there sent it; the answer to them is the receipt.  The same number again is
the same case.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from routing import attachments, handovers
from routing.api_keys import ApiKey
from routing.case_desk import NoSuchCase, bring, open_case, perform
from routing.cases import Action, Role, State
from routing.dispatch import Report, propose
from routing.office import Office
from routing.open_desk import Reused, alarm_for
from routing.pictures import Clean
from routing.tables import CaseRow, OriginRow


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report of another system, as it must be kept."""

    report: Report
    number: str  # there
    person: str  # who there sent it: the 110 operator, the reviewer of a video
    content: str  # hash of all that was sent
    device: str = ""  # id of a camera
    reason: str = ""
    contact_name: str = ""
    privacy: str = "public"
    files: Sequence[Clean] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """The receipt."""

    case: str
    state: State
    lead: str | None
    due: datetime | None
    at: datetime  # when it was taken in
    first: bool  # False: it had come before


def take_in(session: Session, key: ApiKey, arrival: Arrival, now: datetime, office: Office) -> Taken:
    """The receipt; the first one when the same came before.  Reused when something else came under this number.

    Committed when this returns.
    """
    before = _before(session, key, arrival)
    if before is not None:
        return before
    proposal = propose(arrival.report, office.catalogue, office.territory)
    session.rollback()

    def origin(number: str) -> None:
        session.add(
            OriginRow(
                case=number, system=key.name, number=arrival.number, person=arrival.person, device=arrival.device,
                reason=arrival.reason, content=arrival.content, at=now,
            )
        )  # fmt: skip
        session.flush()

    try:
        opened = open_case(
            session, arrival.report, proposal, now, actor=key.actor, office=office, contact_name=arrival.contact_name,
            privacy=arrival.privacy, source=key.source, also=origin, files=arrival.files,
            alarm=alarm_for(arrival.report.text),
        )  # fmt: skip
    except IntegrityError:  # sent twice at once, and the other was faster
        session.rollback()
        before = _before(session, key, arrival)
        if before is None:
            raise
        return before
    return Taken(opened.number, opened.state, opened.lead, opened.due, now, first=True)


def _before(session: Session, key: ApiKey, arrival: Arrival) -> Taken | None:
    known = select(OriginRow, CaseRow).join(CaseRow, CaseRow.number == OriginRow.case)
    mine = known.where(OriginRow.system == key.name, OriginRow.number == arrival.number)
    found = session.execute(mine).first()
    if found is None:
        return None
    row, case = found
    if row.content != arrival.content:
        session.rollback()
        raise Reused(f"{arrival.number} came before with something else")
    taken = Taken(case.number, State(case.state), case.lead, case.due, row.at, first=False)
    session.rollback()
    return taken


def add_files(session: Session, key: ApiKey, number: str, files: Sequence[Clean], now: datetime, office: Office) -> int:
    """A citizen's photographs to a case that came by this key; how many the case has then.

    NoSuchCase when it came another way.  Again does no harm.  Committed when this returns.
    """
    row = session.get(CaseRow, number)
    if row is None or row.opened_by != key.actor:
        session.rollback()
        raise NoSuchCase(f"case {number} did not come from {key.name}")
    session.rollback()
    bring(session, number, files, now, actor=key.actor, role=Role.SYSTEM, office=office)
    return len(attachments.of_case(session, number))


@dataclass(frozen=True, slots=True)
class Origin:
    """As a page shows it; a unit sees the camera and the reason, and nobody's name."""

    system: str
    number: str
    person: str
    device: str
    reason: str
    at: datetime


def origin(session: Session, number: str, *, hide: bool) -> Origin | None:
    row = session.get(OriginRow, number)
    if row is None:
        return None
    return Origin(
        row.system, "" if hide else row.number, "" if hide else row.person, row.device, row.reason, row.at
    )  # fmt: skip


def answer(
    session: Session, key: ApiKey, number: str, reply: str, by: str, now: datetime, office: Office,
    files: Sequence[Clean] = (),
) -> bool:  # fmt: skip
    """A platform says what it did with a case that it has; False when it had said so before.

    NoSuchCase when it does not have it; NotAllowed when the case is no longer handed over.  Committed when this
    returns.
    """
    held = handovers.held_by(session, key.name, number)
    if held is None or held.state in {handovers.REFUSED, handovers.BACK}:
        session.rollback()
        raise NoSuchCase(f"case {number} is not with {key.name}")
    answered = held.state == handovers.ANSWERED
    same = answered and session.get_one(CaseRow, number).reply == reply
    session.rollback()
    if same:
        return False
    given = {"reply": reply, "outside": key.name, "outside_person": by}
    perform(
        session, number, Action.OUTSIDE_REPLY, now, actor=key.actor, role=Role.SYSTEM, given=given, office=office,
        files=files,
    )  # fmt: skip
    return True
