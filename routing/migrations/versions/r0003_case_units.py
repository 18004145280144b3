"""Lists of units; cases a ruling binds; cases a supervisor sees."""

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_units",
        sa.Column("unit", sa.String(64), nullable=False),
        sa.Column("case", sa.String(14), nullable=False),
        sa.Column("part", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("unit", "case", name="pk_case_units"),
    )
    for name in ("bound", "attention"):
        op.add_column("cases", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("cases") as batch:
        batch.drop_column("attention")
        batch.drop_column("bound")
    op.drop_table("case_units")
