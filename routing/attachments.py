"""Which files has a case, and who may see one?  Whoever sees the case; each look is kept with its purpose.

When a case's words are erased its files go, too; a file that another case still has stays for that one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from routing.attaching import Purpose
from routing.case_desk import NoSuchCase
from routing.case_views import Viewer, admitted
from routing.cases import Action
from routing.file_store import FileStore
from routing.pictures import PDF
from routing.tables import AttachmentRow, CaseEventRow, CaseViewRow

UNKNOWN_FOR = 24 * 3600.0  # s after which a file that no case knows is taken away; a running upload takes seconds


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file of a case, without its bytes."""

    id: int
    sha256: str
    media: str
    size: int  # bytes
    purpose: Purpose
    role: str  # of who brought it
    at: datetime

    @property
    def picture(self) -> bool:
        return self.media != PDF


def of_case(session: Session, number: str) -> list[Attachment]:
    """In the order in which they came; none that were erased."""
    mine = select(AttachmentRow).where(AttachmentRow.case == number, AttachmentRow.erased.is_(None))
    return [_shown(row) for row in session.scalars(mine.order_by(AttachmentRow.id))]


def _shown(row: AttachmentRow) -> Attachment:
    return Attachment(row.id, row.sha256, row.media, row.size, Purpose(row.purpose), row.role, row.at)


def looked_at(session: Session, number: str, attachment: int, viewer: Viewer, now: datetime) -> Attachment:
    """The file, once the look is on record.  NotYours or NoSuchCase for who may not see the case or finds no such file.

    Committed when this returns.
    """
    admitted(session, number, viewer)
    row = session.get(AttachmentRow, attachment)
    if row is None or row.case != number or row.erased is not None:
        raise NoSuchCase(f"case {number} has no file {attachment}")
    found = _shown(row)
    session.rollback()
    session.add(CaseViewRow(case=number, at=now, actor=viewer.actor, purpose=f"查看附件{attachment}"))
    session.commit()
    return found


def wrong_files(session: Session, files: FileStore) -> Iterator[str]:
    """One sentence for every file that is not what its case's history says."""
    told: dict[str, set[str]] = {}
    for case, data in session.execute(
        select(CaseEventRow.case, CaseEventRow.data).where(CaseEventRow.action == Action.ATTACH)
    ):
        told.setdefault(case, set()).add(str(data.get("sha256")))
    rows = select(AttachmentRow).where(AttachmentRow.erased.is_(None)).order_by(AttachmentRow.id)
    for row in session.scalars(rows.execution_options(yield_per=1000)):
        if row.sha256 not in told.get(row.case, ()):
            yield f"case {row.case}: no event tells of file {row.id}"
        path = files.path(row.sha256)
        if not path.exists():
            yield f"case {row.case}: file {row.id} is missing"
        elif sha256(path.read_bytes()).hexdigest() != row.sha256:
            yield f"case {row.case}: file {row.id} is not what was brought"


def names(session: Session, number: str) -> list[str]:
    """Hashes of all files a case ever had."""
    return list(session.scalars(select(AttachmentRow.sha256).where(AttachmentRow.case == number)))


def remove_unknown(session: Session, files: FileStore, candidates: Iterable[str]) -> int:
    """Take away what no case has (any more); how many were there."""
    gone = 0
    for name in candidates:
        has = select(AttachmentRow.id).where(AttachmentRow.sha256 == name, AttachmentRow.erased.is_(None)).limit(1)
        if session.scalars(has).first() is None:
            gone += files.remove(name)
    return gone
