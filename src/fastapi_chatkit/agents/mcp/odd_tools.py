"""Tools that MCP's own models, or an agent, would stumble over: each is left out by itself, and counted in the log."""

from __future__ import annotations

import logging
from typing import Any, cast

from mcp_types import Tool
from pydantic import ValidationError

from .replies import Json

logger = logging.getLogger(__name__)


def without_odd_tools(result: Json) -> Json:
    """A page of ``tools/list`` with the tools that can be read; MCP's client would refuse the whole page."""
    tools = result.get("tools")
    if not isinstance(tools, list):
        return result
    listed = cast("list[object]", tools)
    readable = [tool for tool in listed if _is_readable(tool)]
    if len(readable) < len(listed):
        logger.warning("%d tools of an MCP server make no sense and are left out", len(listed) - len(readable))
    return {**result, "tools": readable}


def _is_readable(tool: object) -> bool:
    try:
        schema: dict[str, Any] = Tool.model_validate(tool).input_schema
    except ValidationError:
        return False
    properties, required = schema.get("properties", {}), schema.get("required", [])
    return isinstance(properties, dict) and isinstance(required, list)
