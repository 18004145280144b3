"""Which cases are a grid officer's to look at?  Those of their own area, and what they reported themselves."""

from sqlalchemy import ColumnElement, and_, or_

from routing.cases import PATROLS
from routing.tables import CaseRow

COLUMNS = {"grid": CaseRow.grid, "community": CaseRow.community, "town": CaseRow.town, "district": CaseRow.district}


def for_officers(row: CaseRow, area: str, actor: str) -> bool:
    """Whether a grid officer sees it.  What a citizen asked to keep quiet stays out of the neighbourhood."""
    if row.opened_by == actor and row.source == "grid":
        return True
    there = bool(area) and area in (row.grid, row.community, row.town, row.district)
    return there and (row.source in PATROLS or row.privacy == "public")


def lying_in(kind: str, area: str) -> ColumnElement[bool]:
    """The same for a list: cases of an area that its officers see; `kind` is the area's."""
    return and_(COLUMNS[kind] == area, or_(CaseRow.source.in_(PATROLS), CaseRow.privacy == "public"))
