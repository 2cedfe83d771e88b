"""Brings a database to the schema that this version needs. Loaded only when there is something to do."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from .base import StoreError

SCRIPTS = Path(__file__).parent / "migrations"
VERSIONS = (SCRIPTS / "versions",)


def upgrade(connection: Connection, to: str = "head") -> None:
    """Run the missing migrations inside the connection's open transaction.

    :raises StoreError: the database's version is none that there has been.
    """
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, VERSIONS)))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise StoreError(f"the database's schema is of no version of fastapi-chatkit ({error})") from error
