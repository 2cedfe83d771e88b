"""The tool that an agent calls in the case `tools`: as a request made by hand, and what it is answered.

It is at `/mcp` of the server in `tool_server.py`. It says what the model is to stream, so that an answer that is right
shows that the tool was called, and as whom.
"""

import json

NAME = "what_to_stream"
PROTOCOL = "2026-07-28"

HEADERS = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": PROTOCOL,
    "Mcp-Method": "tools/call",
    "Mcp-Name": NAME,
}
"""What the stateless protocol wants with a call, besides the caller's own and `Content-Type`."""


def call(count: int) -> bytes:
    """The body of a call, for `count` deltas."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": PROTOCOL,
        "io.modelcontextprotocol/clientInfo": {"name": "benchmark", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"name": NAME, "arguments": {"count": count}, "_meta": meta}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
