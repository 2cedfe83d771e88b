"""The store while PostgreSQL is restarted, killed, frozen, locked: errors are ``Overloaded``, in time, and nothing that
was acknowledged is lost.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg
import pytest

from fastapi_chatkit.errors import ItemNotFound, Overloaded, RunNotFound
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.store.base import RunStart
from fastapi_chatkit.store.postgres import PostgresStore
from tests.contract.rows import ALICE, BOB, assistant, fill, new_message, run
from tests.support.postgres import OwnPostgres, execute, fetch
from tests.support.stores import migrated_database, postgres_store

PROMISED_SECONDS = 5.0
POOL = 4
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fastapi-chatkit'"


@pytest.fixture
async def url(unlucky: OwnPostgres) -> str:
    return await migrated_database(unlucky)


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    store = postgres_store(url, pool_size=POOL, statement_timeout=1)
    await store.open()
    yield store
    await store.close()


@asynccontextmanager
async def locked(url: str, mode: str, *tables: str) -> AsyncIterator[None]:
    """Somebody holds a lock on tables."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for table in tables:
                await connection.execute(f"LOCK TABLE chatkit.{table} IN {mode} MODE")
            yield
    finally:
        await connection.close()


async def overloaded(call: Awaitable[object]) -> bool:
    """Whether a call fails as an overload, within the time that is promised."""
    started = time.monotonic()
    try:
        await call
    except Overloaded:
        return True
    finally:
        assert time.monotonic() - started < PROMISED_SECONDS
    return False


def put(store: PostgresStore, number: int) -> Awaitable[None]:
    return store.put_item(ALICE, "thr_1", assistant(f"msg_{number}"))


# --- restarts -----------------------------------------------------------------------------------------------------


class Writer:
    """Adds items to a thread of its own, one after the other, and remembers which were acknowledged."""

    def __init__(self, store: PostgresStore, number: int) -> None:
        self._store = store
        self.owner = Owner("", f"user{number}")
        self.acknowledged: list[str] = []
        self.errors: list[BaseException] = []

    async def write(self, stop: asyncio.Event) -> None:
        number = 0
        while not stop.is_set():
            item_id = f"msg_{number:05}"
            number += 1
            try:
                await self._store.put_item(self.owner, "thr_1", assistant(item_id))
            except Exception as error:  # noqa: BLE001 - which one it is, is what is tested
                self.errors.append(error)
                await asyncio.sleep(0.01)
            else:
                self.acknowledged.append(item_id)


def stop_and_start(server: OwnPostgres) -> None:
    server.stop()
    server.start()


def kill_and_start(server: OwnPostgres) -> None:
    server.kill()
    time.sleep(0.3)
    server.start()


@pytest.mark.parametrize("restart", [stop_and_start, kill_and_start])
async def test_restarts_under_load_lose_nothing_that_was_acknowledged(
    store: PostgresStore, unlucky: OwnPostgres, restart: Callable[[OwnPostgres], None]
) -> None:
    writers = [Writer(store, number) for number in range(8)]
    for writer in writers:
        await fill(store, owner=writer.owner)
    stop = asyncio.Event()
    tasks = [asyncio.create_task(writer.write(stop)) for writer in writers]
    for _ in range(5):
        await asyncio.sleep(0.3)
        await asyncio.to_thread(restart, unlucky)
    await asyncio.sleep(0.5)
    stop.set()
    await asyncio.gather(*tasks)
    for writer in writers:
        stored = await store.list_items(writer.owner, "thr_1", PageQuery(100_000, "asc"))
        ids = [row.id for row in stored.data]
        assert ids == sorted(set(ids))
        assert set(writer.acknowledged) <= set(ids)
        assert len(writer.acknowledged) > 50
        assert all(isinstance(error, Overloaded) for error in writer.errors), writer.errors


async def test_a_short_restart_costs_readers_nothing(store: PostgresStore, unlucky: OwnPostgres) -> None:
    await fill(store, assistant("msg_1"))
    stop_and_start(unlucky)
    found = await asyncio.gather(*(store.get_item(ALICE, "thr_1", "msg_1") for _ in range(20)))
    assert {row.id for row in found} == {"msg_1"}


