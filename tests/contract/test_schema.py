"""The schema on every database: migrations lead to what ``tables.py`` says, from wherever they begin, with the data."""

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr
from sqlalchemy import Connection, Table, Text, create_engine, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from fastapi_chatkit.rows import PageQuery
from fastapi_chatkit.settings import StoreConfig
from fastapi_chatkit.store import StoreError, migrate, migrations, sql, sqlite
from fastapi_chatkit.store.base import Admitted, RunRow
from fastapi_chatkit.store.migrate import upgrade
from fastapi_chatkit.store.migrations import HEAD
from fastapi_chatkit.store.postgres import PostgresStore, migration
from fastapi_chatkit.store.postgres import store as postgres_store
from fastapi_chatkit.store.postgres.statements import Statements
from fastapi_chatkit.store.relational import RelationalStore
from fastapi_chatkit.store.sqlite import SQLiteStore
from fastapi_chatkit.store.tables import metadata
from tests.contract.rows import ALICE, BOB, assistant, fill, new_message, run, thread
from tests.support.postgres import Postgres, execute, fetch
from tests.support.statements import CHAINS, STATEMENTS

FIRST = "0001"
BEFORE = """
INSERT INTO replicas (id, lease_until) VALUES ('old', 4e9)
ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until;
UPDATE runs SET checkpoint = '[]' WHERE id = 'run_1' AND ended_at IS NULL
"""
"""What the version before the newest migration writes where that has changed something."""

FIRST_DATA = """
INSERT INTO threads VALUES ('', 'alice', 'thr_1', 'Title', '2026-01-31T12:00:00.000000Z', '2026-01-31T12:00:00.000000Z',
    '{"type":"active"}', NULL, '{}', 2);
INSERT INTO items VALUES ('', 'alice', 'thr_1', 'msg_1', 1, 'user_message', FALSE, NULL, '{"id":"msg_1","a":"ü"}');
INSERT INTO items VALUES ('', 'alice', 'thr_1', 'hid_1', 2, 'hidden_context_item', TRUE, 'run_1', '{"id":"hid_1"}');
INSERT INTO attachments VALUES ('', 'alice', 'atc_1', 'thr_1', '{"id":"atc_1"}');
INSERT INTO feedback VALUES ('', 'alice', 'thr_1', 'msg_1', 'positive', '2026-01-31T12:00:00.000000Z');
INSERT INTO runs VALUES ('', 'alice', 'run_1', 'thr_1', 'completed', 1, '2026-01-31T12:00:00.000000Z',
    '2026-01-31T12:00:01.000000Z', NULL);
INSERT INTO runs VALUES ('', 'alice', 'run_a', 'thr_1', 'running', 1, '2026-01-31T12:00:02.000000Z', NULL, NULL);
INSERT INTO runs VALUES ('', 'alice', 'run_0', 'thr_1', 'running', 1, '2026-01-31T12:00:01.000000Z', NULL, NULL);
INSERT INTO runs VALUES ('', 'alice', 'run_b', 'thr_1', 'failed', 1, '2026-01-31T12:00:02.000000Z',
    '2026-01-31T12:00:03.000000Z', 'internal');
INSERT INTO threads VALUES ('', 'bob', 'thr_1', NULL, '2026-01-31T12:00:00.000000Z', '2026-01-31T12:00:00.000000Z',
    '{"type":"active"}', NULL, '{}', 0);
INSERT INTO runs VALUES ('', 'bob', 'run_1', 'thr_1', 'running', 1, '2026-01-31T12:00:09.000000Z', NULL, NULL)
"""
"""Rows as the first version wrote them; column by column, so it never changes."""


class Database:
    """A database without a schema, and what a test does to it past the store."""

    def store(self) -> RelationalStore:
        """A store on it, not opened."""
        raise NotImplementedError

    async def run(self, statements: Iterable[str]) -> None:
        """Run statements in the schema."""
        raise NotImplementedError

    async def inspect(self, look: Callable[[Connection], None]) -> None:
        """Look at it through SQLAlchemy."""
        raise NotImplementedError


