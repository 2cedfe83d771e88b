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


@asynccontextmanager
async def chat_server(app: FastAPI, settings: TaskFlowSettings) -> AsyncGenerator[None]:
    """While it lasts, ``app.state.chatkit_server`` is the chat's server, unless chat is switched off.

    The store is opened and closed by ``ChatKit``, which tries again where the database is not there yet.
    """
    store = store_from(settings.chat)
    if store is not None:
        app.state.chatkit_store = store
        url = settings.mcp_server_url or f"{getattr(app.state, 'server_url', DEFAULT_URL)}/mcp"
        app.state.chatkit_server = AppChatKitServer(store, mcp_server_url=url, settings=settings.chat)
    try:
        yield
    finally:
        app.state.chatkit_server = None
