"""What a driver, and a way of issuing statements, costs the process: `python -m benchmarks.drivers`.

The figures behind `docs/decisions/0004-postgresql-over-asyncpg.md`. Each row is CPU of this process alone (user and
system, in microseconds) for one unit of work, at 8 at once on 4 connections, in rotation over the rounds:

- `page`: one statement that answers a page of 20 items;
- `turn`: what a turn's admission writes: a thread's counter, a message, a run, durable when it returns. It takes five
  trips to the server (begin, three statements, commit) or one.

It starts a PostgreSQL of its own, as the benchmarks do, and keeps it on the other cores where there are some.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from statistics import median
from typing import Any

import asyncpg
import psqlpy
import uvloop
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from benchmarks.machine import Cores, pin
from benchmarks.postgres import Postgres, url_of

_CONNECTIONS = 4
_AT_ONCE = 8
_ROUNDS = 5
_UNITS = 2_000
_ITEMS = 100

_DDL = f"""
CREATE TABLE threads (org text, usr text, id text, last_seq int, title text, PRIMARY KEY (org, usr, id));
CREATE TABLE items (org text, usr text, thread_id text, id text, seq int, data text,
    PRIMARY KEY (org, usr, thread_id, id), UNIQUE (org, usr, thread_id, seq),
    FOREIGN KEY (org, usr, thread_id) REFERENCES threads ON DELETE CASCADE);
CREATE TABLE runs (org text, usr text, id text, thread_id text, PRIMARY KEY (org, usr, id),
    FOREIGN KEY (org, usr, thread_id) REFERENCES threads ON DELETE CASCADE);
