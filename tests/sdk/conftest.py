"""The SDK's own tests, from its source distribution, in a folder where they can run."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements" / "sdk-tests.txt"
SHIMS = Path(__file__).parent / "shims"
CACHE = Path(sys.prefix) / "sdk-tests"
FILES = ("test_store.py", "test_chatkit_server.py")


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder: upstream's files as they are, our ``conftest.py``, and the shims for what they import and lack."""
    folder = tmp_path_factory.mktemp("upstream")
    shutil.copytree(SHIMS, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "suite_conftest.py").rename(folder / "conftest.py")
    (folder / "pytest.ini").write_text("[pytest]\nanyio_mode = auto\naddopts = -p no:cacheprovider -W ignore\n")
    with tarfile.open(_distribution()) as archive:
        root = archive.getnames()[0].partition("/")[0]
        for name in FILES:
            content = archive.extractfile(f"{root}/tests/{name}")
            assert content is not None
            (folder / "tests" / name).write_bytes(content.read())
    return folder


def _distribution() -> Path:
    """The source distribution with the pinned hash, fetched once for an environment."""
    pinned = re.findall(r"sha256:([0-9a-f]{64})", REQUIREMENTS.read_text())
    cached = CACHE / pinned[0]
    if not cached.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            _download(folder)
            (fetched,) = Path(folder).iterdir()
            fetched.replace(cached)
    assert hashlib.sha256(cached.read_bytes()).hexdigest() == pinned[0], f"{cached} is damaged: delete it"
    return cached


def _download(folder: str) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q", "download"]
    source_alone = ["--no-deps", "--no-binary", ":all:", "--require-hashes", "-r", str(REQUIREMENTS), "-d", folder]
    done = subprocess.run([*pip, *source_alone], capture_output=True, text=True)
    assert done.returncode == 0, f"the SDK's source distribution could not be fetched:\n{done.stderr}"
