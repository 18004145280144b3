"""A unit's own figures are added up from the index alone: a year of a busy unit is tens of thousands of numbers."""

from alembic import op

revision = "r0013"
down_revision = "r0012"
branch_labels = None
depends_on = None

INDEX, TABLE = "ix_day_figures_unit", "day_figures"


def upgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    op.create_index(INDEX, TABLE, ["unit", "day", "figure", "matter", "n"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name=TABLE)
    op.create_index(INDEX, TABLE, ["unit", "day"])
