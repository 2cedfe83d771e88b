"""The arguments of calls: what a model wrote, and what it may not decide."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from ..base import Turn
from ..mcp import MCPTool

Bind = Mapping[str, Callable[[Turn], Any]]
"""Arguments that the application decides: a name, and its value for a turn. ``None`` leaves the argument out."""


def bound(bind: Bind, tool: MCPTool, turn: Turn) -> dict[str, Any]:
    """What the application decides for a call of this turn; only what the tool knows."""
    known = _properties(tool.input_schema)
    values = {name: value(turn) for name, value in bind.items() if name in known}
    return {name: value for name, value in values.items() if value is not None}


def parsed(arguments: str) -> dict[str, Any] | None:
    """A model's arguments; ``None`` where they are no JSON object."""
    try:
        value: object = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def without(schema: Mapping[str, Any], hidden: Mapping[str, object]) -> dict[str, Any]:
    """A JSON Schema of an object without some of its properties."""
    shown = {**schema, "type": "object"}
    shown["properties"] = {name: value for name, value in _properties(schema).items() if name not in hidden}
    required = schema.get("required")
    if isinstance(required, list):
        shown["required"] = [name for name in cast("list[object]", required) if name not in hidden]
    else:
        shown.pop("required", None)
    return shown


def _properties(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of an object's schema; none where a server has written something else."""
    properties = schema.get("properties")
    return cast("dict[str, Any]", properties) if isinstance(properties, dict) else {}
