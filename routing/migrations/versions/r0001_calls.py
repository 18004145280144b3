"""Calls, their facts, and alarms."""

import sqlalchemy as sa
from alembic import op

from routing.tables import Instant

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("caller", sa.String(64), nullable=False),
        sa.Column("arrived", Instant(), nullable=False),
        sa.Column("ended", Instant()),
        sa.Column("outcome", sa.String(16)),
        sa.Column("article", sa.String(64)),
        sa.Column("operator", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_arrived", "calls", ["arrived"])
    op.create_index("ix_calls_ended", "calls", ["ended"])
    op.create_table(
        "call_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call_events"),
        sa.UniqueConstraint("call", "seq", "kind", "at", name="uq_call_events_call"),
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("call", sa.String(64)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("raised", Instant(), nullable=False),
        sa.Column("acknowledged", Instant()),
        sa.Column("acknowledged_by", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_alarms"),
    )
    op.create_index("ix_alarms_raised", "alarms", ["raised"])


def downgrade() -> None:
    op.drop_table("alarms")
    op.drop_table("call_events")
    op.drop_table("calls")