class SQLiteDatabase(Database):
    def __init__(self, path: Path) -> None:
        self._path = path

    def store(self) -> SQLiteStore:
        return SQLiteStore(self._path)

    async def run(self, statements: Iterable[str]) -> None:
        with sqlite3.connect(self._path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    async def inspect(self, look: Callable[[Connection], None]) -> None:
        engine = create_engine(f"sqlite:///{self._path}")
        try:
            with engine.begin() as connection:
                look(connection)
        finally:
            engine.dispose()


class PostgresDatabase(Database):
    def __init__(self, url: str) -> None:
        self.url = url

    def store(self) -> PostgresStore:
        return PostgresStore(StoreConfig(database_url=SecretStr(self.url), schema_name="Other"))

    async def run(self, statements: Iterable[str]) -> None:
        await execute(self.url, f'SET search_path = "Other"; {";".join(statements)}')

    async def inspect(self, look: Callable[[Connection], None]) -> None:
        engine = create_async_engine(self.url.replace("postgresql://", "postgresql+asyncpg://"))

        def look_in_schema(connection: Connection) -> None:
            connection.execute(text('CREATE SCHEMA IF NOT EXISTS "Other"'))
            connection.execute(text('SET search_path = "Other"'))
            look(connection)

        try:
            async with engine.begin() as connection:
                await connection.run_sync(look_in_schema)
        finally:
            await engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "sqlite":
        yield SQLiteDatabase(tmp_path / "schema.db")
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    url = await postgres.create_database()
    yield PostgresDatabase(url)
    await postgres.drop_database(url)


async def initialize(database: Database) -> None:
    store = database.store()
    await store.initialize_schema()
    await store.close()


async def test_migrations_lead_to_the_tables(database: Database) -> None:
    await initialize(database)

    def compare(connection: Connection) -> None:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        for table in metadata.sorted_tables:
            _assert_same_keys(inspect(connection), table)

    await database.inspect(compare)


def _assert_same_keys(found: Any, table: Any) -> None:
    """What ``compare_metadata`` does not look at: primary keys, names and cascades."""
    primary = found.get_pk_constraint(table.name)
    assert primary["constrained_columns"] == [column.name for column in table.primary_key.columns]
    assert primary["name"] == f"pk_{table.name}"
    foreign = {tuple(key["constrained_columns"]): key for key in found.get_foreign_keys(table.name)}
    for constraint in table.foreign_key_constraints:
        key = foreign.pop(tuple(constraint.column_keys))
        assert key["options"].get("ondelete") == constraint.ondelete
        assert key["referred_columns"] == [element.column.name for element in constraint.elements]
    assert foreign == {}
    indexes = {index["name"]: index for index in found.get_indexes(table.name) if "duplicates_constraint" not in index}
    assert indexes.keys() == {index.name for index in table.indexes}
    for index in table.indexes:
        options = indexes[index.name]["dialect_options"]
        condition = options.get("sqlite_where", options.get("postgresql_where"))
        wanted = index.dialect_options["sqlite"]["where"]
        assert _plain(condition) == _plain(wanted), index.name
        assert bool(indexes[index.name]["unique"]) == index.unique


def _plain(condition: Any) -> str | None:
    """A condition as it was written: PostgreSQL answers with parentheses and casts."""
    return None if condition is None else re.sub(r"[()]|::text", "", str(condition))


async def test_a_database_of_the_first_version_is_upgraded_with_its_data(database: Database) -> None:
    await database.inspect(lambda connection: upgrade(connection, FIRST))
    await database.run(FIRST_DATA.strip().split(";\n"))
    store = database.store()
    await store.initialize_schema()
    try:
        stored = await store.get_thread(ALICE, "thr_1")
        assert (stored.title, stored.created_at) == ("Title", "2026-01-31T12:00:00.000000Z")
        items = await store.list_items(ALICE, "thr_1", PageQuery(9, "asc"), hidden=True)
        assert [(row.id, row.type, row.data) for row in items.data] == [
            ("msg_1", "user_message", '{"id":"msg_1","a":"ü"}'),
            ("hid_1", "hidden_context_item", '{"id":"hid_1"}'),
        ]
        assert await store.item_run(ALICE, "thr_1", "hid_1") == (True, "run_1")
        assert await store.get_attachment(ALICE, "atc_1") == '{"id":"atc_1"}'
        assert (await store.get_run(ALICE, "run_1")).status == "completed"
        await _assert_runs_of_the_first_version(database, store)
        assert isinstance(await store.admit(ALICE, new_message("msg_2"), run("run_2")), Admitted)
        assert (await store.current_run(ALICE, "thr_1")).id == "run_2"
        after = await store.list_items(ALICE, "thr_1", PageQuery(9, "asc"), hidden=True)
        assert [row.id for row in after.data] == ["msg_1", "hid_1", "msg_2"]
        await store.remove_thread(ALICE, "thr_1")
    finally:
        await store.close()


async def test_the_version_before_goes_on_after_a_migration(database: Database) -> None:
    """What it writes, in its words: replicas are upgraded one after the other."""
    store = database.store()
    await store.initialize_schema()
    try:
        await store.admit(ALICE, new_message("msg_1", "thr_1", new=True), run("run_1"))
        await database.run(BEFORE.strip().split(";\n"))
        assert await store.replicas() == [("old", None)]
        so_far = await store.run_so_far(ALICE, "thr_1", "run_1")
        assert ([item.id for item in so_far.items], so_far.seq) == (["msg_1"], 0)
    finally:
        await store.close()


async def _assert_runs_of_the_first_version(database: Database, store: RelationalStore) -> None:
    """Those that were going on have been interrupted, and each thread's are in the order in which they began."""
    assert await store.active_runs(9) == []
    for owner, run_id, began in ((ALICE, "run_a", "02"), (ALICE, "run_0", "01"), (BOB, "run_1", "09")):
        at = f"2026-01-31T12:00:{began}.000000Z"
        assert await store.get_run(owner, run_id) == RunRow(run_id, "thr_1", "interrupted", 1, at, at, "crashed")
    assert (await store.get_run(ALICE, "run_b")).stop_reason == "internal"
    assert (await store.current_run(ALICE, "thr_1")).id == "run_b"

    def look(connection: Connection) -> None:
        rows = connection.execute(text("SELECT user_id, id, seq FROM runs ORDER BY user_id, seq")).all()
        assert [tuple(row) for row in rows] == [
            ("alice", "run_1", -3),
            ("alice", "run_0", -2),
            ("alice", "run_a", -1),
            ("alice", "run_b", 0),
            ("bob", "run_1", 0),
        ]

    await database.inspect(look)


NEXT_REVISION = '''
"""A column that is filled from what is there."""

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "{down}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("threads") as batch:
        batch.add_column(sa.Column("shout", sa.Text))
    op.execute("UPDATE threads SET shout = upper(title)")
'''


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """This version is a later one, which needs another column."""
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "0099_later.py").write_text(NEXT_REVISION.format(down=HEAD))
    monkeypatch.setattr(migrate, "VERSIONS", (*migrate.VERSIONS, folder))
    for module in (migrations, sqlite, postgres_store, migration):
        monkeypatch.setattr(module, "HEAD", "0099")
    return "0099"


