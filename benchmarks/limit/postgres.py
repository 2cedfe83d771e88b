"""Reads, turns and retries on PostgreSQL, at the limit: raw statements over asyncpg, JSON kept as text.

The pool is asyncpg's, its statements are prepared once for each connection, and a connection that is given back is not
reset, for nothing has been set. A turn is a transaction of one statement for the user's message, one for the answer; a
retry is two statements and the answer's.
"""

import asyncio
import os
from typing import Any

import asyncpg

from benchmarks.limit.asgi import Receive, Send, answer, application, finish, start_stream, write
from benchmarks.limit.frames import (
    THREAD_ID,
    assistant_message,
    closing,
    compact,
    deltas,
    frame,
    opening,
    script_of,
    stored_thread,
    user_message,
)
from benchmarks.limit.rows import PAGE, new_id, page, stored, thread_page
from benchmarks.workload import Script

_CONNECTIONS = 10

SCHEMA = """
create table if not exists threads (id text primary key, seq bigserial, data text not null);
create index if not exists threads_seq on threads (seq);
create table if not exists items (thread_id text, seq integer, id text not null, data text not null,
    primary key (thread_id, seq));
create unique index if not exists items_id on items (id);
"""
"""Everything is one user's."""

_THREADS = "select id, data from threads order by seq desc limit $1"
_ITEMS = "select seq, data from items where thread_id = $1 order by seq desc limit $2"
_THREAD = "select 0, data from threads where id = $1 union all (select seq, data from items where thread_id = $1 \
order by seq limit $2)"
_ADD_THREAD = "insert into threads (id, data) values ($1, $2)"
_ADD_ITEM = "insert into items select $1, coalesce(max(seq), 0) + 1, $2, $3 from items where thread_id = $1"
_MESSAGE = "select seq, data from items where thread_id = $1 and id = $2"
_DELETE_AFTER = "delete from items where thread_id = $1 and seq > $2"


class _PlainConnection(asyncpg.Connection):
    """A connection that a pool takes back as it is."""

    def get_reset_query(self) -> str:
        return ""


class Database:
    """The pool, opened on first use, which is in the server's process."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: asyncio.Future[Any] | None = None

    async def fetch(self, statement: str, *values: object) -> list[Any]:
        """The rows of a statement, which is a transaction by itself."""
        if self._pool is None:
            self._pool = asyncio.ensure_future(self._open())
        return await (await self._pool).fetch(statement, *values)

    async def _open(self) -> Any:
        pool = await asyncpg.create_pool(
            self._url, min_size=_CONNECTIONS, max_size=_CONNECTIONS, connection_class=_PlainConnection
        )
        await pool.execute(SCHEMA)
        return pool


_database = Database(os.environ.get("LIMIT_DATABASE", ""))


async def _handle(request: Any, receive: Receive, send: Send) -> None:
    kind, params = request["type"], request["params"]
    if kind == "threads.list":
        await answer(send, page(await _database.fetch(_THREADS, PAGE + 1)))
    elif kind == "items.list":
        await answer(send, page(await _database.fetch(_ITEMS, params["thread_id"], PAGE + 1)))
    elif kind == "threads.get_by_id":
        await answer(send, thread_page(await _database.fetch(_THREAD, params["thread_id"], PAGE + 1)))
    elif kind == "threads.retry_after_item":
        await _retry(params, send)
    else:
        await _turn(request, send)


async def _turn(request: Any, send: Send) -> None:
    script = script_of(request)
    thread = request["params"].get("thread_id")
    if thread is None:
        thread = new_id("thr")
        await _database.fetch(_ADD_THREAD, thread, compact(stored_thread(thread)))
    await _add_item(user_message(script), thread)
    await start_stream(send)
    await write(send, opening(script).replace(THREAD_ID.encode(), thread.encode()))
    await _reply(script, thread, send)


async def _retry(params: Any, send: Send) -> None:
    thread = params["thread_id"]
    rows = await _database.fetch(_MESSAGE, thread, params["item_id"])
    await _database.fetch(_DELETE_AFTER, thread, rows[0][0])
    script = Script.parse(rows[0][1])
    await start_stream(send)
    await write(send, frame({"type": "stream_options", "stream_options": {"allow_cancel": True}}))
    await _reply(script, thread, send)


async def _reply(script: Script, thread: str, send: Send) -> None:
    for delta in deltas(script.count):
        await write(send, delta)
    await _add_item(assistant_message(script), thread)
    await write(send, closing(script))
    await finish(send)


async def _add_item(item: dict[str, Any], thread: str) -> None:
    item_id = new_id("msg")
    await _database.fetch(_ADD_ITEM, thread, item_id, stored(item, item_id, thread))


app = application(_handle)
