"""Makes the calls that the user has approved, before the model is asked again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from agents import Agent, FunctionTool
from agents.tool_context import ToolContext

from ..tool_log import ToolRecord
from .approvals import AskedCall, Decision
from .context import TurnContext
from .mcp import parsed
from .tools import ToolHooks

DECLINED = "The user was asked and declined. Nothing was done."
NOT_THERE = "This tool is not available now. Nothing was done."


async def carry_out(decisions: Sequence[Decision], agent: Agent[Any], context: TurnContext, hooks: ToolHooks) -> None:
    """Make the approved calls one after the other, and keep of each what came of it."""
    tools = {tool.name: tool for tool in _tools_of(agent)}
    for decision in decisions:
        call, tool = decision.call, tools.get(decision.call.name)
        if not decision.approved:
            context.keep(_record(call, f"{DECLINED} They said: {decision.said}" if decision.said else DECLINED))
        elif tool is None:
            context.keep(_record(call, NOT_THERE))
        else:
            await _make(call, tool, agent, context, hooks)


async def _make(call: AskedCall, tool: FunctionTool, agent: Agent[Any], context: TurnContext, hooks: ToolHooks) -> None:
    context.approved[call.call_id] = call.bound
    tool_context = ToolContext[Any](
        context, tool_name=call.name, tool_call_id=call.call_id, tool_arguments=call.arguments, agent=agent
    )
    await hooks.on_tool_start(tool_context, agent, tool)
    result = await tool.on_invoke_tool(tool_context, call.arguments)
    await hooks.on_tool_end(tool_context, agent, tool, result)


def _record(call: AskedCall, output: str) -> ToolRecord:
    return ToolRecord(call.name, parsed(call.arguments) or {}, output, call.call_id)


def _tools_of(agent: Agent[Any]) -> Iterator[FunctionTool]:
    """The function tools of the agent and of those that it may hand over to; its own come last, and win."""
    seen, waiting = [agent], [agent]
    while waiting:
        others = [other for other in waiting.pop().handoffs if isinstance(other, Agent) and other not in seen]
        seen += others
        waiting += others
    for known in reversed(seen):
        yield from (tool for tool in known.tools if isinstance(tool, FunctionTool))