INSERT INTO threads SELECT '', 'alice', 'thr_' || n, {_ITEMS}, NULL FROM generate_series(0, {_AT_ONCE - 1}) n;
INSERT INTO items SELECT '', 'alice', 'thr_0', 'msg_' || n, n, repeat('x', 300) FROM generate_series(1, {_ITEMS}) n;
"""  # noqa: S608 - constants of this file

_PAGE = "SELECT id, seq, data FROM items WHERE org = $1 AND usr = $2 AND thread_id = $3 ORDER BY seq DESC LIMIT $4"
_PAGE_VALUES = ("", "alice", "thr_0", 20)

_NEXT = "UPDATE threads SET last_seq = last_seq + 1 WHERE org = $1 AND usr = $2 AND id = $3 RETURNING last_seq, title"
_ITEM = "INSERT INTO items (org, usr, thread_id, id, seq, data) VALUES ($1, $2, $3, $4, $5, $6)"
_RUN = "INSERT INTO runs (org, usr, id, thread_id) VALUES ($1, $2, $3, $4)"
_ONE = f"""
WITH thread AS ({_NEXT}),
item AS (INSERT INTO items (org, usr, thread_id, id, seq, data) SELECT $1, $2, $3, $4, last_seq, $5 FROM thread),
run AS (INSERT INTO runs (org, usr, id, thread_id) SELECT $1, $2, $6, $3 FROM thread)
SELECT * FROM thread
"""  # noqa: S608 - constants of this file

_DATA = "x" * 300
_numbers = count()

Work = Callable[[int], Awaitable[object]]
"""A unit of work; the number says on which thread, if it writes."""


def _name() -> str:
    return f"{time.monotonic_ns()}_{next(_numbers)}"


def _turn_values(worker: int) -> tuple[str, ...]:
    return "", "alice", f"thr_{worker}", _name(), _DATA, _name()


# --- asyncpg ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _asyncpg(url: str) -> AsyncIterator[dict[str, Work]]:
    """The raw driver, with its pool."""
    async with asyncpg.create_pool(url, min_size=_CONNECTIONS, max_size=_CONNECTIONS) as pool:

        async def page(_: int) -> object:
            async with pool.acquire() as connection:
                return await connection.fetch(_PAGE, *_PAGE_VALUES)

        async def steps(worker: int) -> object:
            async with pool.acquire() as connection, connection.transaction():
                return await _three_statements(connection, worker)

        async def one(worker: int) -> object:
            async with pool.acquire() as connection:
                return await connection.fetch(_ONE, *_turn_values(worker))

        yield _named("asyncpg, its pool", page, one, steps)


@asynccontextmanager
async def _bare_asyncpg(url: str) -> AsyncIterator[dict[str, Work]]:
    """The raw driver over a queue of connections: what its pool adds is seen beside it."""
    connections = [await asyncpg.connect(url) for _ in range(_CONNECTIONS)]
    free: asyncio.Queue[Any] = asyncio.Queue()
    for connection in connections:
        free.put_nowait(connection)

    async def lend(call: Callable[[Any], Awaitable[object]]) -> object:
        connection = await free.get()
        try:
            return await call(connection)
        finally:
            free.put_nowait(connection)

    async def transact(connection: Any, worker: int) -> object:
        await connection.execute("BEGIN")
        await _three_statements(connection, worker)
        return await connection.execute("COMMIT")

    yield _named(
        "asyncpg, a queue",
        lambda _: lend(lambda connection: connection.fetch(_PAGE, *_PAGE_VALUES)),
        lambda worker: lend(lambda connection: connection.fetch(_ONE, *_turn_values(worker))),
        lambda worker: lend(lambda connection: transact(connection, worker)),
    )
    for connection in connections:
        await connection.close()


async def _three_statements(connection: Any, worker: int) -> object:
    org, usr, thread, item, data, run = _turn_values(worker)
    rows = await connection.fetch(_NEXT, org, usr, thread)
    await connection.fetch(_ITEM, org, usr, thread, item, rows[0][0], data)
    return await connection.fetch(_RUN, org, usr, run, thread)


# --- SQLAlchemy Core ----------------------------------------------------------------------------------------------


@asynccontextmanager
async def _sqlalchemy(url: str, driver: str) -> AsyncIterator[dict[str, Work]]:
    """Core's cached text statements over a driver."""
    engine: AsyncEngine = create_async_engine(
        url.replace("postgresql://", f"postgresql+{driver}://", 1), pool_size=_CONNECTIONS, max_overflow=0
    )
    page_sql, next_sql, item_sql, run_sql, one_sql = (text(_colons(sql)) for sql in (_PAGE, _NEXT, _ITEM, _RUN, _ONE))

    async def page(_: int) -> object:
        async with engine.connect() as connection:
            return (await connection.execute(page_sql, _values(*_PAGE_VALUES))).fetchall()

    async def steps(worker: int) -> object:
        org, usr, thread, item, data, run = _turn_values(worker)
        async with engine.begin() as connection:
            row = (await connection.execute(next_sql, _values(org, usr, thread))).one()
            await connection.execute(item_sql, _values(org, usr, thread, item, row[0], data))
            return await connection.execute(run_sql, _values(org, usr, run, thread))

    async def one(worker: int) -> object:
        async with engine.begin() as connection:
            return (await connection.execute(one_sql, _values(*_turn_values(worker)))).fetchall()

    name = f"SQLAlchemy Core, {driver}"
    yield {f"{name}: page": page, f"{name}: turn, 5 trips": steps, f"{name}: turn, 1 statement": one}
    await engine.dispose()


def _colons(sql: str) -> str:
    for number in range(1, 7):
        sql = sql.replace(f"${number}", f"CAST(:p{number} AS {'int' if _is_number(sql, number) else 'text'})")
    return sql


def _is_number(sql: str, number: int) -> bool:
    return (sql.startswith("SELECT") and number == 4) or (sql.startswith("INSERT INTO items") and number == 5)


def _values(*values: object) -> dict[str, object]:
    return {f"p{number}": value for number, value in enumerate(values, 1)}


# --- psycopg and psqlpy -------------------------------------------------------------------------------------------


