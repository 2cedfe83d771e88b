"""Errors of this project that are errors of the SDK as well, for code that catches those."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from chatkit.store import NotFoundError

from ..errors import (
    ChatKitError,
    Conflict,
    InvalidJSON,
    InvalidRequest,
    ItemState,
    NotEnabled,
    NotFound,
    ThreadNotFound,
)
from ..operations import Operation, RetryAfterItem

KINDS: tuple[tuple[type[ChatKitError], type[Exception]], ...] = (
    (NotFound, NotFoundError),
    (NotEnabled, NotImplementedError),  # a RuntimeError, which is what a missing attachment store raises
    (InvalidRequest, ValueError),  # pydantic's ValidationError is one
    (InvalidJSON, ValueError),
    (Conflict, ValueError),
)
"""What the SDK raises where this project has an error of its own; the first that fits."""


def as_the_sdk_raises(error: ChatKitError, operation: Operation | None) -> ChatKitError:
    """The same error, of a class that is the SDK's kind too. Its text names the ids, as the SDK's does."""
    made = _class_of(type(error))(error.detail, errors=error.errors)
    made.args = (_text(error, operation),)
    return made


@cache
def _class_of(kind: type[ChatKitError]) -> type[ChatKitError]:
    for ours, sdks in KINDS:
        if issubclass(kind, ours):
            both = type(kind.__name__, (kind, sdks), {"__module__": __name__, "__doc__": kind.__doc__})
            return cast("type[ChatKitError]", both)
    return kind


def _text(error: ChatKitError, operation: Operation | None) -> str:
    target = cast("Any", operation)
    match error:
        case ThreadNotFound() if hasattr(operation, "thread_id"):
            return f"Thread {target.thread_id} not found"
        case ItemState() if isinstance(operation, RetryAfterItem):
            return f"Item {operation.item_id} is not a user message"
        case _:
            return error.detail
