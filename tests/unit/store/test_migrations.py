"""The schema: migrations lead to what ``tables.py`` says, and ``HEAD`` is where they lead."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

import fastapi_chatkit.store.migrations as migrations
from fastapi_chatkit.identity import Owner
from fastapi_chatkit.rows import PageQuery, ThreadRow
from fastapi_chatkit.store.base import StoreError
from fastapi_chatkit.store.migrations import HEAD
from fastapi_chatkit.store.sqlite import SQLiteStore
from fastapi_chatkit.store.tables import metadata

ALICE = Owner("", "alice")


@pytest.fixture
async def migrated(tmp_path: Path) -> Path:
    store = SQLiteStore(tmp_path / "migrated.db")
    await store.initialize_schema()
    await store.close()
    return tmp_path / "migrated.db"


def contents(path: Path) -> bytes:
    return path.read_bytes()


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return ScriptDirectory.from_config(config)


def test_head_is_the_newest_migration_and_there_is_one_line_of_them() -> None:
    assert scripts().get_heads() == [HEAD]
    assert len(scripts().get_bases()) == 1


async def test_migrations_lead_to_the_tables(migrated: Path) -> None:
    engine = create_engine(f"sqlite:///{migrated}")
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            assert compare_metadata(context, metadata) == []
            for table in metadata.sorted_tables:
                _assert_same_keys(inspect(connection), table)
    finally:
        engine.dispose()


def _assert_same_keys(found: Any, table: Any) -> None:
    """What ``compare_metadata`` does not look at: primary keys, names and cascades."""
    primary = found.get_pk_constraint(table.name)
    assert primary["constrained_columns"] == [column.name for column in table.primary_key.columns]
    assert primary["name"] == table.primary_key.name or primary["name"] == f"pk_{table.name}"
    foreign = {tuple(key["constrained_columns"]): key for key in found.get_foreign_keys(table.name)}
    for constraint in table.foreign_key_constraints:
        key = foreign.pop(tuple(constraint.column_keys))
        assert key["options"].get("ondelete") == constraint.ondelete
        assert key["referred_columns"] == [element.column.name for element in constraint.elements]
    assert foreign == {}


async def test_every_key_begins_with_its_owner(migrated: Path) -> None:
    for table in metadata.sorted_tables:
        assert [column.name for column in table.primary_key.columns][:2] == ["organization_id", "user_id"]
        for constraint in table.foreign_key_constraints:
            assert list(constraint.column_keys)[:2] == ["organization_id", "user_id"]


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(migrated: Path) -> None:
    with sqlite3.connect(migrated) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = contents(migrated)
    store = SQLiteStore(migrated)
    with pytest.raises(StoreError, match=r"9999.*upgrade fastapi-chatkit"):
        await store.initialize_schema()
    assert not store.is_open
    assert contents(migrated) == before


async def test_opening_again_changes_nothing(migrated: Path) -> None:
    before = contents(migrated)
    store = SQLiteStore(migrated)
    await store.initialize_schema()
    await store.close()
    assert contents(migrated) == before


async def test_many_may_open_a_new_database_at_once(tmp_path: Path) -> None:
    stores = [SQLiteStore(tmp_path / "new.db") for _ in range(4)]
    await asyncio.gather(*(store.initialize_schema() for store in stores))
    row = ThreadRow("thr_1", None, "2026-01-31T12:00:00.000000Z", '{"type":"active"}', None, "{}")
    await stores[0].put_thread(ALICE, row)
    assert [(await store.list_threads(ALICE, PageQuery())).data for store in stores] == [[row]] * 4
    for store in stores:
        await store.close()


async def test_a_migration_that_fails_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fastapi_chatkit.store import migrate

    upgrade = migrate.upgrade

    def broken(connection: Any, current: str | None) -> None:
        upgrade(connection, current)
        raise StoreError("in the middle")

    monkeypatch.setattr(migrate, "upgrade", broken)
    store = SQLiteStore(tmp_path / "half.db")
    with pytest.raises(StoreError, match="in the middle"):
        await store.initialize_schema()
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    await store.initialize_schema()
    await store.ping()
    await store.close()
