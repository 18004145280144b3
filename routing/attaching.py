"""How does a file become part of a case?  A row and an event of the case's chain, in the transaction of another step.

The event says the hash, never what is to be seen.  The bytes go to the file store last before the commit: a death in
between leaves a file that no case knows, which the retention's round takes away.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from routing.case_change import change
from routing.cases import Action, NotAllowed, Role
from routing.office import Office
from routing.pictures import Clean
from routing.tables import AttachmentRow, CaseRow


class Purpose(StrEnum):
    """What a file shows."""

    REPORT = "report"
    REPLY = "reply"
    BEFORE = "before"
    AFTER = "after"


PURPOSES_ZH = {
    Purpose.REPORT: "反映的情况",
    Purpose.REPLY: "办理反馈",
    Purpose.BEFORE: "办理前",
    Purpose.AFTER: "办理后",
}
PURPOSES = {
    Action.REPLY: Purpose.REPLY,
    Action.OUTSIDE_REPLY: Purpose.REPLY,
    Action.VERIFY: Purpose.AFTER,
    Action.FAIL: Purpose.AFTER,
}


class TooManyFiles(NotAllowed):
    """The case has as many files as a case may have."""


def purpose_of(action: Action, role: Role) -> Purpose:
    """What files show that come with a step."""
    return PURPOSES.get(action, Purpose.REPLY if role is Role.DEPARTMENT else Purpose.REPORT)


def photo(files: Sequence[Clean]) -> str | None:
    """What a step that must show something is given: hashes of pictures; None when there is none."""
    return " ".join(file.sha256 for file in files if file.picture) or None


def attach(
    session: Session,
    row: CaseRow,
    files: Sequence[Clean],
    purpose: Purpose,
    actor: str,
    role: Role,
    now: datetime,
    office: Office,
) -> None:
    """Rows and events; what the case has already is not kept twice.  `put` and the commit are the caller's."""
    if not files:
        return
    if office.files is None:
        raise NotAllowed(f"case {row.number}: this desk keeps no files")
    known = set(session.scalars(select(AttachmentRow.sha256).where(_of(row.number), AttachmentRow.purpose == purpose)))
    there = session.scalar(select(func.count()).select_from(AttachmentRow).where(_of(row.number))) or 0
    for file in files:
        if file.sha256 in known:
            continue
        known.add(file.sha256)
        there += 1
        if there > office.limits.per_case:
            raise TooManyFiles(f"case {row.number} has {office.limits.per_case} files; no more are kept")
        session.add(
            AttachmentRow(
                case=row.number, sha256=file.sha256, media=file.media, size=len(file.data), purpose=purpose,
                actor=actor, role=role, at=now,
            )
        )  # fmt: skip
        given = {"sha256": file.sha256, "purpose": str(purpose)}
        change(session, row, Action.ATTACH, actor, role, given, now, office)


def _of(number: str) -> ColumnElement[bool]:
    return AttachmentRow.case == number


def put(files: Sequence[Clean], office: Office) -> None:
    """The bytes themselves, right before the commit."""
    for file in files:
        assert office.files is not None  # attach has refused
        office.files.put(file.data)
