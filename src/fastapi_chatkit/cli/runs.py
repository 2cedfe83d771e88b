"""``fastapi-chatkit runs``: what is being answered, by whichever process, and how to stop it; through the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from ..backend import store_from
from ..settings import Settings
from ..store.base import OwnedRun, RunRow, Store
from .logs import configure_logging

T = TypeVar("T")

ALL = 100_000
"""More runs than go on at once."""

STOP_SECONDS = 15.0
"""A living process stops a run within a second; a dead one's is ended within this time."""

LOOK_SECONDS = 0.2

database_option = click.option(
    "--database-url", help="The server's database, e.g. postgresql://user@host/database or sqlite:///./chatkit.db"
)


@click.group()
def runs() -> None:
    """Answers that are being written or wait, in all processes on the database."""


@runs.command()
@database_option
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, ALL), help="How many, the oldest first.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def ls(database_url: str | None, limit: int, as_json: bool) -> None:
    """List the runs that have not ended."""
    found = _with_store(database_url, lambda store: store.active_runs(limit))
    if as_json:
        for owned in found:
            click.echo(json.dumps({**owned.owner._asdict(), **owned.run._asdict()}))
    elif found:
        click.echo(_table(found))
    else:
        click.echo("Nothing is being answered.")


@runs.command()
@click.argument("run_id")
@database_option
def cancel(run_id: str, database_url: str | None) -> None:
    """Stop a run: what it has said is kept. Waits for its end."""
    row = _with_store(database_url, lambda store: _cancel(store, run_id))
    click.echo(f"{row.id} {row.status}" + (f" ({row.stop_reason})" if row.stop_reason else ""))


async def _cancel(store: Store, run_id: str) -> RunRow:
    owned = next((owned for owned in await store.active_runs(ALL) if owned.run.id == run_id), None)
    if owned is None:
        raise click.ClickException(f"No run {run_id} goes on: `fastapi-chatkit runs ls` lists those that do")
    await store.request_stop(owned.owner, run_id, "cancelled")
    deadline = asyncio.get_running_loop().time() + STOP_SECONDS
    while (row := await store.get_run(owned.owner, run_id)).ended_at is None:
        if asyncio.get_running_loop().time() > deadline:
            raise click.ClickException(
                f"{run_id} has been told to stop and goes on: no server on this database has ended it yet"
            )
        await asyncio.sleep(LOOK_SECONDS)
    return row


def _with_store(database_url: str | None, call: Callable[[Store], Awaitable[T]]) -> T:
    """The result of a call to the store in the settings, whose database must be there."""
    settings = Settings.load(database_url=database_url)
    configure_logging(settings.log_format, settings.log_level)
    store = store_from(settings)
    if store is None:
        raise click.ClickException("CHATKIT_DATABASE_URL is empty: there is no database to look into")
    url = settings.database_url.get_secret_value()
    if url.startswith("sqlite") and not Path(url.removeprefix("sqlite:///")).exists():
        raise click.ClickException(f"There is no database {url}: name the server's with --database-url")

    async def run() -> T:
        async with _opened(store):
            return await call(store)

    return asyncio.run(run())


@asynccontextmanager
async def _opened(store: Store) -> AsyncGenerator[None]:
    await store.open()
    try:
        yield
    finally:
        await store.close()


def _table(found: list[OwnedRun]) -> str:
    head = ("RUN", "STATUS", "FOR", "USER", "THREAD")
    rows = [
        (run.id, run.status, _age(run.created_at), "/".join(filter(None, owner)), run.thread_id) for owner, run in found
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in (head, *rows))


def _age(created_at: str) -> str:
    seconds = int((datetime.now(UTC) - datetime.fromisoformat(created_at)).total_seconds())
    return f"{seconds // 60}m {seconds % 60}s" if seconds >= 60 else f"{max(seconds, 0)}s"
