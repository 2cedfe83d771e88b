"""What a tool answered, and why one could not: the same for tools of any origin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

FailureReason = Literal["unavailable", "timeout", "unauthorized", "forbidden", "unknown_tool", "failed"]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """The answer of one call.

    ``name`` is the tool's as the model knows it, ``text`` is for the model and of bounded length, ``data`` is the
    structured content as JSON values or ``None``. ``failed`` is the tool's own word that it did not do what was asked;
    ``text`` says why.
    """

    name: str
    arguments: dict[str, Any] = field(hash=False)
    text: str
    data: Any = field(default=None, hash=False)
    failed: bool = False


class ToolFailure(Exception):
    """A call that has no answer.

    ``message`` is one plain sentence that may be shown to the user and to the model: it holds nothing of the server's
    own text, no URL and no token. ``unavailable`` and ``timeout`` are of the server, the others of this call.
    """

    def __init__(self, reason: FailureReason, message: str) -> None:
        super().__init__(message)
        self.reason: FailureReason = reason
        self.message = message

    def __reduce__(self) -> tuple[type[ToolFailure], tuple[FailureReason, str]]:
        return ToolFailure, (self.reason, self.message)