async def test_a_database_with_data_is_brought_to_the_next_version_once(
    database: Database, request: pytest.FixtureRequest
) -> None:
    store = database.store()
    await store.initialize_schema()
    await store.put_thread(ALICE, thread(title="quiet"))
    await store.put_item(ALICE, "thr_1", assistant("msg_1"))
    await store.close()
    request.getfixturevalue("next_version")
    if isinstance(database, PostgresDatabase):
        with pytest.raises(StoreError, match=rf"schema {HEAD} and this version needs 0099: run `fastapi-chatkit mi"):
            await database.store().open()
    stores = [database.store() for _ in range(4)]
    await asyncio.gather(*(store.initialize_schema() for store in stores))
    for store in stores:
        assert (await store.get_thread(ALICE, "thr_1")).title == "quiet"
        assert (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"
        await store.close()

    def look(connection: Connection) -> None:
        assert connection.execute(text("SELECT shout FROM threads")).scalar() == "QUIET"
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [("0099",)]

    await database.inspect(look)


async def test_many_may_bring_a_new_database_up_at_once(database: Database) -> None:
    stores = [database.store() for _ in range(5)]
    await asyncio.gather(*(store.initialize_schema() for store in stores))
    await fill(stores[0], assistant("msg_1"))
    for store in stores:
        assert (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"
        assert (await store.list_threads(BOB, PageQuery())).data == []
        await store.close()


async def test_bringing_a_schema_up_again_changes_nothing(database: Database) -> None:
    await initialize(database)
    store = database.store()
    await store.open()
    await fill(store, assistant("msg_1"))
    await store.close()
    await initialize(database)
    await store.open()
    assert (await store.get_item(ALICE, "thr_1", "msg_1")).id == "msg_1"
    await store.close()


async def test_a_newer_schema_is_refused_by_name_and_left_alone(database: Database) -> None:
    await initialize(database)
    await database.run(["UPDATE alembic_version SET version_num = '9999'"])
    store = database.store()
    for call in (store.open, store.initialize_schema):
        with pytest.raises(StoreError, match=r"schema 9999.*upgrade fastapi-chatkit"):
            await call()
        assert not store.is_open


# --- PostgreSQL alone ----------------------------------------------------------------------------------------------


async def test_keys_are_compared_byte_by_byte_whatever_the_databases_language(empty: PostgresDatabase) -> None:
    await initialize(empty)
    columns = await fetch(
        empty.url,
        """SELECT c.relname || '.' || a.attname, l.collname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_collation l ON l.oid = a.attcollation
        WHERE n.nspname = 'Other' AND c.relkind = 'r' AND c.relname <> 'alembic_version'""",
    )
    found = {name for name, collation in columns if collation == "C"}
    expected = {f"{table.name}.{column.name}" for table in metadata.tables.values() for column in _keys(table)}
    assert found >= expected
    assert "items.data" not in found


def _keys(table: Table) -> list[Any]:
    """The text columns that an index or a foreign key compares."""
    indexed = [column for index in table.indexes for column in index.columns]
    unique = [column for constraint in table.constraints for column in getattr(constraint, "columns", ())]
    return [column for column in [*indexed, *unique] if isinstance(column.type, Text)]


LONG_THREAD = """
INSERT INTO threads SELECT '', 'user' || n % 50, 'thr_' || n, NULL, '2026-01-31T12:00:' || lpad(n::text, 6, '0'), '',
    '{"type":"active"}', NULL, '{}', 0 FROM generate_series(1, 20000) n;
INSERT INTO threads VALUES ('', 'alice', 'thr_1', NULL, '', '', '{"type":"active"}', NULL, '{}', 20000);
INSERT INTO items SELECT '', 'alice', 'thr_1', 'msg_' || n, n, 'assistant_message', n % 5 = 0, NULL, '{}'
    FROM generate_series(1, 20000) n;
INSERT INTO runs (organization_id, user_id, id, thread_id, status, attempt, created_at, ended_at, seq, replica)
    SELECT '', 'alice', 'run_' || n, 'thr_1', 'completed', 1, '', '', n, 'dead' FROM generate_series(1, 20000) n;
INSERT INTO runs (organization_id, user_id, id, thread_id, status, attempt, created_at, seq, replica)
    SELECT '', 'user' || n % 50, 'run_' || n, 'thr_' || n, 'running', 1, '', 1, 'alive' FROM generate_series(1, 50) n;
INSERT INTO replicas SELECT 'replica_' || n, 0, 'redis' FROM generate_series(1, 20) n;
INSERT INTO feedback SELECT '', 'alice', 'thr_1', 'msg_' || n, 'positive', '' FROM generate_series(1, 20000) n;
INSERT INTO attachments SELECT '', 'alice', 'atc_' || n, NULL, '{}' FROM generate_series(1, 20000) n;
ANALYZE
"""


async def test_no_statement_scans_or_sorts_a_large_table(empty: PostgresDatabase) -> None:
    """So that a thread of 100,000 items costs what one of 100 does."""
    await initialize(empty)
    await empty.run(LONG_THREAD.strip().split(";\n"))
    compiled = Statements("Other")
    connection = await asyncpg.connect(empty.url)
    try:
        await connection.execute("SET plan_cache_mode = force_generic_plan")
        for name, statement in {**STATEMENTS, **CHAINS}.items():
            sent, names = compiled[statement].sql, compiled[statement].names
            await connection.execute(f"PREPARE plan AS {sent}")
            values = f"({', '.join(['NULL'] * len(names))})" if names else ""
            rows = await connection.fetch(f"EXPLAIN EXECUTE plan {values}")
            await connection.execute("DEALLOCATE plan")
            plan = [row[0] for row in rows]
            slow = [line for line in plan if re.search(r"Seq Scan on (?!alembic|replicas)|Sort", line)]
            if statement in sql.UNSCOPED:  # of the runs that go on, which are few
                assert not any(
                    "on runs" in line and not re.search(r"ix_runs_(?:active|replica)", line) for line in plan
                ), f"{name}: {plan}"
                slow = [line for line in slow if name != "LIST_RUNS" or "Sort" not in line]
            assert not slow, f"{name}: {plan}"
    finally:
        await connection.close()


# --- PostgreSQL alone: opening never changes a schema --------------------------------------------------------------


@pytest.fixture
async def empty(postgres: Postgres) -> Any:
    url = await postgres.create_database()
    yield PostgresDatabase(url)
    await postgres.drop_database(url)


async def test_opening_names_the_command_where_there_is_no_schema(empty: PostgresDatabase) -> None:
    with pytest.raises(StoreError, match="no schema of fastapi-chatkit's yet: run `fastapi-chatkit migrate`"):
        await empty.store().open()
    assert await fetch(empty.url, "SELECT 1 FROM pg_namespace WHERE nspname = 'Other'") == []


async def test_opening_names_the_command_where_the_schema_is_older(empty: PostgresDatabase) -> None:
    await initialize(empty)
    await empty.run(["UPDATE alembic_version SET version_num = '0000'"])
    with pytest.raises(StoreError, match=rf"schema 0000 and this version needs {HEAD}: run `fastapi-chatkit migrate`"):
        await empty.store().open()


async def test_a_migration_that_fails_leaves_nothing_behind(
    empty: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fastapi_chatkit.store.postgres import migration

    def broken(connection: Connection) -> None:
        upgrade(connection)
        raise StoreError("in the middle")

    monkeypatch.setattr(migration, "upgrade", broken)
    with pytest.raises(StoreError, match="in the middle"):
        await empty.store().initialize_schema()
    assert await fetch(empty.url, "SELECT 1 FROM pg_namespace WHERE nspname = 'Other'") == []
    monkeypatch.undo()
    await initialize(empty)


async def test_tables_of_an_application_in_the_same_database_stay_as_they_are(empty: PostgresDatabase) -> None:
    await execute(
        empty.url, "CREATE TABLE alembic_version (version_num text)", "INSERT INTO alembic_version VALUES ('theirs')"
    )
    await execute(empty.url, "CREATE TABLE threads (id int)", "INSERT INTO threads VALUES (7)")
    await initialize(empty)
    assert await fetch(empty.url, "SELECT version_num FROM public.alembic_version") == [("theirs",)]
    assert await fetch(empty.url, "SELECT id FROM public.threads") == [(7,)]


async def test_an_engine_of_the_applications_is_used_and_left_open(empty: PostgresDatabase) -> None:
    engine = create_async_engine(empty.url.replace("postgresql://", "postgresql+asyncpg://"), pool_size=2)
    store = PostgresStore(StoreConfig(schema_name="Other"), engine=engine)
    await store.initialize_schema()
    await fill(store, assistant("msg_1"))
    await asyncio.gather(*(store.put_item(ALICE, "thr_1", assistant(f"msg_{n}")) for n in range(20)))
    await execute(empty.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert (await store.get_item(ALICE, "thr_1", "msg_7")).id == "msg_7"
    await store.close()
    async with engine.connect() as connection:
        assert (await connection.execute(text("SELECT 1"))).scalar() == 1
    await engine.dispose()


def test_an_engine_over_another_driver_is_refused() -> None:
    engine: Any = SimpleNamespace(dialect=SimpleNamespace(driver="psycopg"))
    with pytest.raises(StoreError, match=r"over asyncpg, not psycopg"):
        PostgresStore(StoreConfig(), engine=engine)
