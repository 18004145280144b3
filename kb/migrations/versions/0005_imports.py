"""Files of articles on their way in, and their rows beside the articles until all go in at once."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WORDS = {"id": 32, "state": 16, "source": 64, "leaf": 128, "authorised_by": 64, "authorised_document": 128, "owner": 64}
TEXTS = (
    "question", "spoken", "written", "authorised_scope", "authorised_wording", "materials", "place", "hours", "fee",
    "law", "audience", "origin", "searched",
)  # fmt: skip
LISTS = ("phrasings", "tags", "related", "writers")
DAYS = ("valid_from", "valid_until", "authorised_until", "review")


def upgrade() -> None:
    op.create_table(
        "kb_imports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(64)),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("format", sa.String(16), nullable=False),
        sa.Column("encoding", sa.String(32), nullable=False),
        *(sa.Column(n, sa.Integer(), nullable=False) for n in ("expected", "total", "new", "changed", "same", "wrong")),
        sa.Column("errors", sa.JSON(), nullable=False),
        sa.Column("unknown", sa.JSON(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_kb_imports"),
    )
    op.create_table(
        "kb_staged",
        sa.Column("load", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer()),
        sa.Column("content", sa.JSON(), nullable=False),
        *(sa.Column(n, sa.String(length), nullable=False) for n, length in WORDS.items()),
        *(sa.Column(n, sa.Text(), nullable=False) for n in TEXTS),
        *(sa.Column(n, sa.JSON(), nullable=False) for n in LISTS),
        *(sa.Column(n, sa.Date()) for n in DAYS),
        *(sa.Column(n, sa.Integer(), nullable=False) for n in ("revision", "version")),
        sa.Column("needs_authority", sa.Boolean(), nullable=False),
        sa.Column("live", sa.Integer()),
        sa.Column("changed", sa.DateTime()),
        sa.PrimaryKeyConstraint("load", "number", name="pk_kb_staged"),
    )


def downgrade() -> None:
    op.drop_table("kb_staged")
    op.drop_table("kb_imports")
