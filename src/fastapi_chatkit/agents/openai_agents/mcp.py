"""Tools of MCP servers as function tools of the Agents SDK: called with the token of whoever asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents import FunctionTool, RunContextWrapper
from agents.tool_context import ToolContext

from ..mcp import MCPTool, MCPTools
from ..tool_result import ToolFailure, ToolResult
from .approvals import Question, worded
from .arguments import Bind, bound, parsed, without
from .context import TurnContext


class MCPFunctions:
    """Makes function tools of what the servers have.

    Arguments named in ``bind`` are not in the schemas that a model sees, and what it sends for them is dropped: a model
    that was talked into something cannot reach beyond what the application bound. Tools marked destructive need
    approval, unless ``wording`` finds nothing to ask. A tool is made once and serves every turn.
    """

    def __init__(self, mcp: MCPTools, bind: Bind, wording: Mapping[str, Question]) -> None:
        self._mcp = mcp
        self._bind = bind
        self._wording = wording
        self._made: dict[str, tuple[MCPTool, FunctionTool]] = {}

    def function(self, tool: MCPTool) -> FunctionTool:
        """The function tool of a server's tool."""
        made = self._made.get(tool.name)
        if made is not None and made[0] == tool:
            return made[1]

        async def invoke(context: ToolContext[Any], arguments: str) -> str:
            return await self._invoke(tool, context, arguments)

        async def is_to_be_asked(context: RunContextWrapper[Any], arguments: dict[str, Any], call_id: str) -> bool:
            return await self._is_to_be_asked(tool, context.context, arguments, call_id)

        function = FunctionTool(
            name=tool.name,
            description=tool.description,
            params_json_schema=without(tool.input_schema, self._bind),
            on_invoke_tool=invoke,
            strict_json_schema=False,
            needs_approval=is_to_be_asked if tool.destructive else False,
        )
        self._made[tool.name] = tool, function
        return function

    async def _invoke(self, tool: MCPTool, context: ToolContext[TurnContext], given: str) -> str:
        turn = context.context
        arguments = parsed(given)
        if arguments is None:
            result = ToolResult(tool.name, {}, "The arguments must be a JSON object.", failed=True)
        else:
            decided = self._decided(tool, context)
            result = await self._call(tool, self._chosen(arguments) | decided, turn)
        turn.calls.results[context.tool_call_id] = result
        return result.text

    async def _is_to_be_asked(self, tool: MCPTool, context: TurnContext, given: dict[str, Any], call_id: str) -> bool:
        arguments = self._chosen(given) | bound(self._bind, tool, context.turn)
        question = await worded(self._wording.get(tool.name), arguments, tool.title, context.turn)
        if question is not None:
            context.calls.questions[call_id] = question
        return question is not None

    def _chosen(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """What a model may choose of its arguments."""
        return {name: value for name, value in arguments.items() if name not in self._bind}

    def _decided(self, tool: MCPTool, context: ToolContext[TurnContext]) -> dict[str, Any]:
        """As it was when the user approved the call, or as it is now."""
        approved = context.context.calls.approved.get(context.tool_call_id)
        return bound(self._bind, tool, context.context.turn) if approved is None else approved

    async def _call(self, tool: MCPTool, arguments: dict[str, Any], turn: TurnContext) -> ToolResult:
        try:
            return await self._mcp.call(tool.name, arguments, turn.request_context)
        except ToolFailure as failure:
            return ToolResult(tool.name, arguments, failure.message, failed=True)
