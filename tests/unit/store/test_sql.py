"""Every statement is scoped to its owner, and none has to read more than it answers with."""

import re
import sqlite3
from pathlib import Path

import pytest

from fastapi_chatkit.store import sql
from fastapi_chatkit.store.script import CLOCK, THREAD
from fastapi_chatkit.store.sqlite import NOW, SQLiteStore
from tests.support.statements import CHAINS, STATEMENTS

SCOPE = "organization_id = :organization_id AND user_id = :user_id"
OWNED = "|".join(table for table in sql.TABLES if table != "replicas")
EVERYTHING = {name: statement.replace(THREAD, sql.THREAD_ROW) for name, statement in STATEMENTS.items()}
OF_NOBODY = {name for name, statement in EVERYTHING.items() if statement in sql.UNSCOPED}
ALL = {name: statement for name, statement in EVERYTHING.items() if name not in OF_NOBODY}
by_name = pytest.mark.parametrize("name", ALL)


def test_all_statements_were_found() -> None:
    assert {"GET_THREAD", "UPSERT_ITEM", "END_RUN"} <= ALL.keys()
    assert len(ALL) > 25
    alone = {statement.replace(sql.THREAD_ROW, THREAD) for statement in ALL.values()}
    assert {"ADD_MESSAGE['running']", "ADD_RUN['queued']", "END_ACTIVE_RUN"} <= CHAINS.keys()
    for steps in CHAINS.values():
        assert {steps.first, *steps.then} <= alone


def test_what_names_no_owner_is_about_processes() -> None:
    assert {
        "SCHEMA_VERSION",
        "HOLDS_LEASE",
        "RENEW_LEASE",
        "LIST_REPLICAS",
        "RELEASE_LEASE",
        "FORGET_LEASES",
        "DEAD_REPLICAS",
        "ORPHANED_RUNS",
        "RUNS_OF_REPLICA",
        "LIST_RUNS",
    } == OF_NOBODY
    assert len(sql.UNSCOPED) == len(OF_NOBODY)


@pytest.mark.parametrize("name", sorted(OF_NOBODY))
def test_what_names_no_owner_reads_of_owners_the_runs_that_go_on_and_writes_leases_alone(name: str) -> None:
    statement = EVERYTHING[name]
    assert not re.search(rf"\b(?:INTO|UPDATE|DELETE FROM) (?:{OWNED})\b", statement)
    owned = re.findall(rf"\b(?:FROM|JOIN) ({OWNED})\b", statement)
    assert set(owned) <= {"runs"}
    assert statement.count("FROM runs WHERE ended_at IS NULL") == len(owned)
    assert " OR " not in statement


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
        assert statement.count(SCOPE) == len(re.findall(rf"\b(?:FROM|UPDATE) (?:{OWNED})\b", statement))
        assert not re.search(r"\b(?:UPDATE|DELETE FROM) replicas\b", statement)
    assert " OR " not in statement


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_statement_binds_every_value(name: str) -> None:
    rest = re.sub(r"status = '(?:running|queued)'|:run_status, 1|\+ 1\b", "", EVERYTHING[name])
    assert not re.findall(r"'[^']*'|(?<![\w:])\d+", rest)
    assert "%" not in rest


@pytest.fixture
async def schema(tmp_path: Path) -> Path:
    store = SQLiteStore(tmp_path / "schema.db")
    await store.initialize_schema()
    await store.close()
    return tmp_path / "schema.db"


MAY_SCAN = {
    "SCHEMA_VERSION": {"SCAN alembic_version"},
    "FORGET_LEASES": {"SCAN replicas"},
    "LIST_REPLICAS": {"SCAN replicas"},
    "DEAD_REPLICAS": {"SCAN busy"},
    "LIST_RUNS": {"SCAN runs USING INDEX ix_runs_replica", "USE TEMP B-TREE FOR ORDER BY"},
}
"""What goes through all that there is of what is little: processes, and runs that go on."""


async def test_no_statement_scans_or_sorts(schema: Path) -> None:
    """So that a thread of 100,000 items costs what one of 100 does."""
    connection = sqlite3.connect(schema)
    try:
        for name, statement in EVERYTHING.items():
            values = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
            statement = statement.replace(CLOCK, NOW)
            plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            # `item` and `newest` are pages that were read already.
            steps = [step for step in plan if step not in ("SCAN item LEFT-JOIN", "SCAN newest")]
            slow = {step for step in steps if step.startswith("SCAN ") or "TEMP B-TREE" in step}
            assert slow == MAY_SCAN.get(name, set()), f"{name}: {slow}"
    finally:
        connection.close()


def test_only_known_columns_can_be_changed() -> None:
    for column in ("id", "user_id", "organization_id", "last_seq", "title = 'x', metadata"):
        for of_run in (False, True):
            with pytest.raises(ValueError, match="unknown thread column"):
                sql.change_thread((column,), of_run)
