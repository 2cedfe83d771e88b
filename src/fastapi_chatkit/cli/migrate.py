"""``fastapi-chatkit migrate``: the database's schema."""

from __future__ import annotations

import asyncio

import click

from ..chatkit import store_from
from ..settings import Settings
from ..store.migrations import HEAD


@click.command()
@click.option("--database-url", help="The database, e.g. sqlite:///./chatkit.db")
def migrate(database_url: str | None) -> None:
    """Bring the database to this version's schema. `serve` does it by itself for SQLite."""
    settings = Settings.load(database_url=database_url)
    store = store_from(settings)
    if store is None:
        raise click.ClickException("CHATKIT_DATABASE_URL is empty: there is no database to migrate")

    async def run() -> None:
        await store.initialize_schema()
        await store.close()

    asyncio.run(run())
    click.echo(f"{settings.database_url} has schema {HEAD}")
