"""A report of years is added up from the sums of years, too."""

from alembic import op

from routing.migrations.versions.r0015_figure_sums import INTO, SUMMED

revision = "r0016"
down_revision = "r0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(f"{INTO} SELECT by, substr(span, 1, 4), code, '', {SUMMED} FROM figure_sums"
               " WHERE length(span) = 7 AND by <> 'unit_matter' GROUP BY by, substr(span, 1, 4), code")  # fmt: skip


def downgrade() -> None:
    op.execute("DELETE FROM figure_sums WHERE length(span) = 4")
