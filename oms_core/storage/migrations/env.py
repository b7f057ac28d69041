"""Alembic's entry: runs on the connection that `oms_core.storage.schema` hands over."""

from alembic import context

from oms_core.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
