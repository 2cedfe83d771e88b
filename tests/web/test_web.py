"""The component's own tests, and that what is shipped is what its source builds: small, whole and of this project."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from benchmarks.browser.built import before_chunks
from fastapi_chatkit.ui import ASSETS
from tests.support.node import WEB, npm
from tests.web.recording import record

ROOT = WEB.parent
MOST_BEFORE_LAZY_CHUNKS = 90_000
"""Bytes, compressed."""


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_its_own_tests_pass() -> None:
    said = npm("test")
    assert "passed" in said
    print(said)


def test_what_the_server_says_now_is_shown_as_it_is_stored(tmp_path: Path) -> None:
    record(tmp_path, tmp_path)
    assert "passed" in npm("test", "--", "tests/state/recorded.test.ts", CHATKIT_RECORDINGS=str(tmp_path))


def test_the_build_that_is_committed_is_what_the_source_builds(tmp_path: Path) -> None:
    npm("run", "build", "--", "--outDir", str(tmp_path / "built"))
    built, committed = files(tmp_path / "built"), files(ASSETS)
    differing = {name for name in built.keys() | committed.keys() if built.get(name) != committed.get(name)}
    assert not differing, "run `make web` and commit what it builds"


def test_what_loads_before_lazy_chunks_is_small() -> None:
    sizes = before_chunks()
    assert sum(sizes.values()) <= MOST_BEFORE_LAZY_CHUNKS, sizes
    print(sizes)


@pytest.mark.parametrize("name", ["chatkit.js", "licenses.md"])
def test_it_is_whole(name: str) -> None:
    assert (ASSETS / name).stat().st_size > 1000


def test_what_evaluates_text_is_not_in_it() -> None:
    for name, content in files(ASSETS).items():
        assert not re.search(rb"\beval\(|new Function\b", content), name


def test_the_pins_name_no_registry() -> None:
    lock = (WEB / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert "registry" not in lock


def test_the_wheel_has_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    shipped = {f"fastapi_chatkit/ui/{path.relative_to(ASSETS.parent)}" for path in ASSETS.parent.rglob("*.*")}
    assert {name for name in shipped if "__pycache__" not in name} <= held
    assert not any("node_modules" in name or name.startswith("web/") for name in held)
