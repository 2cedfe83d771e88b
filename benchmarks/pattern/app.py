"""The pattern's application: the endpoint and the lifespan that the project's starting point gives."""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from chatkit.server import ChatKitServer, StreamingResult
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from pydantic_settings import BaseSettings, SettingsConfigDict

from benchmarks.pattern.servers import AgentsServer, FunctionServer, ToolsServer
from benchmarks.pattern.store import RequestContext, SQLAlchemyStore

logger = logging.getLogger(__name__)


class Settings(BaseSettings):
    """`PATTERN_DATABASE_URL`, `PATTERN_AGENT`, `PATTERN_MODEL` for an agent that asks a model over HTTP, and
    `PATTERN_MCP_SERVER_URL` for one with tools.
    """

    model_config = SettingsConfigDict(env_prefix="PATTERN_")

    database_url: str
    agent: Literal["function", "agents", "scripted agents", "scripted tools"] = "function"
    model: str = "gpt-4.1-mini"
    mcp_server_url: str = ""


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the store, build the server, close the store."""
    settings = Settings()  # pyright: ignore[reportCallIssue] - the values come from the environment
    store = SQLAlchemyStore(settings.database_url)
    await store.initialize_schema()
    app.state.chatkit_store = store
    app.state.chatkit_server = _server(settings, store)
    yield
    await store.close()


def _server(settings: Settings, store: SQLAlchemyStore) -> ChatKitServer[RequestContext]:
    if settings.agent == "function":
        return FunctionServer(store)
    if settings.agent == "agents":
        return AgentsServer(store, settings.model)
    from benchmarks.scripted import ScriptedModel, ToolCallingModel

    if settings.agent == "scripted tools":
        return ToolsServer(store, ToolCallingModel(), settings.mcp_server_url)
    return AgentsServer(store, ScriptedModel())


app = FastAPI(lifespan=lifespan)


@app.post("/chatkit")
async def chatkit_endpoint(request: Request) -> Response:
    """ChatKit protocol endpoint with streaming support."""
    chatkit_server = getattr(request.app.state, "chatkit_server", None)
    if not chatkit_server:
        raise HTTPException(status_code=503, detail="ChatKit server not initialized")

    user_id = request.headers.get("X-User-ID")
    if not user_id:
        raise HTTPException(status_code=401, detail="Missing X-User-ID header")

    auth_header = request.headers.get("Authorization")
    access_token = None
    if auth_header and auth_header.startswith("Bearer "):
        access_token = auth_header[7:]

    if not access_token:
        raise HTTPException(status_code=401, detail="Missing Authorization header with Bearer token")

    try:
        payload = await request.body()
        payload_dict = json.loads(payload)

        metadata: dict[str, Any] = {}
        if "params" in payload_dict and "input" in payload_dict["params"]:
            metadata = payload_dict["params"]["input"].get("metadata", {})
        metadata["access_token"] = access_token

        context = RequestContext(user_id=user_id, request_id=request.headers.get("X-Request-ID"), metadata=metadata)
        result = await chatkit_server.process(payload, context)

        if isinstance(result, StreamingResult):
            return StreamingResponse(
                result,
                media_type="text/event-stream",
                headers={"Cache-Control": "no-cache", "Connection": "keep-alive", "X-Accel-Buffering": "no"},
            )
        return Response(content=result.json, media_type="application/json")

    except json.JSONDecodeError as error:
        raise HTTPException(status_code=400, detail="Invalid JSON payload") from error
    except Exception as error:
        logger.exception("Error processing ChatKit request")
        raise HTTPException(status_code=500, detail=f"Error: {error!s}") from error
