"""The store while PostgreSQL is restarted, killed, frozen, locked: errors are ``Overloaded``, in time, and nothing that
was acknowledged is lost.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_chatkit.errors import InDoubt, ItemNotFound, Overloaded, RunNotFound
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.runs.patience import patiently
from fastapi_chatkit.settings import StoreConfig
from fastapi_chatkit.store.base import Admitted, Checkpoint, RequestKey, RunEnd, RunStart, StoreError
from fastapi_chatkit.store.postgres import PostgresStore
from tests.contract.rows import ALICE, BOB, admit, assistant, attachment, fill, new_message, run
from tests.support.postgres import OwnPostgres, Postgres, database_of, database_url, execute, fetch, run_apart
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


async def put(store: PostgresStore, number: int) -> None:
    await store.put_item(ALICE, "thr_1", assistant(f"msg_{number}"))


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
        """Half of them begin threads, which is one statement; the others wait in line, which is a transaction."""
        number = worker
        while not stop.is_set():
            number += 100
            place = {"thread_id": f"thr_{number}", "new": True} if worker % 2 else {}
            start = RunStart(f"run_{number}", "now", max_waiting=1_000_000)
            try:
                await store.admit(ALICE, new_message(f"msg_{number}", **place), start)
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
    active = "SELECT thread_id, id FROM chatkit.runs WHERE status = 'running'"
    named = "SELECT id, active_run_id FROM chatkit.threads WHERE active_run_id IS NOT NULL"
    assert sorted(await fetch(url, active)) == sorted(await fetch(url, named))
    assert await fetch(url, "SELECT count(*) FROM chatkit.threads WHERE active_run_id IS NULL") == [(0,)]


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


async def test_a_transaction_that_began_while_its_caller_left_is_not_left_open(
    store: PostgresStore, unlucky: OwnPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.gather(*(store.get_item(ALICE, "thr_1", "msg_1") for _ in range(POOL)), return_exceptions=True)
    unlucky.freeze()
    checkpoint = Checkpoint(ALICE, "run_1", "[]", 1)
    assert await overloaded(store.checkpoint_runs([checkpoint, checkpoint]))
    unlucky.thaw()
    await store.checkpoint_runs([checkpoint, checkpoint])
    await store.close()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


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


# --- turns --------------------------------------------------------------------------------------------------------


async def test_a_run_that_overtook_those_that_wait_is_waited_for(store: PostgresStore, url: str) -> None:
    """An admission that waits for the thread's row has looked for runs that wait before it waited. What others do
    meanwhile (a run came, another waits for it, the first has ended) it does not see: it goes on at once.
    """
    await fill(store)
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute("UPDATE chatkit.threads SET updated_at = updated_at")
        admitting = asyncio.create_task(store.admit(ALICE, new_message("msg_2"), run("run_2")))
        blocked = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        while not await connection.fetchval(blocked):
            await asyncio.sleep(0.01)
        await connection.execute(
            """INSERT INTO chatkit.items VALUES ('', 'alice', 'thr_1', 'msg_1', 1, 'user_message', FALSE, 'run_1',
                '{"id":"msg_1","type":"user_message"}');
            INSERT INTO chatkit.runs (organization_id, user_id, id, thread_id, seq, status, attempt, created_at)
                VALUES ('', 'alice', 'run_1', 'thr_1', 1, 'queued', 1, '2026');
            UPDATE chatkit.threads SET last_seq = 1"""
        )
    await connection.close()
    admitted = await admitting
    assert isinstance(admitted, Admitted)
    order = [("run_1", new_message("msg_1")), ("run_2", new_message("msg_2"))]
    for run_id, message in order if admitted.waits else reversed(order):
        assert (await store.current_run(ALICE, "thr_1")).id == run_id
        assert await store.start_run(ALICE, message, run_id)
        for owned in await store.active_runs(9):
            if owned.run.id != run_id:
                assert await store.start_run(ALICE, dict(order)[owned.run.id], owned.run.id) is None
        await store.put_item(ALICE, "thr_1", assistant(f"answer_{run_id}"), run_id)
        await store.end_run(ALICE, RunEnd(run_id, "thr_1", "completed", None, "now"))


# --- what is in doubt, and what is not ----------------------------------------------------------------------------


async def test_a_run_that_was_abandoned_is_not_admitted_any_more(store: PostgresStore) -> None:
    await fill(store)
    await store.abandon_run(ALICE, RunEnd("run_1", "thr_1", "failed", "overloaded", "now"), new_thread=False)
    with pytest.raises(Overloaded):
        await store.admit(ALICE, new_message("msg_1"), run())
    assert (await store.list_items(ALICE, "thr_1", PageQuery())).data == []
    assert (await store.get_run(ALICE, "run_1")).status == "failed"


async def test_a_run_that_was_stored_after_all_is_ended_by_abandoning_it(store: PostgresStore) -> None:
    await store.admit(ALICE, new_message("msg_1", new=True), run())
    await store.abandon_run(ALICE, RunEnd("run_1", "thr_1", "failed", "overloaded", "now"), new_thread=False)
    stored = await store.get_run(ALICE, "run_1")
    assert (stored.status, stored.stop_reason, stored.ended_at) == ("failed", "overloaded", "now")
    await store.abandon_run(ALICE, RunEnd("run_1", "thr_1", "cancelled", None, "later"), new_thread=False)
    assert await store.get_run(ALICE, "run_1") == stored
    await store.admit(ALICE, new_message("msg_2"), run("run_2"))
    assert (await store.get_run(ALICE, "run_2")).status == "running"


@pytest.mark.parametrize("new", [True, False], ids=["new thread", "thread"])
async def test_taking_back_waits_for_whoever_is_being_told(store: PostgresStore, url: str, new: bool) -> None:
    """The confirmation is not committed yet when the other process begins."""
    if not new:
        await fill(store)
    keyed = replace(run("run_1"), key=RequestKey("key", "digest", "2000"))
    await store.admit(ALICE, new_message("msg_1", new=new), keyed)
    confirming = await asyncpg.connect(url)
    await confirming.execute("BEGIN; UPDATE chatkit.runs SET confirmed_at = 'now' WHERE request_key IS NOT NULL")
    end = RunEnd("run_1", "thr_1", "failed", "overloaded", "now")
    taking_back = asyncio.create_task(store.abandon_run(ALICE, end, new_thread=new))
    await asyncio.sleep(0.3)
    assert not taking_back.done()
    await confirming.execute("COMMIT")
    await confirming.close()
    await taking_back
    assert [item.id for item in (await store.list_items(ALICE, "thr_1", PageQuery())).data] == ["msg_1"]
    assert (await store.get_run(ALICE, "run_1")).status == "failed"


async def test_connections_that_had_ended_before_leave_no_doubt(store: PostgresStore, url: str) -> None:
    await fill(store)
    await asyncio.gather(*(store.list_items(ALICE, "thr_1", PageQuery()) for _ in range(10)))
    for number in range(10):
        await execute(url, END_ALL)
        await asyncio.sleep(0.05)
        await store.admit(ALICE, new_message(f"msg_{number}"), run(f"run_{number}"))
        await store.end_run(ALICE, RunEnd(f"run_{number}", "thr_1", "completed", None, "now"))


async def test_a_deadlock_leaves_no_doubt(url: str) -> None:
    """Somebody has the attachment and wants the thread, a message has the thread and wants the attachment."""
    store = postgres_store(url)
    await store.open()
    await fill(store)
    await store.put_attachment(ALICE, attachment("atc_1"))
    connection = await asyncpg.connect(url)
    await connection.execute("BEGIN")
    await connection.execute("SELECT 1 FROM chatkit.attachments FOR UPDATE")
    admitting = asyncio.create_task(admit(store, new_message("msg_1", "thr_1", "atc_1"), run()))
    await asyncio.sleep(0.2)
    with suppress(asyncpg.DeadlockDetectedError):  # one of the two, as PostgreSQL likes
        await connection.execute("SELECT 1 FROM chatkit.threads FOR UPDATE")
    await connection.close()
    assert (await admitting).thread.id == "thr_1"
    await store.close()


async def test_a_primary_that_became_a_standby_is_left_for_the_new_one(unlucky: OwnPostgres) -> None:
    old = await migrated_database(unlucky)
    other = OwnPostgres()
    try:
        name = database_of(old)
        await execute(other.url, f'CREATE DATABASE "{name}"')
        new = database_url(other.url, name)
        standby = postgres_store(new)
        await standby.initialize_schema()
        await standby.close()
        hosts = f"127.0.0.1:{unlucky.port},127.0.0.1:{other.port}"
        store = postgres_store(f"postgresql://postgres@{hosts}/{name}", pool_size=POOL)
        await store.open()
        await fill(store, assistant("msg_1"))
        await execute(old, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
        await execute(old, "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
        await asyncio.sleep(0.2)
        await fill(store, assistant("msg_2"))
        assert await fetch(new, "SELECT id FROM chatkit.items") == [("msg_2",)]
        await store.close()
    finally:
        await execute(old, "SET default_transaction_read_only = off", "ALTER SYSTEM RESET ALL")
        await execute(old, "SELECT pg_reload_conf()")
        other.remove()


# --- an engine of the application's -------------------------------------------------------------------------------


@pytest.fixture
async def lent(url: str) -> AsyncIterator[PostgresStore]:
    """A store on an engine with two connections, which gives up waiting for one before the store does."""
    engine = create_async_engine(
        url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=2, max_overflow=0, pool_timeout=0.3
    )
    store = PostgresStore(StoreConfig(pool_size=9, statement_timeout=1), engine=engine)
    await store.open()
    yield store
    await store.close()
    await engine.dispose()


async def test_a_lent_pool_that_is_exhausted_is_an_overload(lent: PostgresStore, url: str) -> None:
    await fill(lent, assistant("msg_1"))
    async with locked(url, "ACCESS EXCLUSIVE", "items"):
        reads = [overloaded(lent.get_item(ALICE, "thr_1", "msg_1")) for _ in range(6)]
        assert all(await asyncio.gather(*reads))
    assert (await lent.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"


async def test_a_lent_pool_survives_a_restart_without_doubt(lent: PostgresStore, unlucky: OwnPostgres) -> None:
    await fill(lent, assistant("msg_1"))
    await asyncio.gather(*(lent.get_item(ALICE, "thr_1", "msg_1") for _ in range(6)))
    for number in range(3):
        stop_and_start(unlucky)
        await asyncio.sleep(0.1)
        await lent.admit(ALICE, new_message(f"msg_new_{number}"), run(f"run_{number}"))
        assert (await lent.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"
    unlucky.stop()
    assert await overloaded(lent.get_item(ALICE, "thr_1", "msg_1"))


# --- event loops --------------------------------------------------------------------------------------------------


def test_a_store_may_be_used_in_one_loop_after_the_other(postgres: Postgres) -> None:
    url = run_apart(migrated_database(postgres))
    store = postgres_store(url)

    async def use(item_id: str, *, close: bool) -> None:
        assert not store.is_open
        await store.open()
        await fill(store, assistant(item_id))
        if close:
            await store.close()

    run_apart(use("msg_1", close=True))
    run_apart(use("msg_2", close=True))
    assert len(run_apart(fetch(url, "SELECT id FROM chatkit.items"))) == 2


async def test_a_store_that_is_open_in_another_loop_says_so(store: PostgresStore) -> None:
    async def read() -> None:
        await store.list_threads(ALICE, PageQuery())

    with pytest.raises(StoreError, match="open in another event loop"):
        await asyncio.to_thread(asyncio.run, read())


async def test_a_store_that_is_closed_while_it_is_opened_is_closed(url: str) -> None:
    store = postgres_store(url)
    opening = asyncio.create_task(store.open())
    await asyncio.sleep(0)
    await store.close()
    await opening
    assert not store.is_open
    with pytest.raises(Overloaded):
        await store.list_threads(ALICE, PageQuery())


# --- what is left behind ------------------------------------------------------------------------------------------


async def test_statements_whose_callers_left_do_not_pile_up(store: PostgresStore, url: str) -> None:
    await fill(store, assistant("msg_1"))
    sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'fastapi-chatkit'"
    async with locked(url, "ACCESS EXCLUSIVE", "items"):
        for _ in range(4):
            tasks: list[asyncio.Task[Any]] = []
            tasks += [asyncio.create_task(store.get_item(ALICE, "thr_1", "msg_1")) for _ in range(20)]
            tasks += [asyncio.create_task(put(store, number)) for number in range(5)]
            await asyncio.sleep(0.1)
            for task in tasks:
                task.cancel()
            assert (await fetch(url, sessions))[0][0] <= POOL
    assert (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"


async def test_a_commit_that_hangs_is_settled_when_it_is_done(
    store: PostgresStore, unlucky: OwnPostgres, url: str
) -> None:
    """A standby that has to confirm is gone: the commit is done here, and its caller is told 503."""
    await fill(store)
    await execute(url, "ALTER SYSTEM SET synchronous_standby_names = 'gone'", "SELECT pg_reload_conf()")
    await asyncio.sleep(0.2)
    try:
        for number, (thread_id, new) in enumerate([("thr_1", False), ("thr_new", True)]):
            with pytest.raises(InDoubt):
                await store.admit(ALICE, new_message(f"msg_{number}", thread_id, new=new), run(f"run_{number}"))
        ends = [RunEnd("run_0", "thr_1", "failed", "overloaded", "now")]
        ends.append(RunEnd("run_1", "thr_new", "failed", "overloaded", "now"))
        settling = [
            asyncio.create_task(
                patiently(partial(store.abandon_run, ALICE, end, new_thread=end.thread_id == "thr_new"), end.run_id)
            )
            for end in ends
        ]
        await asyncio.sleep(2)
    finally:
        await execute(unlucky.url, "ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")
    await asyncio.gather(*settling)
    assert await fetch(url, "SELECT id, status FROM chatkit.runs") == [("run_0", "failed")]
    assert await fetch(url, "SELECT id FROM chatkit.items") == []  # whoever asked was told to ask again
    assert await fetch(url, "SELECT id FROM chatkit.threads") == [("thr_1",)]


async def test_a_frozen_server_is_not_waited_for_at_the_start(unlucky: OwnPostgres, url: str) -> None:
    store = postgres_store(url)
    unlucky.freeze()
    started = time.monotonic()
    with pytest.raises(StoreError, match="it does not answer"):
        await store.open()
    assert time.monotonic() - started < 6
    unlucky.thaw()
    await store.open()
    await store.close()


async def test_a_store_whose_schema_has_gone_is_not_ready(store: PostgresStore, url: str) -> None:
    await store.ping()
    await execute(url, "UPDATE chatkit.alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError):
        await store.ping()
    await execute(url, "ALTER SCHEMA chatkit RENAME TO away")
    with pytest.raises(asyncpg.UndefinedTableError):
        await store.ping()
