"""The Dockerfile as far as it can be tried without Docker."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement

from tests.support.forking import Forks
from tests.support.server import free_port

from .files import DEPLOY, DOCKERFILE, ROOT, documents

EXTRAS = ("cli", "client", "mcp", "postgres", "redis")


def pins(name: str) -> dict[str, str]:
    """Packages and versions of a file under `requirements/`."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;]+)", text, re.MULTILINE))


def test_hadolint_has_nothing_to_say() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([hadolint, DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_copied_is_there_and_nothing_else_gets_into_the_build() -> None:
    copied = [line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--" not in line]
    sources = {source for line in copied for source in line}
    ignored, *lines = [line for line in (ROOT / ".dockerignore").read_text().split() if not line.startswith("#")][
        -len(sources) - 3 :
    ]
    assert ignored == "*"
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == sources
    assert all((ROOT / source).exists() for source in sources)


def test_it_installs_what_the_checkout_was_tested_with() -> None:
    image, tested = pins("image"), pins("dev")
    assert image.items() <= tested.items()
    assert pins("build").items() <= tested.items()
    needed = [Requirement(line) for line in requires("fastapi-chatkit") or []]
    for requirement in needed:
        if any(requirement.marker is None or requirement.marker.evaluate({"extra": extra}) for extra in EXTRAS):
            assert requirement.name in {*image, "fastapi-chatkit"}, requirement.name
    assert not {"hatchling", "pytest", "psycopg"} & image.keys()


def test_every_pin_has_a_hash() -> None:
    for name in ("image", "build"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text()
        assert len(re.findall(r"==.* \\\n    --hash=sha256:", text)) == len(pins(name)) > 0


def test_the_wheel_is_built_with_all_that_serving_needs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation", "-w", str(tmp_path)]
    subprocess.run([*command, str(ROOT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    package = ROOT / "src"
    shipped = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert {name for name in shipped if "__pycache__" not in name} <= set(names)


def test_the_health_checks_know_a_server_from_none(forks: Forks, tmp_path: Path) -> None:
    alive = json.loads(re.findall(r"HEALTHCHECK .*\\\n    CMD (\[.*\])", DOCKERFILE)[0])
    service = documents(DEPLOY / "compose.yaml")[0]["services"]["chatkit-a"]
    ready = service["healthcheck"]["test"][1:]
    with forks.serve(tmp_path) as server:
        port = server.url.rpartition(":")[2]
        assert health(alive, port) == health(ready, port) == 0
    port = str(free_port())
    assert health(alive, port) != 0
    assert health(ready, port) != 0


def health(command: list[str], port: str) -> int:
    """The exit code of a health check in a container whose server has this port."""
    assert command[0] == "python"
    arguments = [argument.replace(":8000/", f":{port}/") for argument in command[1:]]
    environment = {**os.environ, "PORT": port}
    return subprocess.run([sys.executable, *arguments], env=environment, stderr=subprocess.DEVNULL).returncode
