"""The guardrails of a tool, for a call that the Agents SDK does not make itself: in its order, with its exceptions."""

from __future__ import annotations

from typing import Any

from agents import (
    Agent,
    FunctionTool,
    ToolInputGuardrailData,
    ToolInputGuardrailTripwireTriggered,
    ToolOutputGuardrailData,
    ToolOutputGuardrailTripwireTriggered,
)
from agents.tool_context import ToolContext


async def refusal(tool: FunctionTool, context: ToolContext[Any], agent: Agent[Any]) -> str | None:
    """What the model is told instead of the answer, where a guardrail refuses the call; ``None``: it may be made.

    :raises ToolInputGuardrailTripwireTriggered:
    """
    for guardrail in tool.tool_input_guardrails or ():
        found = await guardrail.run(ToolInputGuardrailData(context=context, agent=agent))
        match found.behavior:
            case {"type": "raise_exception"}:
                raise ToolInputGuardrailTripwireTriggered(guardrail=guardrail, output=found)
            case {"type": "reject_content", "message": message}:
                return message
            case _:
                pass
    return None


async def passed(tool: FunctionTool, context: ToolContext[Any], agent: Agent[Any], answer: Any) -> Any:
    """The answer, or what a guardrail puts in its place.

    :raises ToolOutputGuardrailTripwireTriggered:
    """
    for guardrail in tool.tool_output_guardrails or ():
        found = await guardrail.run(ToolOutputGuardrailData(context=context, agent=agent, output=answer))
        match found.behavior:
            case {"type": "raise_exception"}:
                raise ToolOutputGuardrailTripwireTriggered(guardrail=guardrail, output=found)
            case {"type": "reject_content", "message": message}:
                return message
            case _:
                pass
    return answer
