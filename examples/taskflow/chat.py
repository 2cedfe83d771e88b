"""The chat: a ChatKit server over TaskFlow's agent, at ``/chatkit``."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from chatkit.store import Store
from fastapi import FastAPI
from starlette.types import ASGIApp

from fastapi_chatkit import ChatKit, RequestContext
from fastapi_chatkit.agents.mcp import MCPServer, MCPTools
from fastapi_chatkit.backend import store_from
from fastapi_chatkit.http.health import health_routes
from fastapi_chatkit.server import AgentServer
from fastapi_chatkit.settings import Settings as ChatSettings

from .agent import TaskFlowAgent
from .settings import MCP_TIMEOUT, Settings


class AppChatKitServer(AgentServer[RequestContext]):
    """Answers with the model in the settings, and with the tools at ``mcp_server_url``, called as the user who asks.

    ``mcp_app`` is the server of the tools where it is in this process, which needs no URL. ``mcp_timeout`` is how long
    a call of a tool may take, in seconds.
    """

    def __init__(
        self,
        store: Store[RequestContext],
        mcp_server_url: str | None = None,
        *,
        mcp_app: ASGIApp | None = None,
        settings: ChatSettings | None = None,
        mcp_timeout: float = MCP_TIMEOUT,
    ) -> None:
        app = mcp_app if mcp_server_url is None else None
        mcp = MCPTools([MCPServer(name="TaskFlow", url=mcp_server_url or "", app=app, timeout=mcp_timeout)])
        super().__init__(store, TaskFlowAgent(mcp, settings or ChatSettings.load()))


def add_chat(app: FastAPI, settings: Settings) -> None:
    """Add the endpoint, which answers 503 unless :func:`chat_server` has begun, and probes for whoever watches it.

    :raises SettingsError, StoreError: the chat's database is written wrongly.
    """
    store_from(settings.chat)  # what is wrong with its URL is said now, not when the application begins
    chat = ChatKit(app, settings=settings.chat, server=lambda: getattr(app.state, "chatkit_server", None))
    app.router.routes.extend(health_routes({"chat": chat.check}, chat.other_checks))


@asynccontextmanager
async def chat_server(app: FastAPI, settings: Settings, mcp_app: ASGIApp | None = None) -> AsyncGenerator[None]:
    """While it lasts, ``app.state.chatkit_server`` is there, unless chat is switched off.

    The tools are at ``TASKFLOW_MCP_SERVER_URL``, or else ``mcp_app``.

    The store is opened by ``ChatKit``, which tries again where the database is not there yet.
    """
    store = store_from(settings.chat)
    if store is None:
        yield
        return
    app.state.chatkit_store = store
    app.state.chatkit_server = AppChatKitServer(
        store,
        mcp_server_url=settings.mcp_server_url,
        mcp_app=mcp_app,
        settings=settings.chat,
        mcp_timeout=settings.mcp_timeout,
    )
    try:
        yield
    finally:
        await app.state.chatkit_server.aclose()
        await store.close()
        del app.state.chatkit_server, app.state.chatkit_store
