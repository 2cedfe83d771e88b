"""``fastapi-chatkit migrate``: the database's schema."""

from __future__ import annotations

import asyncio

import click

from ..backend import store_from
from ..settings import Settings
from ..store.base import shown
from ..store.migrations import HEAD
from .logs import configure_logging


@click.command()
@click.option("--database-url", help="The database, e.g. postgresql://user@host/database or sqlite:///./chatkit.db")
def migrate(database_url: str | None) -> None:
    """Bring the database to this version's schema, one process at a time. `serve` does it by itself for SQLite."""
    settings = Settings.load(database_url=database_url)
    configure_logging(settings.log_format, settings.log_level)
    store = store_from(settings)
    if store is None:
        raise click.ClickException("CHATKIT_DATABASE_URL is empty: there is no database to migrate")

    async def run() -> None:
        await store.initialize_schema()
        await store.close()

    asyncio.run(run())
    click.echo(f"{shown(settings.database_url.get_secret_value())} has schema {HEAD}")
