"""How does a case get to a platform outside, and what came of it there?  The platforms, and the cases on their way.

A case goes out with the step that hands it over, in one transaction; a worker carries it until the platform has said
its own number for it (the receipt), has refused it, or was away for too long.  Its answer comes in by the open door.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from routing.cases import NotAllowed
from routing.tables import HandoverRow, PlatformRow

NAME = re.compile(r"^[a-z][a-z0-9-]{1,39}$")  # as that of the key under which it answers
BUSY = timedelta(seconds=60)  # a worker holds a case without a sign of life; longer than one attempt takes
FIRST_PAUSE = timedelta(seconds=10)  # after the first failure; doubles with each further one
LONGEST_PAUSE = timedelta(hours=1)
WAITING, TAKEN, ANSWERED, REFUSED, GAVE_UP, BACK = "waiting", "taken", "answered", "refused", "gave_up", "back"
STATES_ZH = {
    WAITING: "等待送达",
    TAKEN: "对方已受理",
    ANSWERED: "对方已答复",
    REFUSED: "对方不受理",
    GAVE_UP: "多日没有送达, 已停止",
    BACK: "已收回",
}


class NoPlatform(ValueError):
    """The platform cannot be made or found; the message says why."""


@dataclass(frozen=True, slots=True)
class Platform:
    name: str
    zh: str
    url: str
    secret_env: str
    with_contact: bool
    removed: datetime | None


@dataclass(frozen=True, slots=True)
class Handover:
    """As a page shows it."""

    zh: str  # the platform's name
    state: str
    number: str  # there
    made: datetime
    attempts: int
    outcome: str
    next_try: datetime | None

    @property
    def state_zh(self) -> str:
        return STATES_ZH.get(self.state, self.state)


def add_platform(
    session: Session, name: str, zh: str, url: str, now: datetime, *, secret_env: str = "", with_contact: bool = False
) -> str:
    """The secret, generated and shown once unless it stands in the environment.  The caller commits."""
    parts = urlsplit(url)
    if not NAME.match(name) or not zh:
        raise NoPlatform(f"{name} is no name: small letters, digits and hyphens; and say what it is called in Chinese")
    if parts.scheme not in {"http", "https"} or not parts.hostname or len(url) > 500:
        raise NoPlatform(f"{url} is no address: http:// or https://, at most 500 characters")
    if session.get(PlatformRow, name) is not None:
        raise NoPlatform(f"there was a platform named {name} already; a name is not given twice, histories cite it")
    secret = "" if secret_env else secrets.token_hex(32)
    session.add(
        PlatformRow(
            name=name, zh=zh, url=url, secret=secret, secret_env=secret_env, with_contact=with_contact, made=now
        )
    )  # fmt: skip
    session.flush()
    return secret


def remove_platform(session: Session, name: str, now: datetime) -> None:
    """Nothing more goes there; what it has, it still answers.  The caller commits."""
    row = session.get(PlatformRow, name)
    if row is None or row.removed is not None:
        raise NoPlatform(f"there is no platform {name}")
    row.removed = now


def platforms(session: Session) -> list[Platform]:
    """All that were ever added, by name."""
    rows = session.scalars(select(PlatformRow).order_by(PlatformRow.name))
    return [Platform(r.name, r.zh, r.url, r.secret_env, r.with_contact, r.removed) for r in rows]


def of_case(session: Session, number: str) -> list[Handover]:
    """Every way out a case has taken, the oldest first."""
    rows = session.execute(
        select(HandoverRow, PlatformRow.zh)
        .join(PlatformRow, PlatformRow.name == HandoverRow.platform)
        .where(HandoverRow.case == number)
        .order_by(HandoverRow.id)
    )
    return [Handover(zh, r.state, r.number, r.made, r.attempts, r.outcome, r.next_try) for r, zh in rows]


def begin(session: Session, number: str, platform: str, now: datetime) -> None:
    """Part of the step that hands the case over."""
    known = session.get(PlatformRow, platform)
    if known is None or known.removed is not None:
        raise NotAllowed(f"case {number}: there is no platform {platform}")
    session.add(HandoverRow(case=number, platform=platform, state=WAITING, made=now))


def taken(session: Session, number: str, theirs: str) -> None:
    """Part of the step that notes the platform's receipt."""
    waiting = update(HandoverRow).where(HandoverRow.case == number, HandoverRow.state == WAITING)
    session.execute(waiting.values(state=TAKEN, number=theirs, next_try=None))


def settle(session: Session, number: str, ends: str) -> None:
    """Part of the step that ends it: answered, refused, or taken back."""
    running = HandoverRow.state.in_((WAITING, TAKEN, GAVE_UP))
    ended = update(HandoverRow).where(HandoverRow.case == number, running)
    session.execute(ended.values(state=ends, next_try=None))


def held_by(session: Session, platform: str, number: str) -> HandoverRow | None:
    """The newest hand-over of a case to this platform."""
    mine = select(HandoverRow).where(HandoverRow.case == number, HandoverRow.platform == platform)
    return session.scalars(mine.order_by(HandoverRow.id.desc()).limit(1)).first()


def due(session: Session, now: datetime, limit: int = 100) -> list[int]:
    """What may be carried now, the oldest first."""
    ready = or_(HandoverRow.next_try.is_(None), HandoverRow.next_try <= now)
    waiting = select(HandoverRow.id).where(HandoverRow.state == WAITING, ready)
    return list(session.scalars(waiting.order_by(HandoverRow.id).limit(limit)))


def take(session: Session, handover: int, now: datetime) -> bool:
    """Whether this worker carries it; another one may be at it.  Committed when this returns."""
    free = or_(HandoverRow.busy_until.is_(None), HandoverRow.busy_until <= now)
    mine = update(HandoverRow).where(HandoverRow.id == handover, HandoverRow.state == WAITING, free)
    taken = session.execute(mine.values(busy_until=now + BUSY).returning(HandoverRow.id)).first()
    session.commit()
    return taken is not None


def pause(attempts: int) -> timedelta:
    """Before the next try, after so many."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)
