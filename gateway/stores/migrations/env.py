"""Run by Alembic: migrates over the connection that `upgrade` hands in."""

from __future__ import annotations

from alembic import context

from gateway.stores.migrations.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller holds the transaction
)
context.run_migrations()
