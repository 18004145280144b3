"""Known incidents, and what callers are told about them."""

import sqlalchemy as sa
from alembic import op

from routing.tables import Instant

revision = "r0005"
down_revision = "r0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("matter", sa.String(8), nullable=False),
        sa.Column("level", sa.String(12), nullable=False),
        sa.Column("area", sa.String(64), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("master", sa.String(14), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("until", Instant()),
        sa.Column("by", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_state", "incidents", ["state"])


def downgrade() -> None:
    op.drop_table("incidents")
