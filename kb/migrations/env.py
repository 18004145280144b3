"""How does this room's schema change?  Run by schema.py, which hands the connection over."""

from alembic import context

from kb.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table="alembic_version_kb",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
