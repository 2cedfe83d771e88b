"""The tools of a turn: those of the agent, those of MCP servers, and how their calls are asked for and shown."""

from __future__ import annotations

import asyncio
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from agents import Agent, FunctionTool, TResponseInputItem
from agents.items import ToolApprovalItem
from chatkit import types as sdk
from chatkit.errors import CustomStreamError

from ..mcp import MCPTool, MCPTools
from .activity import Activity
from .approvals import AskedCall, Question, question_id, questions, record, worded
from .arguments import Bind, bound, parsed
from .context import TurnContext
from .converter import context as context_message
from .mcp import MCPFunctions
from .shown import ShownTools
from .tools import ToolHooks, readable

PATIENCE_SECONDS = 0.7
"""After how long the user is told what is waited for."""

UNAVAILABLE = "These services cannot be used now. Say so where it matters, and do not guess what they would answer:"


class Toolbox:
    """What the turns of an agent have in common. ``mcp`` is ``None`` where there are no servers."""

    def __init__(self, mcp: MCPTools | None, bind: Bind, shown: ShownTools, wording: Mapping[str, Question]) -> None:
        self._mcp = mcp
        self._bind = bind
        self._functions = MCPFunctions(mcp, bind, wording) if mcp is not None else None
        if mcp is not None:
            mcp.load()
        self._shown = shown
        self._wording = wording

    async def open(self, context: TurnContext, own: Container[str]) -> TurnTools:
        """The tools of a turn. A server that cannot be used is told to the user, and to the model.

        ``own`` are the names of the agent's own tools: of two with one name, those are meant.
        """
        if self._mcp is None or self._functions is None:
            return TurnTools(self._shown, self._wording)
        connecting = asyncio.get_running_loop().call_later(
            PATIENCE_SECONDS, context.emit, sdk.ProgressUpdateEvent(text="Connecting to the tools")
        )
        try:
            found = await self._mcp.list(context.request_context)
        finally:
            connecting.cancel()
        unavailable = {
            name: failure.message for name, failure in self._mcp.unavailable(context.request_context).items()
        }
        for name, message in unavailable.items():
            context.emit(sdk.NoticeEvent(level="warning", title=name, message=message))
        tools = {tool.name: ServerTool(tool, self._functions.function(tool)) for tool in found if tool.name not in own}
        return TurnTools(self._shown, self._wording, self._bind, tools, unavailable)

    async def close(self) -> None:
        """Close the connections to the servers."""
        if self._mcp is not None:
            await self._mcp.close()


class ServerTool(NamedTuple):
    """A tool of a server, and what the Agents SDK calls for it."""

    tool: MCPTool
    function: FunctionTool


@dataclass(frozen=True, slots=True)
class TurnTools:
    """The tools of one turn; ``servers`` are those of MCP servers by name."""

    shown: ShownTools
    wording: Mapping[str, Question]
    bind: Bind = field(default_factory=dict[str, Any])
    servers: Mapping[str, ServerTool] = field(default_factory=dict[str, ServerTool])
    unavailable: Mapping[str, str] = field(default_factory=dict[str, str])

    def given_to(self, agent: Agent[Any]) -> Agent[Any]:
        """The agent with the servers' tools."""
        added = [function for _, function in self.servers.values()]
        return agent.clone(tools=[*agent.tools, *added]) if added else agent

    def owned_by(self, owner: tuple[str, str]) -> FunctionTool | None:
        """The tool of a server, by the server and its own name for the tool."""
        found = (function for tool, function in self.servers.values() if (tool.server.name, tool.origin) == owner)
        return next(found, None)

    def hooks(self, activity: Activity | None) -> ToolHooks:
        """What follows the calls."""
        titles = {name: tool.title for name, (tool, _) in self.servers.items()}
        reads = frozenset(name for name, (tool, _) in self.servers.items() if tool.read_only)
        return ToolHooks(activity, self.shown, titles, reads)

    def told(self) -> list[TResponseInputItem]:
        """What the model is told of the services that cannot be used."""
        lines = [f"- {name}: {message}" for name, message in self.unavailable.items()]
        return [context_message(UNAVAILABLE, "unavailable", "\n".join(lines))] if lines else []

    async def ask(self, approvals: Sequence[ToolApprovalItem], context: TurnContext) -> None:
        """Ask the user whether the calls may be made; the run ends with the questions.

        :raises CustomStreamError: one of them is of a tool that does not run here.
        """
        if any(getattr(approval.raw_item, "type", None) != "function_call" for approval in approvals):
            raise CustomStreamError(
                "The assistant wants to use a tool that needs approval, which cannot be given here."
            )
        calls = [self._asked(approval, context) for approval in approvals]
        texts = [(call, await self._text(call, context)) for call in calls]
        context.put(sdk.ThreadItemDoneEvent(item=record(context.turn, calls)))
        context.emit(sdk.ThreadItemDoneEvent(item=questions(context.turn, texts)))

    def _asked(self, approval: ToolApprovalItem, context: TurnContext) -> AskedCall:
        name, known = approval.name or "", self.servers.get(approval.name or "")
        if known is None:
            owner, decided = ("", approval.agent.name), {}
        else:
            owner = known.tool.server.name, known.tool.origin
            decided = bound(self.bind, known.tool, context.turn)
        call_id = approval.call_id or question_id()
        return AskedCall(question_id(), call_id, name, approval.arguments or "{}", owner, decided)

    async def _text(self, call: AskedCall, context: TurnContext) -> str:
        text = context.calls.questions.get(call.call_id)
        if text is None:
            arguments = (parsed(call.arguments) or {}) | call.bound
            text = await worded(self.wording.get(call.name), arguments, readable(call.name), context.turn)
        return text or f"{readable(call.name)}?"
