"""What do the platforms that report on the city get?  Cases, one a line, under the names of the national field list.

No personal data unless asked for: without it no name and no number, neither in a field of its own nor within a text,
and no text at all of citizens who asked for confidence.  With it each case keeps that it went out, and what for.
"""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, TextIO

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from routing.cases import Action
from routing.database import writing
from routing.numbers import without_numbers
from routing.tables import CaseEventRow, CaseRow, CaseViewRow

LONGEST_PURPOSE = 50  # characters
AT_ONCE = 500  # rows fetched together; the whole is never in memory
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so would be computed by a spreadsheet

PLAIN = {  # name in the export -> column of the case
    "case_number": "number",
    "created_by_channel": "source",
    "parent_id": "parent",
    "privacy_level": "privacy",
    "state": "state",
    "request_kind": "kind",
    "taxonomy_code": "matter",
    "district": "district",
    "town_or_street": "town",
    "community": "community",
    "grid_id": "grid",
    "urgency": "urgency",
    "sla_profile": "sla",
    "lead_unit": "lead",
    "opened_at": "opened",
    "dispatched_at": "dispatched",
    "sign_by": "sign_by",
    "due_at": "due",
    "closed_at": "closed",
    "extensions": "extensions",
    "returns": "returns",
    "rework_count": "reworks",
    "reminders": "reminded",
    "escalations": "escalated",
    "solved": "solved",
    "satisfied": "satisfied",
}
TEXTS = {"title": "title", "narrative": "text", "address_text": "place", "result_text": "reply"}
POINT = {"lat": "lat", "lng": "lng"}
CONTACT = {"name": "contact_name", "phone": "contact", "other_contact": "other_contact"}


def columns(*, with_contact: bool) -> list[str]:
    """In the order of a line."""
    return [*PLAIN, "assist_units", "signed_at", *TEXTS, *POINT, *(CONTACT if with_contact else ())]


def cases(
    session: Session, since: datetime, until: datetime, *, with_contact: bool = False
) -> Iterator[dict[str, Any]]:
    """Cases opened from `since` until before `until` (aware), the oldest first; again the same order."""
    signed = (
        select(func.min(CaseEventRow.at))
        .where(CaseEventRow.case == CaseRow.number, CaseEventRow.action.in_((Action.SIGN, Action.AUTO_SIGN)))
        .scalar_subquery()
    )
    wanted = (
        select(CaseRow, signed)
        .where(CaseRow.opened >= since, CaseRow.opened < until)
        .order_by(CaseRow.opened, CaseRow.number)
        .execution_options(yield_per=AT_ONCE)
    )
    for row, signed_at in session.execute(wanted):
        yield line(row, signed_at, with_contact=with_contact)


def noted(lines: Iterator[dict[str, Any]], engine: Engine, purpose: str, now: datetime) -> Iterator[dict[str, Any]]:
    """The same lines; that contacts go out is kept with each case, by purpose, before its line does."""
    while batch := list(islice(lines, AT_ONCE)):
        with writing(engine) as session:
            session.add_all(
                CaseViewRow(case=content["case_number"], at=now, actor="export", purpose=f"export:{purpose}")
                for content in batch
            )
            session.commit()
        yield from batch


def line(row: CaseRow, signed_at: datetime | None, *, with_contact: bool) -> dict[str, Any]:
    """Moments as ISO 8601 in UTC; what is not known is None, what is not told is empty."""
    open_to_all = with_contact or row.privacy == "public"
    made = {name: _shown(getattr(row, column)) for name, column in PLAIN.items()}
    made |= {"assist_units": " ".join(row.assist), "signed_at": _shown(signed_at)}
    for name, column in TEXTS.items():
        words = getattr(row, column) if open_to_all else ""
        made[name] = words if with_contact else without_numbers(words)
    made |= {name: getattr(row, column) if open_to_all else None for name, column in POINT.items()}
    return made | ({name: getattr(row, column) for name, column in CONTACT.items()} if with_contact else {})


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def write(lines: Iterator[dict[str, Any]], form: str, target: TextIO, *, with_contact: bool) -> int:
    """As `jsonl` or `csv` (with a mark by which spreadsheets know UTF-8); how many lines."""
    count = 0
    if form == "jsonl":
        for content in lines:
            target.write(json.dumps(content, ensure_ascii=False) + "\n")
            count += 1
        return count
    target.write("\ufeff")
    writer = csv.DictWriter(target, columns(with_contact=with_contact), lineterminator="\r\n")
    writer.writeheader()
    for content in lines:
        writer.writerow({name: _cell(value) for name, value in content.items()})
        count += 1
    return count


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
