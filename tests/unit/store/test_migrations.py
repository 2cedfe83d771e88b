"""The migrations' order, the keys, and what happens to a file whose schema is not this version's."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import fastapi_chatkit.store.migrations as migrations
from fastapi_chatkit.identity import Owner
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


def test_every_key_begins_with_its_owner() -> None:
    for table in metadata.sorted_tables:
        if table.name == "replicas":  # processes, which are nobody's
            continue
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


async def test_a_migration_that_fails_leaves_no_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from fastapi_chatkit.store import migrate

    upgrade = migrate.upgrade

    def broken(connection: Any) -> None:
        upgrade(connection)
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
