"""Articles, their revisions, and the version running calls look at."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kb_articles",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("phrasings", sa.JSON(), nullable=False),
        sa.Column("spoken", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("leaf", sa.String(128), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.Column("needs_authority", sa.Boolean(), nullable=False),
        sa.Column("authorised_until", sa.Date()),
        sa.PrimaryKeyConstraint("id", name="pk_kb_articles"),
    )
    op.create_index("ix_kb_articles_state", "kb_articles", ["state"])
    op.create_table(
        "kb_revisions",
        sa.Column("article", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["kb_articles.id"], name="fk_kb_revisions_article"),
        sa.PrimaryKeyConstraint("article", "revision", name="pk_kb_revisions"),
    )
    op.create_table(
        "kb_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kb_version"),
    )


def downgrade() -> None:
    op.drop_table("kb_version")
    op.drop_table("kb_revisions")
    op.drop_index("ix_kb_articles_state", "kb_articles")
    op.drop_table("kb_articles")
