"""The applications that can be run, each a factory for uvicorn.

What lasts (connections, the tools' server, the chat's) is made when an application starts and closed when it stops, so
that one can be started again, as tests do with Starlette's ``TestClient``.

One process for a laptop, the API, the tools that call it and the chat that calls those::

    fastapi-chatkit serve --app examples.taskflow.main:app

A process for each, which is how they are deployed, with one ``CHATKIT_TOKEN_KEY`` and one database::

    uvicorn --factory examples.taskflow.app:api_app --port 8001
    TASKFLOW_API_URL=http://127.0.0.1:8001/api python -m examples.taskflow.mcp_server --port 8002
    TASKFLOW_MCP_SERVER_URL=http://127.0.0.1:8002/mcp uvicorn --factory examples.taskflow.app:chat_app
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
from fastapi import FastAPI
from starlette.types import Lifespan

from . import api, dev_token
from .chat import add_chat, chat_server
from .client import TIMEOUT_SECONDS, TaskFlowAPI
from .domain.database import Database
from .mcp_server import TaskFlowMCP
from .page import add_page
from .settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """All of TaskFlow in one process."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            app.state.database = await stack.enter_async_context(_opened(settings.tasks_url))
            client = await stack.enter_async_context(_client(settings, app))
            await stack.enter_async_context(tools.running(TaskFlowAPI(client)))
            await stack.enter_async_context(chat_server(app, settings, tools.route))
            yield

    app = _app(settings, lifespan)
    tools = TaskFlowMCP(app.state.tokens, hosts=settings.mcp_hosts)
    _add_api(app, settings)
    app.router.routes.append(tools.route)
    add_chat(app, settings)
    add_page(app)
    return app


def api_app(settings: Settings | None = None) -> FastAPI:
    """The REST API alone."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with _opened(settings.tasks_url) as app.state.database:
            yield

    app = _app(settings, lifespan)
    _add_api(app, settings)
    return app


def mcp_app(settings: Settings | None = None) -> FastAPI:
    """The tools alone, which call the API at ``TASKFLOW_API_URL``.

    :raises ValueError: it is not set.
    """
    settings = settings or Settings()
    if settings.api_url is None:
        raise ValueError("TASKFLOW_API_URL must be set, as http://127.0.0.1:8001/api: the tools call the API there")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with _client(settings, app) as client, tools.running(TaskFlowAPI(client)):
            yield

    app = _app(settings, lifespan)
    tools = TaskFlowMCP(app.state.tokens, hosts=settings.mcp_hosts)
    app.router.routes.append(tools.route)
    return app


def chat_app(settings: Settings | None = None) -> FastAPI:
    """The chat alone, which calls the tools at ``TASKFLOW_MCP_SERVER_URL``.

    :raises ValueError: it is not set.
    """
    settings = settings or Settings()
    if settings.mcp_server_url is None:
        raise ValueError("TASKFLOW_MCP_SERVER_URL must be set, as http://127.0.0.1:8002/mcp: the tools are there")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with chat_server(app, settings):
            yield

    app = _app(settings, lifespan)
    add_chat(app, settings)
    if settings.local:
        app.include_router(dev_token.router)
    return app


def _app(settings: Settings, lifespan: Lifespan[FastAPI]) -> FastAPI:
    app = FastAPI(title="TaskFlow", lifespan=lifespan)
    app.state.tokens = settings.tokens()
    return app


def _add_api(app: FastAPI, settings: Settings) -> None:
    app.include_router(api.router)
    if settings.local:
        app.include_router(dev_token.router)


def _client(settings: Settings, app: FastAPI) -> httpx2.AsyncClient:
    """One pool for all tool calls; to the application itself without a socket, where no other is named."""
    if settings.api_url is None:
        own = httpx2.ASGITransport(app, raise_app_exceptions=False)
        return httpx2.AsyncClient(transport=own, base_url="http://taskflow/api")
    limits = httpx2.Limits(max_connections=100)
    # Tokens go to the API and nowhere else: no proxy of the environment's is used.
    return httpx2.AsyncClient(base_url=settings.api_url, timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False)


@asynccontextmanager
async def _opened(url: str) -> AsyncGenerator[Database]:
    database = Database(url)
    try:
        await asyncio.to_thread(database.prepare)
        yield database
    finally:
        await asyncio.to_thread(database.close)
