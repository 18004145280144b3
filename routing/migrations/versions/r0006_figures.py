"""What was counted of each day."""

import sqlalchemy as sa
from alembic import op

revision = "r0006"
down_revision = "r0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_figures",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("figure", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("matter", sa.String(8), nullable=False),
        sa.Column("district", sa.String(32), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "figure", "unit", "matter", "district", name="pk_day_figures"),
    )


def downgrade() -> None:
    op.drop_table("day_figures")
