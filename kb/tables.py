"""How does the knowledge lie in the database?"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware UTC moment, kept without its zone: the same on SQLite and PostgreSQL."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value if value is None or value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Tables of this room."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Moment, list[str]: JSON, dict[str, Any]: JSON, list[dict[str, Any]]: JSON}


class ArticleRow(Base):
    """An article as it is being worked on; what it was stands in its revisions, `live` names the one callers hear."""

    __tablename__ = "kb_articles"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(16))
    question: Mapped[str] = mapped_column(Text)
    phrasings: Mapped[list[str]]
    spoken: Mapped[str] = mapped_column(Text)
    written: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(64))
    leaf: Mapped[str] = mapped_column(String(128), default="")
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    needs_authority: Mapped[bool] = mapped_column(default=False)
    authorised_until: Mapped[date | None] = mapped_column(Date)
    authorised_by: Mapped[str] = mapped_column(String(64), default="")
    authorised_document: Mapped[str] = mapped_column(String(128), default="")
    authorised_scope: Mapped[str] = mapped_column(Text, default="")
    authorised_wording: Mapped[str] = mapped_column(Text, default="")
    owner: Mapped[str] = mapped_column(String(64), default="")
    review: Mapped[date | None] = mapped_column(Date)
    materials: Mapped[str] = mapped_column(Text, default="")
    place: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[str] = mapped_column(Text, default="")
    fee: Mapped[str] = mapped_column(Text, default="")
    law: Mapped[str] = mapped_column(Text, default="")
    tags: Mapped[list[str]]
    audience: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[str] = mapped_column(Text, default="")
    related: Mapped[list[str]]
    live: Mapped[int | None] = mapped_column(Integer)  # the revision callers may hear
    version: Mapped[int] = mapped_column(Integer, default=1)  # counts every step; what a form was opened on
    writers: Mapped[list[str]]  # who wrote since it was last published
    searched: Mapped[str] = mapped_column(Text, default="")  # every word of it, for the editors' search
    changed: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_kb_articles_state", "state"),
        Index("ix_kb_articles_owner", "owner"),
        Index("ix_kb_articles_review", "review"),
    )


class RevisionRow(Base):
    """Every revision ever saved, whole."""

    __tablename__ = "kb_revisions"

    article: Mapped[str] = mapped_column(ForeignKey("kb_articles.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]]


class StepRow(Base):
    """What was done with an article: timeline and audit.  Never changed."""

    __tablename__ = "kb_steps"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    article: Mapped[str] = mapped_column(ForeignKey("kb_articles.id"), index=True)
    revision: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    action: Mapped[str] = mapped_column(String(24))
    before: Mapped[str] = mapped_column(String(16))
    after: Mapped[str] = mapped_column(String(16))
    given: Mapped[dict[str, Any]]  # reason, basis, wording


class VersionRow(Base):
    """One row: counts up whenever something that may be spoken has changed."""

    __tablename__ = "kb_version"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)


class AskedRow(Base):
    """A question a caller put to the robot, and what became of it.  Long digits are blotted out."""

    __tablename__ = "kb_asked"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    call: Mapped[str] = mapped_column(String(64))
    turn: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    text: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(String(16))  # answer, clarify, unknown
    article: Mapped[str | None] = mapped_column(String(32))  # the one that was said
    rejected: Mapped[bool] = mapped_column(default=False)  # the caller said that was wrong
    cluster: Mapped[int | None] = mapped_column(index=True)  # of misses it belongs to

    __table_args__ = (
        UniqueConstraint("call", "turn", name="uq_kb_asked_call"),
        Index("ix_kb_asked_article", "article", "at"),
    )


class GoldenRow(Base):
    """A question somebody has decided about: this article answers it, or (none) a person must."""

    __tablename__ = "kb_golden"

    text: Mapped[str] = mapped_column(String(200), primary_key=True)
    article: Mapped[str | None] = mapped_column(String(32))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class GateRow(Base):
    """What publishing a revision would change; one row per article and revision, the newest run."""

    __tablename__ = "kb_gates"

    article: Mapped[str] = mapped_column(ForeignKey("kb_articles.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[int]  # of the knowledge it was compared with
    at: Mapped[datetime]
    asked: Mapped[int]  # questions
    done: Mapped[int]  # so far
    finished: Mapped[bool]
    effects: Mapped[list[dict[str, Any]]]


class ClusterRow(Base):
    """Misses that are alike."""

    __tablename__ = "kb_clusters"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    title: Mapped[str] = mapped_column(Text)
    standing: Mapped[str] = mapped_column(String(16))
    count: Mapped[int]
    first: Mapped[datetime]
    last: Mapped[datetime]
    samples: Mapped[list[str]]
    article: Mapped[str | None] = mapped_column(String(32))
    by: Mapped[str] = mapped_column(String(64), default="")
    tried: Mapped[int] = mapped_column(default=0)  # version of the knowledge that was last asked

    __table_args__ = (Index("ix_kb_clusters_standing", "standing", "count"),)


class RemarkRow(Base):
    """Somebody says an answer is wrong."""

    __tablename__ = "kb_remarks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    article: Mapped[str] = mapped_column(ForeignKey("kb_articles.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    call: Mapped[str | None] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    due: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[datetime | None]


class NoticeRow(Base):
    """Something an owner is told once: `about` is the day or the remark it is about."""

    __tablename__ = "kb_notices"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(64), index=True)
    article: Mapped[str] = mapped_column(ForeignKey("kb_articles.id"))
    kind: Mapped[str] = mapped_column(String(24))
    about: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    seen_by: Mapped[str | None] = mapped_column(String(64))
    seen_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("article", "kind", "about", name="uq_kb_notices_article"),)


class ImportRow(Base):
    """A file of articles on its way in."""

    __tablename__ = "kb_imports"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    unit: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    stage: Mapped[str] = mapped_column(String(16))  # waiting, reading, checked, refused, writing, done
    format: Mapped[str] = mapped_column(String(16), default="")
    encoding: Mapped[str] = mapped_column(String(32), default="")
    expected: Mapped[int] = mapped_column(default=0)  # rows, about
    total: Mapped[int] = mapped_column(default=0)  # rows read so far
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    wrong: Mapped[int] = mapped_column(default=0)  # rows with errors
    errors: Mapped[list[dict[str, Any]]]  # row, field, zh; the first ones
    unknown: Mapped[list[str]]  # columns left out
    problem: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


def _like(column: Any) -> Column[Any]:
    return Column(column.name, column.type, nullable=column.nullable)


# Checked rows of a file, beside the articles, in their very columns: so that all of them go in by one short statement.
STAGED = Table(
    "kb_staged",
    Base.metadata,
    Column("load", Integer, primary_key=True),
    Column("number", Integer, primary_key=True),  # the line of the file
    Column("base", Integer),  # version of the article it changes; none: a new one
    Column("content", JSON, nullable=False),  # of the revision
    *(_like(column) for column in ArticleRow.__table__.c),
)
