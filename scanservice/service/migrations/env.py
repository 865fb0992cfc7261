"""Alembic's entry: runs inside the transaction that `migrating.migrate` opened."""

from alembic import context

from scanservice.service.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction is the one
    render_as_batch=True,
)
context.run_migrations()
