"""Open doors: keys, receipts of what came in by them, subscriptions and deliveries; where and how else to reach."""

import sqlalchemy as sa
from alembic import op

from routing.tables import Instant

revision = "r0007"
down_revision = "r0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cases", sa.Column("lat", sa.Float()))
    op.add_column("cases", sa.Column("lng", sa.Float()))
    op.add_column("cases", sa.Column("other_contact", sa.String(128), nullable=False, server_default=""))
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("may", sa.String(8), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("made", Instant(), nullable=False),
        sa.Column("used", Instant()),
        sa.Column("revoked", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
    )
    op.create_index("ix_api_keys_name", "api_keys", ["name"], unique=True)
    op.create_index("ix_api_keys_hash", "api_keys", ["hash"], unique=True)
    op.create_table(
        "api_receipts",
        sa.Column("api_key", sa.Integer(), nullable=False),
        sa.Column("idempotency", sa.String(128), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("case", sa.String(14), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("api_key", "idempotency", name="pk_api_receipts"),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("secret_env", sa.String(64), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("made", Instant(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", Instant()),
        sa.Column("next_try", Instant()),
        sa.Column("busy_until", Instant()),
        sa.Column("gave_up", Instant()),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("webhook", sa.Integer(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("case", sa.String(14), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_deliveries"),
    )
    op.create_index("ix_webhook_deliveries_webhook", "webhook_deliveries", ["webhook", "id"])
    op.create_index("ix_webhook_deliveries_at", "webhook_deliveries", ["at"])


def downgrade() -> None:
    for table in ("webhook_deliveries", "webhooks", "api_receipts", "api_keys"):
        op.drop_table(table)
    for column in ("other_contact", "lng", "lat"):
        op.drop_column("cases", column)
