"""What readers are told when an agent fails: a message that was meant for them, or a general one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chatkit.errors import CustomStreamError, ErrorCode, StreamError

from ..errors import ChatKitError

GENERAL: dict[str, Any] = {"code": ErrorCode.STREAM_ERROR.value, "allow_retry": True}
"""What readers are told where there is nothing to tell."""

INTERRUPTED: dict[str, Any] = {
    "code": "custom",
    "message": "The answer was interrupted before it was complete",
    "allow_retry": True,
}

TIMED_OUT: dict[str, Any] = {
    "code": "custom",
    "message": "The answer took too long and was stopped",
    "allow_retry": True,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """The ``error`` event's fields, the run's stop reason, and whether the log should have the traceback."""

    event: dict[str, Any]
    stop_reason: str
    unexpected: bool


def failure_of(error: BaseException) -> Failure:
    """How an agent's exception ends its run.

    Codes on the wire are the SDK's two (``stream.error`` and ``custom``), which is all that its clients parse; the
    stop reason carries the code of the error table.
    """
    if isinstance(error, CustomStreamError):
        event = {"code": "custom", "message": error.message, "allow_retry": error.allow_retry}
        return Failure(event, "error", unexpected=False)
    if isinstance(error, StreamError):
        return Failure({"code": error.code.value, "allow_retry": error.allow_retry}, "error", unexpected=False)
    if isinstance(error, ChatKitError) and error.code != "internal":
        event = {"code": "custom", "message": error.detail, "allow_retry": error.retry_after is not None}
        return Failure(event, error.code, unexpected=error.status >= 500)
    return Failure(GENERAL, "internal", unexpected=True)
