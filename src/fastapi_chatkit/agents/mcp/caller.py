"""On whose behalf a request is made: the headers that say so, for the time of one call."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256

from ...identity import RequestContext
from ..tool_result import ToolFailure
from .server import MCPServer

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Caller:
    """``key`` tells callers apart and holds no secret; ``headers`` are theirs alone and never printed."""

    key: bytes
    headers: tuple[Header, ...] = field(repr=False)


NOBODY = Caller(b"", ())
"""For requests on behalf of the application, with a server's fixed headers alone."""

current_caller: ContextVar[Caller] = ContextVar("current_caller", default=NOBODY)
"""Set around each call and list. Tasks that are started inside inherit it, those of others never see it."""


def caller_of(server: MCPServer, context: RequestContext) -> Caller:
    """The caller as this server is told of them.

    :raises ToolFailure: the user's id or token cannot be sent unchanged, so the server would see someone else.
    """
    if not server.pass_token:
        return NOBODY
    headers = [(b"x-user-id", _value(context.user_id, "utf-8", server))]
    if context.access_token is not None:
        token = context.access_token.get_secret_value()
        headers.append((b"authorization", b"Bearer " + _value(token, "latin-1", server)))
    digest = sha256(b"\n".join(value for _, value in headers))
    return Caller(digest.digest(), tuple(headers))


def _value(text: str, encoding: str, server: MCPServer) -> bytes:
    """The bytes that this arrived as: ids are read as UTF-8, tokens as Latin-1 (auth/headers.py).

    Spaces around a value would be dropped on the way.
    """
    try:
        value = text.encode(encoding)
    except UnicodeEncodeError:
        value = b""
    if not value or value != value.strip(b" \t") or any(byte < 0x20 or byte == 0x7F for byte in value):
        raise ToolFailure("unauthorized", f"Your sign-in cannot be passed on to {server.name}.")
    return value
