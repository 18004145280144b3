"""Questions callers put, questions somebody has decided about, and what publishing would change."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kb_asked",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("article", sa.String(32)),
        sa.Column("rejected", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kb_asked"),
        sa.UniqueConstraint("call", "turn", name="uq_kb_asked_call"),
    )
    op.create_index("ix_kb_asked_at", "kb_asked", ["at"])
    op.create_index("ix_kb_asked_article", "kb_asked", ["article", "at"])
    op.create_table(
        "kb_golden",
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("article", sa.String(32)),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("text", name="pk_kb_golden"),
    )
    op.create_table(
        "kb_gates",
        sa.Column("article", sa.String(32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.Column("effects", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["article"], ["kb_articles.id"], name="fk_kb_gates_article"),
        sa.PrimaryKeyConstraint("article", "revision", name="pk_kb_gates"),
    )


def downgrade() -> None:
    for name in ("kb_gates", "kb_golden", "kb_asked"):
        op.drop_table(name)
