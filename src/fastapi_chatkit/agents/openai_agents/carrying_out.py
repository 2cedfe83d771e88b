"""Makes the calls that the user has approved, before the model is asked again.

The Agents SDK could go on from its own record of the interrupted run, but only with the agent that it was: that would
not last over a deployment. So what it does around a call is done here: what is switched off, guardrails, hooks.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from agents import Agent, FunctionTool, RunContextWrapper
from agents.tool_context import ToolContext

from ..tool_result import ToolResult
from .approvals import LOST, AskedCall, Decision
from .arguments import parsed
from .context import TurnContext
from .guardrails import passed, refusal
from .toolbox import TurnTools
from .tools import ToolHooks

logger = logging.getLogger(__name__)

DECLINED = "The user was asked and declined. Nothing was done."
NOT_THERE = "This tool is not available now. Nothing was done."
FAILED = "This failed in the middle: it is not known whether it was done."


async def carry_out(
    decisions: Sequence[Decision], agent: Agent[Any], tools: TurnTools, context: TurnContext, hooks: ToolHooks
) -> None:
    """Make the approved calls one after the other, and keep of each what came of it, also of those that a stop leaves
    out.
    """
    waiting = list(decisions)
    try:
        while waiting:
            decision = waiting.pop(0)
            if decision.approved:
                await _make(decision.call, agent, tools, context, hooks)
            else:
                words = f"{DECLINED} They said: {decision.said}" if decision.said else DECLINED
                context.keep(decision.call.record(words))
    finally:
        for decision in waiting:  # a stop or a guardrail has come between
            context.keep(decision.call.record(LOST))


async def _make(call: AskedCall, agent: Agent[Any], tools: TurnTools, context: TurnContext, hooks: ToolHooks) -> None:
    holder, tool = await _tool_of(call, agent, tools, context)
    if tool is None:
        context.keep(call.record(NOT_THERE))
        return
    tool_context = ToolContext[Any](
        context, tool_name=call.name, tool_call_id=call.call_id, tool_arguments=call.arguments, agent=holder
    )
    refused = await refusal(tool, tool_context, holder)
    if refused is not None:
        context.keep(call.record(refused))
        return
    context.calls.approved[call.call_id] = call.bound
    await hooks.on_tool_start(tool_context, holder, tool)
    try:
        result = await tool.on_invoke_tool(tool_context, call.arguments)
    except Exception:
        logger.exception("the approved call of %s failed", call.name)
        result = FAILED
        context.calls.results[call.call_id] = ToolResult(call.name, parsed(call.arguments) or {}, FAILED, failed=True)
    finally:
        del context.calls.approved[call.call_id]  # other calls may be given the same id
    await hooks.on_tool_end(tool_context, holder, tool, await passed(tool, tool_context, holder, result))


async def _tool_of(
    call: AskedCall, agent: Agent[Any], tools: TurnTools, context: TurnContext
) -> tuple[Agent[Any], FunctionTool | None]:
    """The very tool that was asked for, and whose it is; none where it is gone or switched off."""
    server, name = call.owner
    if server:
        return agent, tools.owned_by(call.owner)
    for known in _with_handoffs(agent):
        if known.name == name:
            own = await known.get_all_tools(RunContextWrapper[Any](context))
            of_servers = {function.name for _, function in tools.servers.values()} if known is agent else set[str]()
            found = (tool for tool in own if isinstance(tool, FunctionTool) and tool.name not in of_servers)
            return known, next((tool for tool in found if tool.name == call.name), None)
    return agent, None


def _with_handoffs(agent: Agent[Any]) -> Iterator[Agent[Any]]:
    """The agent, and those that it may hand over to."""
    seen, waiting = [agent], [agent]
    while waiting:
        known = waiting.pop()
        yield known
        others = [other for other in known.handoffs if isinstance(other, Agent) and other not in seen]
        seen += others
        waiting += others
