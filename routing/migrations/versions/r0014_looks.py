"""Who looked at what is asked by person, too."""

from alembic import op

revision = "r0014"
down_revision = "r0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_case_views_actor", "case_views", ["actor", "id"])


def downgrade() -> None:
    op.drop_index("ix_case_views_actor", "case_views")
