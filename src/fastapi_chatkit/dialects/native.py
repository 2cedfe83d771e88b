"""The native dialect: ``{"type", "params", "metadata"?}``, what chatkit.js and the official SDK speak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import orjson

from ..errors import ChatKitError, FieldError, InvalidRequest, UnknownOperation
from ..events import CONTROL_TYPES, LoggedEvent, Offset
from ..operations import NAMES, decode
from .base import Command, merge_metadata, problem_body


class NativeEncoder:
    """Frames ``data: <json>`` and a blank line.

    Resumable readers also get the offset as ``id:`` and the events about the run itself by name.
    """

    needs_all = False

    def __init__(self, resumable: bool) -> None:
        self._resumable = resumable

    def frames(self, events: Sequence[LoggedEvent]) -> bytes:
        """One frame per event."""
        if self._resumable:
            return b"".join(map(_resumable_frame, events))
        return b"".join([b"data: %b\n\n" % event.data for event in events if event.type not in CONTROL_TYPES])


def _resumable_frame(event: LoggedEvent) -> bytes:
    name = f"event: {event.type}\n".encode() if event.type in CONTROL_TYPES else b""
    return b"%bid: %b\ndata: %b\n\n" % (name, str(event.offset).encode(), event.data)


class NativeCall:
    """One native request."""

    def __init__(self, payload: object) -> None:
        self._payload = payload

    def command(self, accept: str) -> Command:
        """The operation in ``type`` and ``params``."""
        payload = self._payload
        if not isinstance(payload, dict):
            wrong = FieldError("", "must be an object with `type` and `params`")
            raise InvalidRequest("The body must be a JSON object with `type` and `params`", errors=(wrong,))
        body = cast("dict[str, Any]", payload)
        name = body.get("type")
        if not isinstance(name, str) or name not in NAMES:
            raise UnknownOperation(errors=(FieldError("type", "must name an operation"),))
        command = Command(decode(name, body.get("params")), merge_metadata(body))
        self._payload = None  # the call lives as long as its stream, and needs no more of it
        return command

    def answer(self, body: bytes) -> bytes:
        """Native replies are bare."""
        return body

    def problem(self, error: ChatKitError, request_id: str) -> bytes:
        """The plain error body."""
        return orjson.dumps(problem_body(error, request_id))

    def encoder(
        self, thread_id: str, request_id: str, *, resumable: bool, after: Offset | None = None
    ) -> NativeEncoder:
        """Frames as the SDK writes them."""
        return NativeEncoder(resumable)


class NativeDialect:
    """Takes every request that no other dialect claims."""

    def accepts(self, payload: object) -> bool:
        """Always."""
        return True

    def accepts_unparsed(self, body: bytes) -> bool:
        """Always."""
        return True

    def call(self, payload: object) -> NativeCall:
        """The request."""
        return NativeCall(payload)