async def test_admissions_under_restarts_are_whole_or_not_at_all(
    store: PostgresStore, unlucky: OwnPostgres, url: str
) -> None:
    await fill(store)
    acknowledged: list[int] = []
    stop = asyncio.Event()

    async def admit(worker: int) -> None:
        number = worker
        while not stop.is_set():
            number += 100
            try:
                await store.admit(ALICE, new_message(f"msg_{number}"), RunStart(f"run_{number}", "now"))
            except Overloaded:
                await asyncio.sleep(0.01)
            else:
                acknowledged.append(number)

    tasks = [asyncio.create_task(admit(worker)) for worker in range(8)]
    for _ in range(5):
        await asyncio.sleep(0.2)
        await asyncio.to_thread(kill_and_start, unlucky)
    await asyncio.sleep(0.3)
    stop.set()
    await asyncio.gather(*tasks)
    messages = {row[0][4:] for row in await fetch(url, "SELECT id FROM chatkit.items")}
    runs = {row[0][4:] for row in await fetch(url, "SELECT id FROM chatkit.runs")}
    assert messages == runs
    assert {str(number) for number in acknowledged} <= messages
    assert len(acknowledged) > 50


async def test_while_the_server_is_away_everything_is_overloaded_in_time_and_then_works_again(
    store: PostgresStore, unlucky: OwnPostgres
) -> None:
    await fill(store, assistant("msg_1"))
    unlucky.stop()
    calls = [
        store.get_item(ALICE, "thr_1", "msg_1"),
        store.list_threads(BOB, PageQuery()),
        store.put_item(ALICE, "thr_1", assistant("msg_2")),
        store.admit(ALICE, new_message("msg_3"), run()),
    ]
    assert all(await asyncio.gather(*map(overloaded, calls)))
    unlucky.start()
    assert (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"
    for missing in (store.get_item(ALICE, "thr_1", "msg_2"), store.get_item(ALICE, "thr_1", "msg_3")):
        with pytest.raises(ItemNotFound):
            await missing
    with pytest.raises(RunNotFound):
        await store.get_run(ALICE, "run_1")


async def test_a_frozen_server_is_overloaded_in_time_and_then_works_again(
    store: PostgresStore, unlucky: OwnPostgres
) -> None:
    await fill(store, assistant("msg_1"))
    unlucky.freeze()
    reads = [store.get_item(ALICE, "thr_1", "msg_1") for _ in range(3 * POOL)]
    writes = [store.put_item(ALICE, "thr_1", assistant(f"msg_{number}")) for number in range(3 * POOL)]
    assert all(await asyncio.gather(*map(overloaded, [*reads, *writes])))
    unlucky.thaw()
    assert (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"
    await store.put_item(ALICE, "thr_1", assistant("msg_after"))


async def test_connections_that_were_ended_are_replaced(store: PostgresStore, url: str) -> None:
    await fill(store, assistant("msg_1"))
    for _ in range(20):
        await execute(
            url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fastapi-chatkit'"
        )
        assert (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"
        await store.put_item(ALICE, "thr_1", assistant("msg_1"))


# --- locks --------------------------------------------------------------------------------------------------------


async def test_locked_writes_are_overloaded_and_reads_go_on(store: PostgresStore, url: str) -> None:
    await fill(store, assistant("msg_1"))
    async with locked(url, "EXCLUSIVE", "threads", "items"):
        writes = [
            asyncio.create_task(overloaded(store.put_item(ALICE, "thr_1", assistant(f"msg_{n}")))) for n in range(30)
        ]
        await asyncio.sleep(0.2)
        for _ in range(20):
            async with asyncio.timeout(0.5):
                assert (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"
                assert (await store.list_threads(BOB, PageQuery())).data == []
        assert all(await asyncio.gather(*writes))
    await store.put_item(ALICE, "thr_1", assistant("msg_2"))


async def test_locked_items_leave_the_lists_of_threads_alone(store: PostgresStore, url: str) -> None:
    await fill(store, assistant("msg_1"))
    async with locked(url, "ACCESS EXCLUSIVE", "items"):
        reads = [asyncio.create_task(overloaded(store.get_item(ALICE, "thr_1", "msg_1"))) for _ in range(30)]
        writes = [asyncio.create_task(overloaded(put(store, n))) for n in range(30)]
        await asyncio.sleep(0.2)
        for _ in range(20):
            async with asyncio.timeout(0.5):
                assert (await store.list_threads(BOB, PageQuery())).data == []
        assert all(await asyncio.gather(*reads, *writes))
    assert (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"


async def test_callers_that_go_away_leave_no_connection_behind(store: PostgresStore, url: str) -> None:
    await fill(store, assistant("msg_1"))
    async with locked(url, "ACCESS EXCLUSIVE", "items"):
        tasks = [asyncio.create_task(store.get_item(ALICE, "thr_1", "msg_1")) for _ in range(20)]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    found = await asyncio.gather(*(store.get_item(ALICE, "thr_1", "msg_1") for _ in range(20)))
    assert len(found) == 20
