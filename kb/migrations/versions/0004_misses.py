"""Misses in clusters, what operators report, and who was reminded of what."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kb_clusters",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first", sa.DateTime(), nullable=False),
        sa.Column("last", sa.DateTime(), nullable=False),
        sa.Column("samples", sa.JSON(), nullable=False),
        sa.Column("article", sa.String(32)),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("tried", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kb_clusters"),
    )
    op.create_index("ix_kb_clusters_standing", "kb_clusters", ["standing", "count"])
    op.add_column("kb_asked", sa.Column("cluster", sa.Integer()))
    op.create_index("ix_kb_asked_cluster", "kb_asked", ["cluster"])
    op.create_table(
        "kb_remarks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("article", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("call", sa.String(64)),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("due", sa.DateTime(), nullable=False),
        sa.Column("answer", sa.Text()),
        sa.Column("answered_by", sa.String(64)),
        sa.Column("answered_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["article"], ["kb_articles.id"], name="fk_kb_remarks_article"),
        sa.PrimaryKeyConstraint("id", name="pk_kb_remarks"),
    )
    op.create_index("ix_kb_remarks_article", "kb_remarks", ["article"])
    op.create_table(
        "kb_notices",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("article", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("seen_by", sa.String(64)),
        sa.Column("seen_at", sa.DateTime()),
        sa.ForeignKeyConstraint(["article"], ["kb_articles.id"], name="fk_kb_notices_article"),
        sa.PrimaryKeyConstraint("id", name="pk_kb_notices"),
        sa.UniqueConstraint("article", "kind", "about", name="uq_kb_notices_article"),
    )
    op.create_index("ix_kb_notices_owner", "kb_notices", ["owner"])


def downgrade() -> None:
    op.drop_table("kb_notices")
    op.drop_table("kb_remarks")
    op.drop_index("ix_kb_asked_cluster", "kb_asked")
    op.drop_column("kb_asked", "cluster")
    op.drop_table("kb_clusters")
