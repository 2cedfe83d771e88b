"""All that is stored, by the port and by the model, and the databases that it is stored in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import asyncpg

from fastapi_chatkit.errors import AttachmentNotFound
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.store.base import RunRow, Store
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.contract.machine_calls import ATTACHMENTS, OWNERS, plain
from tests.contract.model import Account, Model, Run
from tests.support.stores import postgres_store

Rows = list[tuple[Any, ...]]
Query = Callable[[str], Awaitable[Rows]]
Everything = dict[Owner, dict[str, Any]]

ALL = PageQuery(1000, "asc")

RUN_COLUMNS = """
SELECT organization_id, user_id, id, thread_id, status, attempt, created_at, ended_at, stop_reason,
    replica, request_key, request_digest, stop_requested, checkpoint FROM runs
"""


class Backend(Protocol):
    """A database that the machines of a test use, one after the other."""

    def store(self) -> Store:
        """A store on it, which is not open."""
        ...

    def beside(self) -> AbstractAsyncContextManager[Query]:
        """A connection beside the store's."""
        ...


@dataclass
class SQLiteBackend:
    """A file."""

    path: Path

    def store(self) -> Store:
        return SQLiteStore(self.path)

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[Query]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys=ON")

            async def query(statement: str) -> Rows:
                return connection.execute(statement).fetchall()

            yield query


@dataclass
class PostgresBackend:
    """A migrated database."""

    url: str

    def store(self) -> Store:
        return postgres_store(self.url)

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[Query]:
        connection = await asyncpg.connect(self.url, server_settings={"search_path": "chatkit"})

        async def query(statement: str) -> Rows:
            return [tuple(row) for row in await connection.fetch(statement)]

        try:
            yield query
        finally:
            await connection.close()


async def clear(query: Query) -> None:
    """Delete all rows."""
    for statement in ("DELETE FROM threads", "DELETE FROM attachments"):
        await query(statement)


def expected(model: Model) -> Everything:
    """What the model says is stored."""
    return {owner: _account(model.account(owner)) for owner in OWNERS}


def _account(account: Account) -> dict[str, Any]:
    threads = account.in_order()
    return {
        "threads": [thread.row for thread in threads],
        "items": {thread.row.id: [plain(entry.row) for entry in thread.entries] for thread in threads},
        "writers": {(thread.row.id, entry.row.id): entry.run_id for thread in threads for entry in thread.entries},
        "shown": {thread.row.id: [entry.row.id for entry in thread.entries if entry.shown] for thread in threads},
        "feedback": {(thread.row.id, key): kind for thread in threads for key, kind in thread.feedback.items()},
        "active": {thread.row.id: _id(account.active(thread.row.id)) for thread in threads},
        "runs": {key: run.row for key, run in account.runs.items()},
        "kept": {key: (run.replica, run.key, run.stop, _json(run.checkpoint)) for key, run in account.runs.items()},
        "attachments": account.attachments,
    }


def _id(run: Run | None) -> str | None:
    return None if run is None else run.row.id


def _json(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def differing(one: Everything, other: Everything) -> dict[tuple[Owner, str], tuple[Any, Any]]:
    """Where two states differ."""
    return {
        (owner, part): (value, other[owner][part])
        for owner, account in one.items()
        for part, value in account.items()
        if value != other[owner][part]
    }


async def stored(store: Store, query: Query) -> Everything:
    """What the store says is stored. Read beside it: what nothing of the port tells (verdicts, fences, what is kept of
    runs), and for speed runs, and which of them wrote items.
    """
    feedback = await query("SELECT organization_id, user_id, thread_id, item_id, kind FROM feedback")
    writers = await query("SELECT organization_id, user_id, thread_id, id, run_id FROM items")
    active = await query("SELECT organization_id, user_id, id, active_run_id FROM threads")
    runs = await query(RUN_COLUMNS)
    everything: Everything = {}
    for owner in OWNERS:
        threads = (await store.list_threads(owner, ALL)).data
        everything[owner] = {
            "threads": threads,
            "items": {thread.id: await _items(store, owner, thread.id) for thread in threads},
            "shown": {thread.id: await _shown(store, owner, thread.id) for thread in threads},
            "writers": _by_item(writers, owner),
            "feedback": _by_item(feedback, owner),
            "active": {thread_id: run_id for *key, thread_id, run_id in active if tuple(key) == owner},
            "runs": {row[2]: RunRow(*row[2:9]) for row in runs if row[:2] == owner},
            "kept": {row[2]: _kept(*row[9:]) for row in runs if row[:2] == owner},
            "attachments": await _attachments(store, owner),
        }
    return everything


async def _items(store: Store, owner: Owner, thread_id: str) -> list[Any]:
    rows = (await store.list_items(owner, thread_id, ALL, hidden=True)).data
    return [plain(row) for row in rows]


async def _shown(store: Store, owner: Owner, thread_id: str) -> list[str]:
    return [row.id for row in (await store.list_items(owner, thread_id, ALL)).data]


def _by_item(rows: Rows, owner: Owner) -> dict[tuple[str, str], str | None]:
    """The last column by thread and item, of rows that begin with their owner."""
    return {(thread_id, item_id): value for *key, thread_id, item_id, value in rows if tuple(key) == owner}


def _kept(replica: str, key: str | None, digest: str, stop: str | None, checkpoint: str | None) -> Any:
    return replica, None if key is None else (key, digest), stop, _json(checkpoint)


async def _attachments(store: Store, owner: Owner) -> dict[str, Any]:
    attachments: dict[str, Any] = {}
    for attachment_id in ATTACHMENTS:
        try:
            attachments[attachment_id] = json.loads(await store.get_attachment(owner, attachment_id))
        except AttachmentNotFound:
            continue
    return attachments
