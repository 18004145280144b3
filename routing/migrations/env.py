"""Alembic's way in: the connection comes from routing.schema."""

from alembic import context

from routing.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    version_table="alembic_version_routing",
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
