"""The files of `deploy/`, read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from fastapi_chatkit.settings import FIELDS, PREFIXES, variable_of

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NGINX = (DEPLOY / "nginx/nginx.conf").read_text()
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()

END_SECONDS = 20
"""What `serve` may need after its drain, as docs/operations.md has it."""


def directive(name: str) -> str:
    """The value of a directive that is in nginx.conf once."""
    (value,) = re.findall(rf"^\s*{name}\s+([^;]+);", NGINX, re.MULTILINE)
    return value


def seconds(text: str) -> float:
    """A time as nginx and Compose write it."""
    number, unit = re.fullmatch(r"(\d+)(s|m)", text).groups()  # type: ignore[union-attr]  # a test fails where it is None
    return int(number) * {"s": 1, "m": 60}[unit]


def documents(path: Path) -> list[dict[str, Any]]:
    """A file's YAML documents."""
    return list(yaml.safe_load_all(path.read_text()))


def unknown_settings(environment: dict[str, Any]) -> set[str]:
    """The names under our prefixes that are no setting."""
    known = {variable_of(field) for field in FIELDS}
    return {name for name in environment if name.startswith(PREFIXES) and name not in known}
