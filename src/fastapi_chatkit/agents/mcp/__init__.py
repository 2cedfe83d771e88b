"""Tools of MCP servers, called on behalf of the user who is asking.

Importing this imports neither ``mcp`` nor an HTTP client; the first use does.
"""

from .config import servers_from
from .server import MCPServer, MCPTool
from .tools import MCPTools

__all__ = ["MCPServer", "MCPTool", "MCPTools", "servers_from"]
