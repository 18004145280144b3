"""Who may sign in?  Accounts and their passwords; synchronous, over a session."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from agent_console.permissions import Role, endpoint
from agent_console.tables import AccountRow, DeskActionRow

HASHER = PasswordHasher()  # argon2id, the library's current parameters
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is mistaken for something else
NOBODY = HASHER.hash("nobody")  # so that an unknown name takes as long as a wrong password
SHORTEST = 10  # characters of a password a person chooses


class NotChanged(ValueError):
    """The message says what is wrong with the new password."""


@dataclass(frozen=True, slots=True)
class Account:
    id: int
    name: str
    role: Role
    shown: str
    number: str | None
    unit: str | None
    first_login: bool
    area: str | None = None

    @property
    def endpoint(self) -> str | None:
        return endpoint(self.role, self.number)


def _account(row: AccountRow) -> Account:
    return Account(row.id, row.name, Role(row.role), row.shown, row.number, row.unit, row.first_login, row.area)


def generated() -> str:
    """Twelve characters, 59 bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


def create(
    session: Session, name: str, role: Role, shown: str, *, number: str | None = None, unit: str | None = None,
    area: str | None = None,
) -> str | None:  # fmt: skip
    """The generated password of a new account; None when there is one of that name.  The caller commits."""
    if session.scalars(select(AccountRow).where(AccountRow.name == name)).first() is not None:
        return None
    password = generated()
    session.add(
        AccountRow(
            name=name, password=HASHER.hash(password), role=role, shown=shown, number=number, unit=unit, area=area
        )
    )  # fmt: skip
    session.flush()
    return password


def verify(session: Session, name: str, password: str) -> Account | None:
    row = session.scalars(select(AccountRow).where(AccountRow.name == name)).first()
    try:
        HASHER.verify(row.password if row else NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return None if row is None or row.disabled else _account(row)


def change_password(session: Session, name: str, old: str, new: str) -> None:
    """The caller commits."""
    if verify(session, name, old) is None:
        raise NotChanged("原密码不正确")
    if len(new) < SHORTEST:
        raise NotChanged(f"新密码至少 {SHORTEST} 个字符")
    if new == old or new.strip().lower() == name.lower():
        raise NotChanged("新密码不能与原密码或账号相同")
    row = session.scalars(select(AccountRow).where(AccountRow.name == name)).one()
    row.password, row.first_login = HASHER.hash(new), False


def with_phone(session: Session) -> list[Account]:
    """Everybody who has a softphone."""
    rows = session.scalars(select(AccountRow).where(AccountRow.number.is_not(None), AccountRow.disabled.is_(False)))
    return [account for account in map(_account, rows) if account.endpoint]


def note(session: Session, at: datetime, actor: str, action: str, target: str = "", detail: str = "") -> None:
    """Keep what was done at a desk.  The caller commits."""
    session.add(DeskActionRow(at=at, actor=actor, action=action, target=target, detail=detail))


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done at a desk."""

    at: datetime
    actor: str
    action: str
    target: str
    detail: str


def actions(
    session: Session, *, actor: str | None = None, about: str | None = None, limit: int | None = None
) -> list[Deed]:
    """What was kept of the desks, oldest first: of an account, about a call or another target, the last `limit`."""
    wanted = select(DeskActionRow).order_by(DeskActionRow.id.desc())
    if actor is not None:
        wanted = wanted.where(DeskActionRow.actor == actor)
    if about is not None:
        wanted = wanted.where(or_(DeskActionRow.target == about, DeskActionRow.detail == about))
    rows = session.scalars(wanted.limit(limit) if limit else wanted).all()
    return [Deed(row.at, row.actor, row.action, row.target, row.detail) for row in reversed(rows)]


def everybody(session: Session) -> dict[str, Account]:
    """All accounts by name."""
    return {row.name: _account(row) for row in session.scalars(select(AccountRow))}
