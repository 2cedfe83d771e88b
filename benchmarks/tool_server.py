"""An MCP server with one tool: the official SDK's, Streamable HTTP, without sessions, answers in JSON.

`python -m benchmarks.tool_server PORT`. The tool answers only to a bearer token, and to a user who is named.
`GET /count` tells how many requests to `/mcp` there were.
"""

import sys

import uvicorn
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from benchmarks import tool
from benchmarks.client import TOKEN
from benchmarks.workload import Script

_ANY_HOST = TransportSecuritySettings(enable_dns_rebinding_protection=False)
"""The load client names no port."""


async def what_to_stream(count: int, ctx: Context) -> str:
    """Says what to stream."""
    headers = ctx.headers or {}
    if headers.get("authorization") != f"Bearer {TOKEN}" or not headers.get("x-user-id"):
        raise PermissionError("a call that is not made as the user")
    return Script(count).message


def counted(app: ASGIApp) -> ASGIApp:
    """The application, and how many requests it has had."""
    requests = 0

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal requests
        if scope["type"] == "http" and scope["path"] == "/count":
            await JSONResponse({"requests": requests})(scope, receive, send)
            return
        requests += scope["type"] == "http"
        await app(scope, receive, send)

    return counting


def main(port: int) -> None:
    """Serve until the process is ended."""
    server = MCPServer("benchmark", log_level="WARNING")
    server.add_tool(what_to_stream, name=tool.NAME)
    app = server.streamable_http_app(json_response=True, stateless_http=True, transport_security=_ANY_HOST)
    uvicorn.run(counted(app), port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
