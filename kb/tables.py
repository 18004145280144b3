"""How does the knowledge lie in the database?"""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Tables of this room."""

    metadata = MetaData(naming_convention=NAMES)


class ArticleRow(Base):
    """An article as it stands; what it was stands in its revisions."""

    __tablename__ = "kb_articles"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    question: Mapped[str] = mapped_column(Text)
    phrasings: Mapped[list[str]] = mapped_column(JSON)
    spoken: Mapped[str] = mapped_column(Text)
    written: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(64))
    leaf: Mapped[str] = mapped_column(String(128), default="")
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    needs_authority: Mapped[bool] = mapped_column(default=False)
    authorised_until: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (Index("ix_kb_articles_state", "state"),)


class RevisionRow(Base):
    """Every revision ever saved, whole."""

    __tablename__ = "kb_revisions"

    article: Mapped[str] = mapped_column(ForeignKey("kb_articles.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, object]] = mapped_column(JSON)


class VersionRow(Base):
    """One row: counts up whenever something that may be spoken has changed."""

    __tablename__ = "kb_version"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
