"""What the example says of itself to those who copy it is true."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import examples.taskflow

FOLDER = Path(examples.taskflow.__file__).parent
READ_FIRST = re.findall(r"``([\w/]+\.py)`` \((\d+)\)", examples.taskflow.__doc__ or "")


def test_it_says_what_to_read_first() -> None:
    assert len(READ_FIRST) == 12


@pytest.mark.parametrize(("name", "lines"), READ_FIRST)
def test_what_to_read_first_is_as_long_as_it_says(name: str, lines: str) -> None:
    assert len((FOLDER / name).read_text().splitlines()) == pytest.approx(int(lines), rel=0.2)


def test_every_module_is_named() -> None:
    named = set(re.findall(r"``([\w/]+?)(?:\.py|/)?``", examples.taskflow.__doc__ or ""))
    modules = {path.stem for path in FOLDER.iterdir() if path.name not in ("__init__.py", "__pycache__")}
    assert modules - named - {"widgets"} == set()


def test_the_stand_in_can_be_left_out_as_it_says(tmp_path: Path) -> None:
    copied = tmp_path / "mytasks"
    shutil.copytree(FOLDER, copied, ignore=shutil.ignore_patterns("offline", "__pycache__"))
    agent = copied / "agent.py"
    text = re.sub(r"    @property\n    def label.*?\n\n(?=    \S)", "", agent.read_text(), flags=re.DOTALL)
    agent.write_text("".join(line for line in text.splitlines(keepends=True) if "offline" not in line.lower()))
    code = (
        "from starlette.testclient import TestClient\n"
        "from mytasks.main import app\n"
        "with TestClient(app) as client:\n"
        "    assert client.get('/readyz').status_code == 200\n"
        "    print(app.state.chatkit_server.agent.label)\n"
    )
    env = {"PYTHONPATH": ":".join([str(tmp_path), *filter(None, sys.path)]), "CHATKIT_MODEL": "some-model"}
    env |= {"OPENAI_API_KEY": "unused"}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "some-model" in done.stdout
