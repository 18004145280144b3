"""A report of years is added up from sums, a round finds its clocks without the archive, a search reads no list."""

import sqlalchemy as sa
from alembic import op

revision = "r0015"
down_revision = "r0014"
branch_labels = None
depends_on = None

FIGURES = (
    "calls", "by_robot", "to_person", "emergency", "hung_up", "queued", "taken", "taken_soon", "opened", "direct",
    "refused", "returned", "reworked", "due", "in_time", "closed", "not_reached", "asked", "solved", "partly",
    "satisfied",
)  # fmt: skip
CODES = {"all": "''", "unit": "unit", "matter": "matter", "district": "district"}
PIVOTED = ", ".join(f"SUM(CASE WHEN figure = '{figure}' THEN n ELSE 0 END)" for figure in FIGURES)
RUNNING = sa.text("state <> 'archived'")
SUMMED = ", ".join(f"SUM({figure})" for figure in FIGURES)
INTO = f"INSERT INTO figure_sums (by, span, code, matter, {', '.join(FIGURES)}) "


def upgrade() -> None:
    op.create_table(
        "figure_sums",
        sa.Column("by", sa.String(12), nullable=False),
        sa.Column("span", sa.String(10), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("matter", sa.String(8), nullable=False),
        *(sa.Column(figure, sa.Integer(), nullable=False) for figure in FIGURES),
        sa.PrimaryKeyConstraint("by", "span", "code", "matter", name="pk_figure_sums"),
        sqlite_with_rowid=False,
    )
    for by, code in CODES.items():
        grouped = "day" if by == "all" else f"day, {code}"
        op.execute(f"{INTO} SELECT '{by}', day, {code}, '', {PIVOTED} FROM day_figures GROUP BY {grouped}")
    op.execute(f"{INTO} SELECT by, substr(span, 1, 7), code, '', {SUMMED} FROM figure_sums"
               " GROUP BY by, substr(span, 1, 7), code")  # fmt: skip
    op.execute(f"{INTO} SELECT 'unit_matter', substr(day, 1, 7), unit, matter, {PIVOTED} FROM day_figures"
               " WHERE unit <> '' GROUP BY substr(day, 1, 7), unit, matter")  # fmt: skip
    op.create_index("ix_cases_clock", "cases", ["number"], postgresql_where=RUNNING, sqlite_where=RUNNING)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX ix_case_search_words SET (fastupdate = off)")
        op.execute("SELECT gin_clean_pending_list('ix_case_search_words')")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX ix_case_search_words RESET (fastupdate)")
    op.drop_index("ix_cases_clock", "cases")
    op.drop_table("figure_sums")
