"""Transactions: beside the chat's in one SQLite file, locked out, and prepared by many at once."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from chatkit.types import ThreadMetadata
from fastapi import FastAPI
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from examples.taskflow import api
from examples.taskflow.domain import projects, tasks
from examples.taskflow.domain.audit import Work
from examples.taskflow.domain.database import Database
from examples.taskflow.domain.inputs import NewTask
from examples.taskflow.domain.tables import Entry, Project, Task
from fastapi_chatkit.store import SQLiteStore
from tests.support.database import query
from tests.support.postgres import Postgres, run_apart
from tests.support.taskflow import TOKENS

ALICE = {"user_id": "alice"}


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/chatkit.db", patience=0.05)
        database.prepare()
        yield database
        database.close()
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = run_apart(postgres.create_database())
    database = Database(f"{url}?ssl=disable&prepared_statement_cache_size=0")
    database.prepare()
    yield database
    database.close()
    run_apart(postgres.drop_database(url))


def add(database: Database, title: str) -> int:
    with database.writing() as session:
        project_id = projects.default_id(session, "alice") or projects.make_default(session, "alice", "api")
        work = Work(session, projects.visible(session, "alice", project_id, lock=True), "alice", "api")
        return tasks.add(work, NewTask(title=title))[0].number


def add_and_fail(database: Database) -> None:
    with database.writing() as session:
        project = projects.visible(session, "alice", 1, lock=True)
        tasks.add(Work(session, project, "alice", "api"), NewTask(title="lost"))
        session.flush()
        raise ZeroDivisionError


def titles(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Task.title).order_by(Task.key)))


def test_a_transaction_that_fails_leaves_nothing_behind(database: Database) -> None:
    add(database, "kept")
    with pytest.raises(ZeroDivisionError):
        add_and_fail(database)
    assert titles(database) == ["kept"]
    assert add(database, "next") == 2
    with database.reading() as session:
        assert list(session.scalars(select(Entry.title).where(Entry.action == "created"))) == ["kept", "next"]


def test_the_database_itself_refuses_what_must_be_there_once(database: Database) -> None:
    add(database, "a task")
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(Project(name="Default", owner="alice", is_default=True))
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(Task(project_id=1, number=1, title="again"))
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(Task(project_id=1, number=2, title="for nobody", assignee="zoe"))
    with database.writing() as session:
        session.add(Project(name="Default", owner="alice"))  # of that name, but not the one of her own


def test_the_loser_of_a_race_for_the_default_project_gets_the_winners(database: Database) -> None:
    ready = threading.Barrier(8)

    def make(_: int) -> int:
        ready.wait()
        with database.writing() as session:
            return projects.make_default(session, "carol", "api")

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(make, range(8)))) == 1


def test_preparing_again_and_by_many_at_once_changes_nothing(database: Database) -> None:
    add(database, "a task")
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: database.prepare(), range(4)))
    assert titles(database) == ["a task"]


def test_a_new_file_is_prepared_by_many_at_once(tmp_path: Path) -> None:
    databases = [Database(f"sqlite:///{tmp_path}/new.db") for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(Database.prepare, databases))
    assert query(tmp_path / "new.db", "PRAGMA journal_mode") == [("wal",)]
    for database in databases:
        database.close()


async def test_the_chats_store_and_tasks_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "chatkit.db"
    store, database = SQLiteStore(path), Database(f"sqlite:///{path}")
    await asyncio.gather(store.open(), asyncio.to_thread(database.prepare))
    thread = ThreadMetadata(id="thr_1", created_at=datetime.now(UTC))
    release = threading.Event()

    def hold() -> None:
        with database.writing() as session:
            session.execute(text("SELECT 1"))
            assert release.wait(30)

    holding = asyncio.create_task(asyncio.to_thread(hold))
    while not _locked(path):
        await asyncio.sleep(0.01)
    writing = asyncio.create_task(store.save_thread(thread, ALICE))
    await asyncio.sleep(0.1)
    assert not writing.done()  # it waits without holding the loop
    assert await _thread_ids(store) == []
    release.set()
    await holding
    await writing
    assert await _thread_ids(store) == ["thr_1"]
    assert await asyncio.to_thread(add, database, "beside it") == 1
    await store.close()
    database.close()


async def test_a_database_that_is_locked_is_said_to_be_busy(tmp_path: Path) -> None:
    path = tmp_path / "chatkit.db"
    database, other = Database(f"sqlite:///{path}", patience=0.05), Database(f"sqlite:///{path}")
    database.prepare()
    app = FastAPI()
    app.include_router(api.router)
    app.state.database, app.state.tokens = database, TOKENS
    headers = {"Authorization": f"Bearer {TOKENS.sign('alice')}"}
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
        with other.writing() as session:
            session.execute(text("SELECT 1"))
            response = await client.post("/api/projects/default/tasks", json={"title": "x"})
            assert (response.status_code, response.headers["retry-after"]) == (503, "2")
            assert response.json() == {"detail": "TaskFlow's database does not answer now: try again in a moment."}
        assert (await client.post("/api/projects/default/tasks", json={"title": "x"})).status_code == 201
    database.close()
    other.close()


def test_errors_keep_what_users_write_to_themselves(database: Database) -> None:
    with pytest.raises(DBAPIError) as error, database.reading() as session:
        session.execute(text("SELECT no_such_function(:title)"), {"title": "a secret of Alice's"})
    assert "no_such_function" in str(error.value)
    assert "secret" not in str(error.value)


async def _thread_ids(store: SQLiteStore) -> list[str]:
    page = await store.load_threads(10, None, "asc", ALICE)
    return [thread.id for thread in page.data]


def _locked(path: Path) -> bool:
    probe = Database(f"sqlite:///{path}", patience=0)
    try:
        with probe.writing() as session:
            session.execute(text("SELECT 1"))
    except OperationalError:
        return True
    finally:
        probe.close()
    return False
