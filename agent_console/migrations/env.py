"""Alembic's way in: the connection comes from agent_console.schema."""

from alembic import context

from agent_console.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table="alembic_version_agent_console",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
