"""Alembic's entry: migrate over the connection that the catalog opened."""

from alembic import context

from bifrost.catalog.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
