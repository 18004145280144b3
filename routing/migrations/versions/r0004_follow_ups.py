"""The robot's calls to citizens about their cases, and the ways to a citizen's own cases."""

import sqlalchemy as sa
from alembic import op

from routing.tables import Instant

revision = "r0004"
down_revision = "r0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follow_ups",
        sa.Column("call", sa.String(64), nullable=False),
        sa.Column("case", sa.String(14), nullable=False),
        sa.Column("rung", Instant(), nullable=False),
        sa.Column("settled", Instant()),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("call", name="pk_follow_ups"),
    )
    op.create_index("ix_follow_ups_case", "follow_ups", ["case"])
    op.create_index("ix_follow_ups_settled", "follow_ups", ["settled"])
    op.create_index("ix_cases_contact", "cases", ["contact"])
    op.create_index("ix_calls_caller", "calls", ["caller"])


def downgrade() -> None:
    op.drop_index("ix_calls_caller", table_name="calls")
    op.drop_index("ix_cases_contact", table_name="cases")
    op.drop_table("follow_ups")
