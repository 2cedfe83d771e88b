"""What is SQLite's alone: the file, its settings, and what happens when it cannot be used."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from fastapi_chatkit.errors import Overloaded
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import PageQuery, ThreadRow
from fastapi_chatkit.store import sqlite as module
from fastapi_chatkit.store.base import StoreError
from fastapi_chatkit.store.script import Script, Step
from fastapi_chatkit.store.sqlite import SQLiteStore

ALICE = Owner("", "alice")


def thread(thread_id: str = "thr_1") -> ThreadRow:
    return ThreadRow(thread_id, None, "2026-01-31T12:00:00.000000Z", '{"type":"active"}', None, "{}")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


async def test_a_committed_write_is_in_the_file(path: Path) -> None:
    store = SQLiteStore(path)
    await store.initialize_schema()
    await store.put_thread(ALICE, thread())
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT id FROM threads").fetchall() == [("thr_1",)]
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    await store.close()


async def test_closing_commits_what_waits_and_leaves_one_file(path: Path) -> None:
    store = SQLiteStore(path)
    await store.initialize_schema()
    writes = [asyncio.create_task(store.put_thread(ALICE, thread(f"thr_{n}"))) for n in range(100)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*writes)
    assert [file.name for file in path.parent.iterdir()] == ["store.db"]
    again = SQLiteStore(path)
    await again.initialize_schema()
    assert len((await again.list_threads(ALICE, PageQuery(1000))).data) == 100
    await again.close()


async def test_a_closed_store_answers_that_it_is_closed_and_can_be_opened_again(path: Path) -> None:
    store = SQLiteStore(path)
    with pytest.raises(Overloaded):
        await store.put_thread(ALICE, thread())
    with pytest.raises(Overloaded):
        await store.ping()
    for _ in range(2):
        await store.initialize_schema()
        await store.put_thread(ALICE, thread())
        await store.close()
        with pytest.raises(Overloaded):
            await store.list_threads(ALICE, PageQuery())


@pytest.mark.parametrize("case", ["folder is missing", "is a folder", "is no database", "may not be written"])
async def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, case: str) -> None:
    path = tmp_path / "store.db"
    match case:
        case "folder is missing":
            path = tmp_path / "missing" / "store.db"
        case "is a folder":
            path.mkdir()
        case "is no database":
            path.write_bytes(b"no database " * 1000)
        case _:
            path = Path("/proc/store.db")
    store = SQLiteStore(path)
    with pytest.raises(StoreError, match=path.name):
        await store.initialize_schema()
    assert not store.is_open
    await store.close()


async def test_a_locked_file_is_an_overload_that_passes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOCK_PATIENCE_SECONDS", 0.1)
    store = SQLiteStore(path)
    await store.initialize_schema()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Overloaded):
            await store.put_thread(ALICE, thread())
        assert (await store.list_threads(ALICE, PageQuery())).data == []
        other.execute("ROLLBACK")
    await store.put_thread(ALICE, thread())
    assert (await store.list_threads(ALICE, PageQuery())).data == [thread()]
    await store.close()


async def test_a_slow_reader_does_not_hold_writers_up(path: Path) -> None:
    store = SQLiteStore(path)
    await store.initialize_schema()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM threads").fetchall()
        async with asyncio.timeout(2):
            await store.put_thread(ALICE, thread())
        assert other.execute("SELECT * FROM threads").fetchall() == []
    await store.close()


async def test_a_store_in_memory_is_gone_when_it_is_closed() -> None:
    store = SQLiteStore(":memory:")
    await store.initialize_schema()
    await store.put_thread(ALICE, thread())
    await store.close()
    await store.initialize_schema()
    assert (await store.list_threads(ALICE, PageQuery())).data == []
    await store.close()


async def test_every_write_is_answered_while_the_store_is_closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its row in the file, or with an error; never not at all."""
    monkeypatch.setattr(module, "COMMITS_PER_CHECKPOINT", 1)
    store = SQLiteStore(path)
    await store.initialize_schema()
    committed: list[str] = []

    async def write(worker: int) -> None:
        for number in range(10_000):
            name = f"thr_{worker}_{number}"
            try:
                await store.put_thread(ALICE, thread(name))
            except Overloaded:
                return
            committed.append(name)

    writers = [asyncio.create_task(write(worker)) for worker in range(8)]
    await asyncio.sleep(0.05)
    async with asyncio.timeout(5):
        await store.close()
        await asyncio.gather(*writers)
    with closing(sqlite3.connect(path)) as other:
        kept = {row[0] for row in other.execute("SELECT id FROM threads")}
    assert set(committed) <= kept


async def test_the_log_is_moved_into_the_database_as_it_grows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COMMITS_PER_CHECKPOINT", 20)
    store = SQLiteStore(path)
    await store.initialize_schema()
    big = thread()._replace(title="x" * 100_000)
    for _ in range(200):
        await store.put_thread(ALICE, big)
    await asyncio.sleep(0.2)
    assert path.with_name("store.db-wal").stat().st_size < 10_000_000
    await store.close()


async def test_an_error_of_ours_in_a_statement_is_no_overload(path: Path) -> None:
    """A bug must not look like a busy database."""
    store = SQLiteStore(path)
    await store.initialize_schema()

    def broken() -> Script[None]:
        yield Step("SELECT nonsense FROM nowhere", {})

    with pytest.raises(sqlite3.Error):
        await store._write(broken)
    with pytest.raises(sqlite3.Error):
        await store._read(broken)
    await store.put_thread(ALICE, thread())
    await store.close()


async def test_a_full_disk_is_an_overload_and_not_the_end(path: Path) -> None:
    """SQLite rolls back by itself then; every waiting writer must be answered, and the next one served."""
    store = SQLiteStore(path)
    await store.initialize_schema()
    connection = store._connection
    assert connection is not None
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count={pages + 2}")
    big = [thread(f"thr_{number}")._replace(title="x" * 50_000) for number in range(4)]
    async with asyncio.timeout(5):
        results = await asyncio.gather(*(store.put_thread(ALICE, row) for row in big), return_exceptions=True)
        assert [type(result) for result in results] == [Overloaded] * 4
        connection.execute("PRAGMA max_page_count=1000000")
        await store.put_thread(ALICE, big[0])
    await store.close()


async def test_a_begin_that_fails_answers_everybody(path: Path) -> None:
    store = SQLiteStore(path)
    await store.initialize_schema()
    connection = store._connection

    class Corrupt:
        def execute(self, *_: object) -> None:
            raise sqlite3.DatabaseError("file is not a database")

    store._connection = Corrupt()  # pyright: ignore[reportAttributeAccessIssue] - what a torn file answers
    async with asyncio.timeout(5):
        for _ in range(2):
            with pytest.raises(sqlite3.DatabaseError):
                await store.put_thread(ALICE, thread())
    store._connection = connection
    await store.put_thread(ALICE, thread())
    await store.close()
