"""What an article holds beside its answer, who answers for it, and the steps of its life."""

import json
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = {"authorised_by": 64, "authorised_document": 128, "owner": 64}
TEXTS = ("authorised_scope", "authorised_wording", "materials", "place", "hours", "fee", "law", "audience", "origin",
         "searched")  # fmt: skip
LISTS = ("tags", "related", "writers")
COLUMNS = (*WORDS, *TEXTS, *LISTS, "review", "live", "version", "changed")


def upgrade() -> None:
    for name, length in WORDS.items():
        _add(name, sa.String(length), "")
    for name in TEXTS:
        _add(name, sa.Text(), "")
    for name in LISTS:
        _add(name, sa.JSON(), "[]")
    _add("version", sa.Integer(), "1")
    op.add_column("kb_articles", sa.Column("review", sa.Date()))
    op.add_column("kb_articles", sa.Column("live", sa.Integer()))
    op.add_column("kb_articles", sa.Column("changed", sa.DateTime()))
    op.create_index("ix_kb_articles_owner", "kb_articles", ["owner"])
    op.create_index("ix_kb_articles_review", "kb_articles", ["review"])
    op.execute("UPDATE kb_articles SET live = revision WHERE state IN ('published', 'review_due')")
    _fill_search()
    op.create_table(
        "kb_steps",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("article", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("before", sa.String(16), nullable=False),
        sa.Column("after", sa.String(16), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["kb_articles.id"], name="fk_kb_steps_article"),
        sa.PrimaryKeyConstraint("id", name="pk_kb_steps"),
    )
    op.create_index("ix_kb_steps_article", "kb_steps", ["article"])


def _add(name: str, kind: sa.types.TypeEngine[Any], default: str) -> None:
    # added, not made anew: SQLite would have to drop the table its revisions point to
    op.add_column("kb_articles", sa.Column(name, kind, nullable=False, server_default=default))


def _fill_search() -> None:
    articles = sa.table(
        "kb_articles",
        *(sa.column(n) for n in ("id", "question", "phrasings", "spoken", "written", "source", "leaf", "searched")),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(articles)).all():
        phrasings = json.loads(row.phrasings) if isinstance(row.phrasings, str) else row.phrasings
        words = [row.id, row.question, *phrasings, row.spoken, row.written, row.source, row.leaf]
        text = "\n".join(w for w in words if w).lower()
        connection.execute(articles.update().where(articles.c.id == row.id).values(searched=text))


def _back_to_live() -> None:
    """What is being worked on goes back to what callers hear: the older shape knows one text per article."""
    names = ("question", "phrasings", "spoken", "written", "source", "leaf")
    kinds = {"phrasings": sa.JSON()}
    articles = sa.table(
        "kb_articles", *(sa.column(n, kinds.get(n)) for n in ("id", "revision", "live", "state", *names)),
        *(sa.column(n, sa.Date()) for n in ("valid_from", "valid_until", "authorised_until")),
        sa.column("needs_authority", sa.Boolean()),
    )  # fmt: skip
    kept = sa.table("kb_revisions", sa.column("article"), sa.column("revision"), sa.column("content", sa.JSON()))
    both = sa.select(articles.c.id, kept.c.content).join(
        kept, (kept.c.article == articles.c.id) & (kept.c.revision == articles.c.live)
    )
    connection = op.get_bind()
    for row in connection.execute(both.where(articles.c.live != articles.c.revision)).all():
        values = {name: row.content[name] for name in names} | {"state": "published"}
        for name in ("valid_from", "valid_until", "authorised_until"):
            values[name] = date.fromisoformat(row.content[name]) if row.content[name] else None
        values["needs_authority"] = bool(row.content["needs_authority"])
        connection.execute(articles.update().where(articles.c.id == row.id).values(values))


def downgrade() -> None:
    _back_to_live()
    op.drop_table("kb_steps")
    op.drop_index("ix_kb_articles_review", "kb_articles")
    op.drop_index("ix_kb_articles_owner", "kb_articles")
    for name in COLUMNS:
        op.drop_column("kb_articles", name)
