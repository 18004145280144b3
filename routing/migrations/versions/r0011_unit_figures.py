"""A unit's own figures are found without those of the others."""

from alembic import op

revision = "r0011"
down_revision = "r0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_day_figures_unit", "day_figures", ["unit", "day"])


def downgrade() -> None:
    op.drop_index("ix_day_figures_unit", table_name="day_figures")
