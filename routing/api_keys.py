"""Which other system is this, and what may it do?  Keys are shown once, kept as hashes, and can be revoked."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from routing.tables import ApiKeyRow

PREFIX = "hk_"  # so that a key that leaked is recognised as one
NAME = re.compile(r"^[a-z][a-z0-9-]{1,39}$")
SOURCES = ("web", "grid", "video", "110", "outside")
PER_MINUTE = 120  # requests of one key, unless it was made with another number
PER_MINUTE_MOST = 6000
USED_EVERY = timedelta(minutes=1)  # a look at the time of last use need not be finer; spares a write per request


class Right(StrEnum):
    """What a key was made for.  WRITE also reads what it wrote itself, nothing else."""

    READ = "read"
    WRITE = "write"


class NoKey(ValueError):
    """The key cannot be made or found; the message says why."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    id: int
    name: str
    may: Right
    source: str  # of the cases it writes
    per_minute: int
    made: datetime
    used: datetime | None
    revoked: datetime | None

    @property
    def actor(self) -> str:
        """Who it is in a case's history."""
        return f"key:{self.name}"

    @property
    def purpose(self) -> str:
        """Of its looks at a case."""
        return f"open311:{self.name}"


def digest(key: str) -> str:
    """Keys are 256 random bits, so one round of SHA-256 is enough: there is nothing to guess."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def issue(
    session: Session, name: str, may: Right, now: datetime, *, source: str = "outside", per_minute: int = PER_MINUTE
) -> str:
    """A new key, which nobody can read again.  Committed when this returns; NoKey says what is wrong."""
    if not NAME.match(name):
        raise NoKey(f"{name} is no name: small letters, digits and hyphens, 2 to 40 of them")
    if source not in SOURCES:
        raise NoKey(f"{source} is no source: {', '.join(SOURCES)}")
    if not 1 <= per_minute <= PER_MINUTE_MOST:
        raise NoKey(f"{per_minute} requests a minute are not between 1 and {PER_MINUTE_MOST}")
    if session.scalar(select(ApiKeyRow.id).where(ApiKeyRow.name == name)) is not None:
        raise NoKey(f"there was a key named {name} already; a name is not given twice, because histories cite it")
    key = PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiKeyRow(name=name, hash=digest(key), may=may, source=source, per_minute=per_minute, made=now.astimezone(UTC))
    )
    session.commit()
    return key


def revoke(session: Session, name: str, now: datetime) -> None:
    """From the next request on it is refused.  Committed when this returns."""
    row = session.scalars(select(ApiKeyRow).where(ApiKeyRow.name == name)).first()
    if row is None:
        raise NoKey(f"there is no key named {name}")
    row.revoked = row.revoked or now.astimezone(UTC)
    session.commit()


def keys(session: Session) -> list[ApiKey]:
    """All that were ever made, oldest first."""
    return [_key(row) for row in session.scalars(select(ApiKeyRow).order_by(ApiKeyRow.id))]


def known(session: Session, key: str) -> ApiKey | None:
    """Whose key it is; None for one that never was or was revoked."""
    found = select(ApiKeyRow).where(ApiKeyRow.hash == digest(key), ApiKeyRow.revoked.is_(None))
    row = session.scalars(found).first()
    return None if row is None else _key(row)


def stale(key: ApiKey, now: datetime) -> bool:
    """Whether its time of last use should be written down anew."""
    return key.used is None or key.used <= now - USED_EVERY


def note_use(session: Session, key: ApiKey, now: datetime) -> None:
    """Never back; committed when this returns."""
    older = or_(ApiKeyRow.used.is_(None), ApiKeyRow.used < now)
    session.execute(update(ApiKeyRow).where(ApiKeyRow.id == key.id, older).values(used=now.astimezone(UTC)))
    session.commit()


def _key(row: ApiKeyRow) -> ApiKey:
    return ApiKey(row.id, row.name, Right(row.may), row.source, row.per_minute, row.made, row.used, row.revoked)
