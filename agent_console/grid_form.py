"""What does a grid officer's form hold?  Its fields as they came, and what is wrong with them; pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from routing.catalogue import Catalogue
from routing.patrol import FARTHEST, Sighting
from routing.pictures import Clean

LONGEST = {"text": 2000, "landmark": 60, "reply": 2000}  # characters
OTHERS = 64
CLIENT = re.compile(r"[0-9A-Za-z-]{8,64}")
FUTURE = timedelta(minutes=10)  # a telephone's clock may be ahead
PAST = timedelta(days=30)  # older drafts count as seen when they came


class Incomplete(ValueError):
    """The message says what is missing, in Chinese."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Every field a stripped text."""

    client: str = ""
    matter: str = ""
    text: str = ""
    grid: str = ""
    landmark: str = ""
    metres: str = ""
    lat: str = ""
    lng: str = ""
    seen: str = ""  # ISO time of the telephone
    handled: str = ""  # "yes": the officer did it themselves
    reply: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Entry":
        return cls(**{f.name: given.get(f.name, "").strip()[: LONGEST.get(f.name, OTHERS)] for f in fields(cls)})

    @property
    def shown(self) -> dict[str, Any]:
        return asdict(self)


def sighting(
    entry: Entry, photos: Sequence[Clean], after: Sequence[Clean], known: Catalogue, now: datetime
) -> Sighting:
    """Incomplete says what is missing."""
    own = entry.handled == "yes"
    metres = int(entry.metres) if entry.metres.isascii() and entry.metres.isdigit() else -1
    missing = [zh for there, zh in (
        (entry.matter in known.leaves, "事项"),
        (entry.text, "情况"),
        (any(p.picture for p in photos), "现场照片"),
        (entry.grid, "网格"),
        (entry.landmark, "参照物"),
        (0 <= metres <= FARTHEST, f"距离（0 到 {FARTHEST} 米）"),
        (entry.reply or not own, "处理情况"),
        (any(p.picture for p in after) or not own, "处理后的照片"),
    ) if not there]  # fmt: skip
    if missing:
        raise Incomplete(f"请填写{'、'.join(missing)}")
    if not CLIENT.fullmatch(entry.client):
        raise Incomplete("页面已过期, 请刷新后重试")
    return Sighting(
        entry.client, entry.matter, entry.text, entry.grid, entry.landmark, metres, _moment(entry.seen, now), photos,
        _point(entry.lat, entry.lng), entry.reply if own else "", after if own else (),
    )  # fmt: skip


def _moment(text: str, now: datetime) -> datetime:
    """When it was seen, as far as the telephone can be believed."""
    try:
        at = datetime.fromisoformat(text)
        at = at.astimezone(UTC) if at.tzinfo else now
    except (ValueError, OverflowError):
        return now
    return min(at, now) if now - PAST <= at <= now + FUTURE else now


def _point(lat: str, lng: str) -> tuple[float, float] | None:
    """WGS-84 degrees; None when there is none that lies on the Earth."""
    try:
        found = float(lat), float(lng)
    except ValueError:
        return None
    return found if abs(found[0]) <= 90 and abs(found[1]) <= 180 else None
