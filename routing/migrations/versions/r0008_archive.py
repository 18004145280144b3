"""What a large archive needs: the search of cases, indexes for lists, seals of events, retention and legal hold."""

import sqlalchemy as sa
from alembic import op

from routing import case_search
from routing.tables import Instant

revision = "r0008"
down_revision = "r0007"
branch_labels = None
depends_on = None

RUNNING = (
    "undirected", "dispatched", "signed", "extended", "reworked", "return_requested", "rerouted", "arbitration",
    "replied", "callback", "long_term",
)  # fmt: skip


def upgrade() -> None:
    for table in ("calls", "cases"):
        op.add_column(table, sa.Column("erased", Instant()))
    for name, length in (("salt", 32), ("sealed", 64)):
        op.add_column("case_events", sa.Column(name, sa.String(length), nullable=False, server_default=""))
    op.add_column("case_units", sa.Column("running", sa.Boolean(), nullable=False, server_default=sa.true()))
    states = ", ".join(f"'{state}'" for state in RUNNING)
    op.execute(
        "UPDATE case_units SET running = EXISTS ("
        f'SELECT 1 FROM cases WHERE cases.number = case_units."case" AND cases.state IN ({states}))'
    )
    op.create_index("ix_case_units_case", "case_units", ["case"])
    op.create_index("ix_case_units_running", "case_units", ["unit", "running", "case"])
    op.create_index("ix_cases_state", "cases", ["state", "number"])
    for table, column, condition in (
        ("calls", "ended", "erased IS NULL AND ended IS NOT NULL"),
        ("cases", "closed", "erased IS NULL AND state = 'archived'"),
    ):
        where = sa.text(condition)
        op.create_index(f"ix_{table}_kept", table, [column], postgresql_where=where, sqlite_where=where)
    op.create_table(
        "holds",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("lifted", Instant()),
        sa.Column("lifted_by", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
    )
    op.create_index("ix_holds_target", "holds", ["target"])
    case_search.create(op.get_bind())
    case_search.fill(op.get_bind())


def downgrade() -> None:
    case_search.drop(op.get_bind())
    op.drop_table("holds")
    for table in ("cases", "calls"):
        op.drop_index(f"ix_{table}_kept", table_name=table)
    op.drop_index("ix_cases_state", table_name="cases")
    for name in ("ix_case_units_running", "ix_case_units_case"):
        op.drop_index(name, table_name="case_units")
    for table, names in (("case_units", ["running"]), ("case_events", ["sealed", "salt"]), ("cases", ["erased"]),
                         ("calls", ["erased"])):  # fmt: skip
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.drop_column(name)
