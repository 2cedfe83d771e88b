"""A tool over HTTP, at the limit: one POST that is made by hand, on a connection that is there."""

import json
import os

import httpx2
from agents import FunctionTool
from agents.tool_context import ToolContext
from starlette.datastructures import Headers

from benchmarks import tool
from benchmarks.limit.agents import application
from benchmarks.scripted import ToolCallingModel

_URL = os.environ.get("LIMIT_MCP_SERVER_URL", "")
_SCHEMA = {"type": "object", "properties": {"count": {"type": "integer"}}, "required": ["count"]}

_client = httpx2.AsyncClient(headers={**tool.HEADERS, "Content-Type": "application/json"})


async def _invoke(context: ToolContext[Headers], arguments: str) -> str:
    own = {name: context.context[name] for name in ("authorization", "x-user-id")}
    body = tool.call(json.loads(arguments)["count"])
    response = await _client.post(_URL, content=body, headers=own)
    return response.json()["result"]["content"][0]["text"]


app = application(
    ToolCallingModel(),
    FunctionTool(
        name=tool.NAME, description="Says what to stream.", params_json_schema=_SCHEMA, on_invoke_tool=_invoke
    ),
)
