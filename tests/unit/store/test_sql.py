"""Every statement is scoped to its owner, and none has to read more than it answers with."""

import re
import sqlite3
from pathlib import Path

import pytest

from fastapi_chatkit.store import sql
from fastapi_chatkit.store.script import THREAD
from fastapi_chatkit.store.sqlite import SQLiteStore
from tests.support.statements import CHAINS, STATEMENTS

SCOPE = "organization_id = :organization_id AND user_id = :user_id"
ALL = {
    name: statement.replace(THREAD, sql.THREAD_ROW)
    for name, statement in STATEMENTS.items()
    if name != "SCHEMA_VERSION"  # which is nobody's
}
by_name = pytest.mark.parametrize("name", ALL)


def test_all_statements_were_found() -> None:
    assert {"GET_THREAD", "UPSERT_ITEM", "END_RUN"} <= ALL.keys()
    assert len(ALL) > 25
    alone = {statement.replace(sql.THREAD_ROW, THREAD) for statement in ALL.values()}
    for steps in CHAINS.values():
        assert {steps.first, *steps.then} <= alone


@by_name
def test_a_statement_names_its_owner(name: str) -> None:
    statement = ALL[name]
    reads = len(re.findall(r"\b(?:WHERE)\b", statement))
    if "INSERT" in statement:
        assert ":organization_id" in statement
        assert ":user_id" in statement
        for target in re.findall(r"ON CONFLICT \(([^)]*)\)", statement):
            assert target.startswith("organization_id, user_id,")
        changed = statement.partition("DO UPDATE SET")[2]
        assert "organization_id" not in changed
        assert "user_id" not in changed
    else:
        assert reads >= 1
        assert statement.count(SCOPE) == len(re.findall(rf"\b(?:FROM|UPDATE) (?:{'|'.join(sql.TABLES)})\b", statement))
    assert " OR " not in statement


@by_name
def test_a_statement_binds_every_value(name: str) -> None:
    rest = re.sub(r"'running', 1|:run_status, 1|\+ 1", "", ALL[name])
    assert not re.findall(r"'[^']*'|(?<![\w:])\d+", rest)
    assert "%" not in rest


@pytest.fixture
async def schema(tmp_path: Path) -> Path:
    store = SQLiteStore(tmp_path / "schema.db")
    await store.initialize_schema()
    await store.close()
    return tmp_path / "schema.db"


async def test_no_statement_scans_or_sorts(schema: Path) -> None:
    """So that a thread of 100,000 items costs what one of 100 does."""
    connection = sqlite3.connect(schema)
    try:
        for name, statement in ALL.items():
            values = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            # `item` and `newest` are pages that were read already.
            steps = [step for step in plan if step not in ("SCAN item LEFT-JOIN", "SCAN newest")]
            slow = [step for step in steps if step.startswith("SCAN ") or "TEMP B-TREE" in step]
            assert not slow, f"{name}: {slow}"
    finally:
        connection.close()


def test_only_known_columns_can_be_changed() -> None:
    for column in ("id", "user_id", "organization_id", "last_seq", "title = 'x', metadata"):
        with pytest.raises(ValueError, match="unknown thread column"):
            sql.change_thread((column,))
