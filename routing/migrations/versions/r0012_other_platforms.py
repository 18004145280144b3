"""Cases from and to other platforms."""

import sqlalchemy as sa
from alembic import op

from routing.tables import Instant

revision = "r0012"
down_revision = "r0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_origins",
        sa.Column("case", sa.String(14), nullable=False),
        sa.Column("system", sa.String(40), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("device", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("case", name="pk_case_origins"),
        sa.UniqueConstraint("system", "number", name="uq_case_origins_system"),
    )
    op.create_table(
        "platforms",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("zh", sa.String(64), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("secret_env", sa.String(64), nullable=False),
        sa.Column("with_contact", sa.Boolean(), nullable=False),
        sa.Column("made", Instant(), nullable=False),
        sa.Column("removed", Instant()),
        sa.PrimaryKeyConstraint("name", name="pk_platforms"),
    )
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case", sa.String(14), nullable=False),
        sa.Column("platform", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("made", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("next_try", Instant()),
        sa.Column("busy_until", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
    )
    op.create_index("ix_handovers_case", "handovers", ["case"])
    op.create_index("ix_handovers_state", "handovers", ["state", "next_try"])


def downgrade() -> None:
    for table in ("handovers", "platforms", "case_origins"):
        op.drop_table(table)
