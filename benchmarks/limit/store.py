"""Reads and turns on SQLite, at the limit: through the standard library, on the event loop, JSON kept as text.

A read is one statement whose rows are joined; a turn is one transaction for the user's message, one for the answer.
"""

import os
import sqlite3
from typing import Any

from benchmarks.limit.asgi import Receive, Send, answer, application, finish, start_stream, write
from benchmarks.limit.frames import (
    THREAD_ID,
    assistant_message,
    closing,
    compact,
    deltas,
    opening,
    script_of,
    stored_thread,
    user_message,
)
from benchmarks.limit.rows import PAGE, new_id, page, stored, thread_page

_SCHEMA = """
create table threads (id text primary key, seq integer, data text) without rowid;
create index threads_seq on threads (seq);
create table items (thread_id text, seq integer, data text, primary key (thread_id, seq)) without rowid;
"""
"""Everything is one user's."""

_THREADS = "select id, data from threads order by seq desc limit ?"
_ITEMS = "select seq, data from items where thread_id = ? order by seq desc limit ?"
_THREAD = "select 0, data from threads where id = ?1 union all select * from (select seq, data from items where \
thread_id = ?1 order by seq limit ?2)"
_ADD_THREAD = "insert into threads select ?1, coalesce(max(seq), 0) + 1, ?2 from threads"
_ADD_ITEM = "insert into items select ?1, coalesce(max(seq), 0) + 1, ?2 from items where thread_id = ?1"


class Database:
    """The connection, opened on first use, which is in the server's process."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    @property
    def connection(self) -> sqlite3.Connection:
        """The open connection; every statement outside a transaction commits."""
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            self._connection.execute("pragma journal_mode = wal")
            self._connection.execute("pragma synchronous = normal")
            self._connection.executescript(_SCHEMA)
        return self._connection


_database = Database(os.environ.get("LIMIT_DATABASE", ":memory:"))


async def _handle(request: Any, receive: Receive, send: Send) -> None:
    kind, params = request["type"], request["params"]
    connection = _database.connection
    if kind == "threads.list":
        rows = connection.execute(_THREADS, (PAGE + 1,)).fetchall()
        await answer(send, page(rows))
    elif kind == "items.list":
        rows = connection.execute(_ITEMS, (params["thread_id"], PAGE + 1)).fetchall()
        await answer(send, page(rows))
    elif kind == "threads.get_by_id":
        rows = connection.execute(_THREAD, (params["thread_id"], PAGE + 1)).fetchall()
        await answer(send, thread_page(rows))
    else:
        await _turn(request, send)


async def _turn(request: Any, send: Send) -> None:
    script = script_of(request)
    connection = _database.connection
    thread = request["params"].get("thread_id")
    if thread is None:
        thread = new_id("thr")
        connection.execute(_ADD_THREAD, (thread, compact(stored_thread(thread))))
    connection.execute(_ADD_ITEM, (thread, stored(user_message(script), new_id("msg"), thread)))
    await start_stream(send)
    await write(send, opening(script).replace(THREAD_ID.encode(), thread.encode()))
    for delta in deltas(script.count):
        await write(send, delta)
    connection.execute(_ADD_ITEM, (thread, stored(assistant_message(script), new_id("msg"), thread)))
    await write(send, closing(script))
    await finish(send)


app = application(_handle)
