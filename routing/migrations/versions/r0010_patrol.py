"""Reports of grid officers; lists of an area; when something was seen."""

import sqlalchemy as sa
from alembic import op

from routing.tables import Instant

revision = "r0010"
down_revision = "r0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("seen", Instant()))
    for column in ("grid", "community"):
        op.create_index(f"ix_cases_{column}", "cases", [column, "state", "number"])
    op.create_table(
        "sightings",
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("client", sa.String(64), nullable=False),
        sa.Column("case", sa.String(14), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "client", name="pk_sightings"),
    )


def downgrade() -> None:
    op.drop_table("sightings")
    for column in ("community", "grid"):
        op.drop_index(f"ix_cases_{column}", table_name="cases")
    with op.batch_alter_table("cases") as batch:
        batch.drop_column("seen")
