"""What does the console remember?  Who may sign in, and what was done at the desks."""

from datetime import datetime

from sqlalchemy import Index, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from routing.tables import NAMES, Instant


class Table(DeclarativeBase):
    """Every table of this room."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant}


class AccountRow(Table):
    """One person, or one unit.  `password` is an argon2 hash; `number` names the softphone of a desk."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    password: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    shown: Mapped[str] = mapped_column(String(64))
    number: Mapped[str | None] = mapped_column(String(8), unique=True)
    unit: Mapped[str | None] = mapped_column(String(64))
    area: Mapped[str | None] = mapped_column(String(32))  # of a grid officer: code of a grid or a larger area
    first_login: Mapped[bool] = mapped_column(default=True)
    disabled: Mapped[bool] = mapped_column(default=False)


class DeskActionRow(Table):
    """Who did what at a desk: signing in, listening in, acknowledging.  Never changed."""

    __tablename__ = "desk_actions"
    __table_args__ = (
        Index("ix_desk_actions_actor", "actor", "id"),
        Index("ix_desk_actions_target", "target", "id"),
        Index("ix_desk_actions_detail", "detail", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    target: Mapped[str] = mapped_column(String(64), default="")
    detail: Mapped[str] = mapped_column(String(200), default="")
