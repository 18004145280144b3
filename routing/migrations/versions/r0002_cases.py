"""Cases, their history, who looked at them, and the numbers given on a day."""

import sqlalchemy as sa
from alembic import op

from routing.tables import Instant

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("number", sa.String(14), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("call", sa.String(64)),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("matter", sa.String(8), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.String(400), nullable=False),
        sa.Column("district", sa.String(32)),
        sa.Column("town", sa.String(64)),
        sa.Column("community", sa.String(64)),
        sa.Column("grid", sa.String(32)),
        sa.Column("contact", sa.String(64), nullable=False),
        sa.Column("contact_name", sa.String(64), nullable=False),
        sa.Column("privacy", sa.String(16), nullable=False),
        sa.Column("urgency", sa.String(2), nullable=False),
        sa.Column("sla", sa.String(8), nullable=False),
        sa.Column("lead", sa.String(64)),
        sa.Column("assist", sa.JSON(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("opened", Instant(), nullable=False),
        sa.Column("dispatched", Instant()),
        sa.Column("sign_by", Instant()),
        sa.Column("due", Instant()),
        sa.Column("closed", Instant()),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("solved", sa.String(16)),
        sa.Column("satisfied", sa.String(16)),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("reworks", sa.Integer(), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("escalated", sa.Integer(), nullable=False),
        sa.Column("parent", sa.String(14)),
        sa.Column("opened_by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_cases"),
    )
    for columns in (["opened"], ["due"], ["call"], ["parent"]):
        op.create_index(f"ix_cases_{columns[0]}", "cases", columns)
    op.create_index("ix_cases_lead_state", "cases", ["lead", "state", "due"])
    op.create_index("ix_cases_matter_place", "cases", ["matter", "community", "opened"])
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case", sa.String(14), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("before", sa.String(20), nullable=False),
        sa.Column("after", sa.String(20), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_events"),
        sa.UniqueConstraint("case", "version", name="uq_case_events_case"),
    )
    op.create_index("ix_case_events_at", "case_events", ["at"])
    op.create_table(
        "case_views",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case", sa.String(14), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_views"),
    )
    op.create_index("ix_case_views_case", "case_views", ["case"])
    op.create_table(
        "case_days",
        sa.Column("day", sa.String(8), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_case_days"),
    )


def downgrade() -> None:
    for table in ("case_days", "case_views", "case_events", "cases"):
        op.drop_table(table)
