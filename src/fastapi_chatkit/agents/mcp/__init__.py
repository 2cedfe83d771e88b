"""Tools of MCP servers, called on behalf of the user who is asking.

Importing this imports neither ``mcp`` nor an HTTP client; the first use does.
"""

from .server import MCPServer, MCPTool

__all__ = ["MCPServer", "MCPTool"]
