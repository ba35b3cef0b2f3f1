"""Alembic's entry: it is handed an open connection by ``db.migrate`` and never makes one itself."""

from alembic import context

from db.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=False,
)
context.run_migrations()