@asynccontextmanager
async def _psycopg(url: str) -> AsyncIterator[dict[str, Work]]:
    """psycopg 3 with its C part and prepared statements."""
    keywords = {"prepare_threshold": 0, "autocommit": True, "row_factory": tuple_row}
    page_sql, next_sql, item_sql, run_sql = (_percent(sql) for sql in (_PAGE, _NEXT, _ITEM, _RUN))
    one_sql = _percent(_ONE)
    async with AsyncConnectionPool(url, min_size=_CONNECTIONS, max_size=_CONNECTIONS, kwargs=keywords) as pool:

        async def page(_: int) -> object:
            async with pool.connection() as connection:
                return await (await connection.execute(page_sql, _values(*_PAGE_VALUES))).fetchall()

        async def steps(worker: int) -> object:
            org, usr, thread, item, data, run = _turn_values(worker)
            async with pool.connection() as connection, connection.transaction():
                row = await (await connection.execute(next_sql, _values(org, usr, thread))).fetchone()
                assert row is not None
                await connection.execute(item_sql, _values(org, usr, thread, item, row[0], data))
                return await connection.execute(run_sql, _values(org, usr, run, thread))

        async def one(worker: int) -> object:
            async with pool.connection() as connection:
                return await (await connection.execute(one_sql, _values(*_turn_values(worker)))).fetchall()

        yield _named("psycopg, its pool", page, one, steps)


def _percent(sql: str) -> bytes:
    for number in range(1, 7):
        sql = sql.replace(f"${number}", f"%(p{number})s")
    return sql.encode()


@asynccontextmanager
async def _psqlpy(url: str) -> AsyncIterator[dict[str, Work]]:
    """psqlpy: Rust's tokio-postgres, on threads of its own."""
    pool = psqlpy.ConnectionPool(dsn=url, max_db_pool_size=_CONNECTIONS)

    async def page(_: int) -> object:
        connection = await pool.connection()
        return (await connection.fetch(_PAGE, _PAGE_VALUES)).result()

    async def one(worker: int) -> object:
        connection = await pool.connection()
        return (await connection.fetch(_ONE, _turn_values(worker))).result()

    yield _named("psqlpy, its pool", page, one)
    pool.close()


def _named(driver: str, page: Work, one: Work, steps: Work | None = None) -> dict[str, Work]:
    several = {f"{driver}: turn, 5 trips": steps} if steps else {}
    return {f"{driver}: page": page, **several, f"{driver}: turn, 1 trip": one}


# --- measuring ----------------------------------------------------------------------------------------------------


async def _measure(work: Work, units: int) -> float:
    """CPU of this process for one unit, in microseconds."""

    async def worker(number: int) -> None:
        for _ in range(units // _AT_ONCE):
            await work(number)

    before = time.process_time()
    await asyncio.gather(*(worker(number) for number in range(_AT_ONCE)))
    return (time.process_time() - before) / units * 1e6


async def _samples(url: str) -> dict[str, list[float]]:
    """A sample of each work per round, all in turn."""
    works: dict[str, Work] = {}
    async with AsyncExitStack() as stack:
        for driver in (
            _asyncpg(url),
            _bare_asyncpg(url),
            _sqlalchemy(url, "asyncpg"),
            _sqlalchemy(url, "psycopg"),
            _psycopg(url),
            _psqlpy(url),
        ):
            works |= await stack.enter_async_context(driver)
        for work in works.values():
            await _measure(work, _AT_ONCE * 20)
        samples: dict[str, list[float]] = {name: [] for name in works}
        for number in range(_ROUNDS):
            print(f"round {number + 1}/{_ROUNDS}", file=sys.stderr, flush=True)
            for name, work in works.items():
                samples[name].append(await _measure(work, _UNITS))
    return samples


async def main() -> None:
    """Measure everything, in turn, and print a row each: the median, the least and the greatest."""
    cores, postgres = Cores.of_this_process(), Postgres()
    try:
        pin(0, cores.load)  # where PostgreSQL stays, which inherits it
        url = url_of(await postgres.create_database())
        pin(0, cores.server)
        setup = await asyncpg.connect(url)
        await setup.execute(_DDL)
        await setup.close()
        for name, values in (await _samples(url)).items():
            print(f"{name:45} {median(values):6.0f} us   ({min(values):.0f} - {max(values):.0f})")
    finally:
        await postgres.close()


if __name__ == "__main__":
    uvloop.run(main())
