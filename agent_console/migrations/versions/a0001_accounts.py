"""Accounts, and what was done at the desks."""

import sqlalchemy as sa
from alembic import op

from routing.tables import Instant

revision = "a0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("password", sa.String(200), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("shown", sa.String(64), nullable=False),
        sa.Column("number", sa.String(8)),
        sa.Column("unit", sa.String(64)),
        sa.Column("first_login", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
        sa.UniqueConstraint("number", name="uq_accounts_number"),
    )
    op.create_table(
        "desk_actions",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_desk_actions"),
    )
    op.create_index("ix_desk_actions_at", "desk_actions", ["at"])


def downgrade() -> None:
    op.drop_table("desk_actions")
    op.drop_table("accounts")
