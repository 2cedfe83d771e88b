"""The chat: a ChatKit server over TaskFlow's agent."""

from __future__ import annotations

from chatkit.store import Store
from fastapi_chatkit import RequestContext
from fastapi_chatkit.agents.mcp import MCPServer, MCPTools
from fastapi_chatkit.server import AgentServer
from fastapi_chatkit.settings import Settings

from .agent import TaskFlowAgent


class AppChatKitServer(AgentServer):
    """Answers with the model in the settings, and the tools at ``mcp_server_url``, called as the user who asks."""

    def __init__(self, store: Store[RequestContext], mcp_server_url: str, *, settings: Settings | None = None) -> None:
        mcp = MCPTools([MCPServer(name="taskflow", url=mcp_server_url)])
        super().__init__(store, TaskFlowAgent(mcp, settings or Settings.load()))
