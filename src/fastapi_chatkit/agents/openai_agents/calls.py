"""What is known of the calls of one turn, by the model's ids of the calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..tool_log import ToolRecord
from ..tool_result import ToolResult


@dataclass(slots=True)
class Calls:
    """Kept by what makes and follows the calls; tools have no business here.

    - ``results``: what tools of MCP servers have answered, until it was shown.
    - ``questions``: how the user is to be asked about calls that need approval.
    - ``approved``: calls that the user has approved, with the arguments that the application decided by then.
    - ``under_way``: calls that have not answered yet and may change something: what is kept if they never do.
    - ``changed``: whether a call has been made that may have changed something.
    """

    results: dict[str, ToolResult] = field(default_factory=dict[str, ToolResult])
    questions: dict[str, str] = field(default_factory=dict[str, str])
    approved: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    under_way: dict[str, ToolRecord] = field(default_factory=dict[str, ToolRecord])
    changed: bool = False
