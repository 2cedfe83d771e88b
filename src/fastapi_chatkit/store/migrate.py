"""Brings a database to the schema that this version needs. Loaded only when there is something to do."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from .base import StoreError


def upgrade(connection: Connection, current: str | None) -> None:
    """Run the missing migrations inside the connection's open transaction.

    :raises StoreError: the database was written by a newer version.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise StoreError(
            f"the database has schema {current}, which this version of fastapi-chatkit does not know: "
            "upgrade fastapi-chatkit, or use another database"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
