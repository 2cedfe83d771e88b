"""Alembic's entry: runs on the connection that the store passes in, in one transaction."""

from alembic import context

from fastapi_chatkit.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
