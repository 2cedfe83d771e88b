"""The official SDK's own tests, unchanged, over our stores and with our server in the place of its own.

What is listed below as different on purpose has to fail, and to be there: a test that begins to pass is taken off the
list.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest

from tests.support.postgres import Postgres, run_apart
from tests.support.stores import migrated_database

Server = Literal["sdk", "ours"]

UPSERT = "adding an item is an upsert: the SDK's agents store a workflow twice; the tests' own store fails instead"
TIMES = "times on the wire are UTC with `Z`, and naive local ones in Python, as the SDK computes with them"
OWNED = "an attachment is deleted by its owner alone: one that the store does not know is `attachment_not_found`"

REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "sdk-tests.txt"

TESTS = {"test_store.py": 30, "test_chatkit_server.py": 48}
"""How many there are."""

DIFFERENT: dict[tuple[str, Server], dict[str, str]] = {
    ("test_store.py", "sdk"): {},
    ("test_chatkit_server.py", "sdk"): {
        "test_add_structured_input_truncates_extra_single_choice_values": UPSERT,
    },
    ("test_chatkit_server.py", "ours"): {
        "test_add_structured_input_replaces_item_with_custom_answer_and_resumes_response": TIMES,
        "test_calls_action": TIMES,
        "test_calls_action_sync": TIMES,
        "test_delete_file": OWNED,
    },
}
"""The tests that fail, and why that is better; see docs/divergences.md."""


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The URL of a database with our schema."""
    url = run_apart(migrated_database(postgres))
    yield url
    run_apart(postgres.drop_database(url))


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
@pytest.mark.parametrize(("suite", "server"), list(DIFFERENT))
def test_the_sdks_own_tests(
    suite: str, server: Server, store: str, upstream: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(upstream), "SUITE_SERVER": server}
    if store == "postgres":
        environment["SUITE_POSTGRES"] = request.getfixturevalue("database")
    output, outcomes = run_suite(upstream, suite, environment, tmp_path)
    failed = {name for name, passed in outcomes.items() if not passed}
    different = set(DIFFERENT[suite, server])
    assert len(outcomes) == TESTS[suite], output
    assert not failed - different, output
    assert not different - failed, "these pass, or have gone: take them off the list"


def test_the_tests_are_those_of_the_version_that_is_installed() -> None:
    pin = f"openai-chatkit=={version('openai-chatkit')} "
    assert pin in REQUIREMENTS.read_text(), "pin the source distribution of the new version, and look at DIFFERENT"


def run_suite(upstream: Path, suite: str, environment: dict[str, str], folder: Path) -> tuple[str, dict[str, bool]]:
    """What pytest said, and whether each test has passed. Skipped is not passed."""
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-c", str(upstream / "pytest.ini"), f"--junitxml={report}", "--tb=short"]
    done = subprocess.run(
        [*command, str(upstream / "tests" / suite)], env=environment, cwd=folder, capture_output=True, text=True
    )
    output = done.stdout + done.stderr
    assert done.returncode in (0, 1), output
    cases = ElementTree.parse(report).iter("testcase")  # noqa: S314 - written by pytest a moment ago
    names = {case: f"{case.get('classname')}.{case.get('name')}".partition(f"{Path(suite).stem}.")[2] for case in cases}
    return output, {name: len(case) == 0 for case, name in names.items()}
