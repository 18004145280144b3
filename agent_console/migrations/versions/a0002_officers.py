"""Accounts of grid officers: where they work."""

import sqlalchemy as sa
from alembic import op

revision = "a0002"
down_revision = "a0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("area", sa.String(32)))


def downgrade() -> None:
    op.execute("DELETE FROM accounts WHERE role = 'grid'")
    with op.batch_alter_table("accounts") as batch:
        batch.drop_column("area")
