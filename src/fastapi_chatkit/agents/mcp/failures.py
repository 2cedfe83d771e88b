"""What goes wrong between this process and an MCP server, and the sentences that people read of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from ..tool_result import ToolFailure
from .server import MCPServer

_UNKNOWN = "so it is not known whether this was done"


class WireError(Exception):
    """No answer of the protocol was had. Holds nothing of what was sent or received."""


class Unreachable(WireError):
    """The connection failed. ``begun``: the request was being sent, so the server may have acted on it."""

    def __init__(self, *, begun: bool) -> None:
        super().__init__("begun" if begun else "not begun")
        self.begun = begun


class TimedOut(WireError):
    """No answer in time."""


class Garbled(WireError):
    """The answer is none of the protocol, or larger than is read."""


class Refused(WireError):
    """An HTTP status of its own, without an error of the protocol."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


@asynccontextmanager
async def limited(seconds: float) -> AsyncGenerator[None]:
    """:raises TimedOut: it took longer."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise TimedOut from None


def is_outage(error: BaseException) -> bool:
    """Whether it is the server that fails, not this request."""
    if isinstance(error, Refused):
        return error.status >= 500
    return isinstance(error, Unreachable | TimedOut | Garbled)


def failure_of(error: Exception, server: MCPServer) -> ToolFailure:
    """What the user and the model are told."""
    name = server.name
    match error:
        case ToolFailure():
            return error
        case Unreachable(begun=True):
            return ToolFailure("unavailable", f"The connection to {name} broke before it answered, {_UNKNOWN}.")
        case Unreachable():
            return unreachable(server)
        case TimedOut():
            return ToolFailure("timeout", f"{name} did not answer within {server.timeout:g} seconds, {_UNKNOWN}.")
        case Garbled():
            return ToolFailure("unavailable", f"{name} answered with something that cannot be read, {_UNKNOWN}.")
        case Refused(status=status):
            return _refusal(status, name)
        case _:
            return ToolFailure("failed", f"{name} could not carry this out.")


_TO_YOU = "to you, or knows you as somebody else. Sign in again."


def _refusal(status: int, name: str) -> ToolFailure:
    match status:
        case 401:
            return ToolFailure("unauthorized", f"{name} did not accept your sign-in. Sign in again.")
        case 403:
            return ToolFailure("forbidden", f"{name} does not allow this {_TO_YOU}")
        case 429:
            return ToolFailure("unavailable", f"{name} is too busy at the moment.")
        case _ if status >= 500:
            return ToolFailure("unavailable", f"{name} reported an error of its own, {_UNKNOWN}.")
        case _:
            return ToolFailure("unavailable", f"There is no MCP server where {name} is expected.")


def unreachable(server: MCPServer) -> ToolFailure:
    """For a server that surely has done nothing."""
    return ToolFailure("unavailable", f"{server.name} cannot be reached at the moment.")


def not_tried(server: MCPServer) -> ToolFailure:
    """For calls while the circuit is open."""
    return ToolFailure("unavailable", f"{server.name} has not been answering; it will be tried again in a few seconds.")


def unknown_tool() -> ToolFailure:
    """For names that no server has, or that this application may not use."""
    return ToolFailure("unknown_tool", "There is no tool of this name.")
