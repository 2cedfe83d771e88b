"""Which MCP server, and how it is called; what one of its tools looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pydantic import SecretStr

if TYPE_CHECKING:
    from starlette.types import ASGIApp

NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
"""The names that every model's API takes, of tools and of servers (which prefix the tools')."""

IN_PROCESS = "http://127.0.0.1:8000/mcp"
"""The ``url`` of a server with ``app``: nothing is there, but MCP's own server answers for such hosts alone."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MCPServer:
    """An MCP server that is reached over Streamable HTTP, at ``url`` or, without a socket, as ``app``.

    ``name`` is how users and the model hear of it. ``app`` is an ASGI application in the same process and event loop,
    which somebody else begins and ends; ``url`` is then what its requests name, and may be left out. ``allow`` names
    the tools, as the server does, that may be seen and called (``None``: all). ``headers`` go with every request; with
    ``pass_token``, so do the caller's bearer token (``Authorization``) and user id (``X-User-ID``). ``timeout`` is for
    one call, ``connect_timeout`` for one attempt to connect, ``tools_ttl`` for how long a list of tools is believed
    without being told of a change, in seconds.

    ``listen`` keeps one stream open on which the server tells of changes of its tools. A server may have to wait for
    that stream when it shuts down, one in the same process above all: so it is for those who ask for it.

    :raises ValueError: a field is not usable; the message says what is expected and holds nothing of its value.
    """

    name: str
    url: str = field(default="", repr=False)  # may carry a secret
    app: ASGIApp | None = field(default=None, repr=False, hash=False)
    allow: frozenset[str] | None = None
    headers: Mapping[str, SecretStr] = field(default_factory=dict[str, SecretStr], hash=False)
    pass_token: bool = True
    timeout: float = 30.0
    connect_timeout: float = 5.0
    tools_ttl: float = 300.0
    listen: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError("an MCP server's name is 1 to 64 letters, digits, _ or - of ASCII")
        if self.app is not None and not self.url:
            object.__setattr__(self, "url", IN_PROCESS)
        if not _is_http(self.url):
            raise ValueError(f"the URL of the MCP server {self.name} must be like https://host/mcp, without a password")
        for what in ("timeout", "connect_timeout", "tools_ttl"):
            if not 0 < getattr(self, what) < float("inf"):
                raise ValueError(f"{what} of the MCP server {self.name} must be a number of seconds above 0")
        for name, value in self.headers.items():
            secret = value.get_secret_value()
            if not _HEADER_NAME.fullmatch(name) or not secret.isprintable() or not secret.isascii():
                raise ValueError(f"headers of the MCP server {self.name} must be printable ASCII")


@dataclass(frozen=True, slots=True)
class MCPTool:
    """A tool as a model may be told of it.

    ``name`` is unique among all servers and one that every model's API takes; which one it is may depend on which
    servers have answered in this process. ``origin`` is the name that its server knows it by: with the server's name,
    what tells it from all others for good. ``input_schema`` is a JSON Schema.
    ``read_only`` and ``destructive`` are the server's word: where it says nothing, a tool is neither.
    """

    name: str
    title: str
    description: str
    input_schema: dict[str, Any] = field(hash=False)
    read_only: bool
    destructive: bool
    server: MCPServer
    origin: str


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or "@" in parts.netloc:
        return False
    return url.isprintable() and " " not in url
