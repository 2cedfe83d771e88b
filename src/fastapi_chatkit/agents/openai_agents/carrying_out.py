"""Makes the calls that the user has approved, before the model is asked again.

The Agents SDK could go on from its own record of the interrupted run, but only with the agent that it was: that would
not last over a deployment. So what it does around a call is done here: what is switched off, guardrails, hooks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agents import Agent, FunctionTool, RunContextWrapper
from agents.tool_context import ToolContext

from ..tool_log import ToolRecord
from .approvals import AskedCall, Decision
from .context import TurnContext
from .guardrails import passed, refusal
from .mcp import parsed
from .tools import ToolHooks

DECLINED = "The user was asked and declined. Nothing was done."
NOT_THERE = "This tool is not available now. Nothing was done."


async def carry_out(decisions: Sequence[Decision], agent: Agent[Any], context: TurnContext, hooks: ToolHooks) -> None:
    """Make the approved calls one after the other, and keep of each what came of it."""
    if not decisions:
        return
    tools = await _tools_of(agent, context)
    for decision in decisions:
        call, tool = decision.call, tools.get(decision.call.name)
        if not decision.approved:
            context.keep(_record(call, f"{DECLINED} They said: {decision.said}" if decision.said else DECLINED))
        elif tool is None:
            context.keep(_record(call, NOT_THERE))
        else:
            await _make(call, tool, agent, context, hooks)


async def _make(call: AskedCall, tool: FunctionTool, agent: Agent[Any], context: TurnContext, hooks: ToolHooks) -> None:
    tool_context = ToolContext[Any](
        context, tool_name=call.name, tool_call_id=call.call_id, tool_arguments=call.arguments, agent=agent
    )
    refused = await refusal(tool, tool_context, agent)
    if refused is not None:
        context.keep(_record(call, refused))
        return
    context.approved[call.call_id] = call.bound
    await hooks.on_tool_start(tool_context, agent, tool)
    result = await passed(tool, tool_context, agent, await tool.on_invoke_tool(tool_context, call.arguments))
    await hooks.on_tool_end(tool_context, agent, tool, result)
    del context.approved[call.call_id]  # other calls may be given the same id


def _record(call: AskedCall, output: str) -> ToolRecord:
    return ToolRecord(call.name, parsed(call.arguments) or {}, output, call.call_id)


async def _tools_of(agent: Agent[Any], context: TurnContext) -> dict[str, FunctionTool]:
    """The function tools of the agent and of those that it may hand over to, where they are enabled; its own win."""
    seen, waiting = [agent], [agent]
    while waiting:
        others = [other for other in waiting.pop().handoffs if isinstance(other, Agent) and other not in seen]
        seen += others
        waiting += others
    run_context = RunContextWrapper[Any](context)
    lists = [await known.get_all_tools(run_context) for known in reversed(seen)]
    return {tool.name: tool for tools in lists for tool in tools if isinstance(tool, FunctionTool)}
