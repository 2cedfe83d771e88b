"""The port to wire dialects: parsed JSON in, commands out; log rows in, bytes out.

Encoding needs the log's rows alone, no request and no state of the connection, so that a replayed stream is byte-equal
to the first one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from ..errors import ChatKitError, FieldError, InvalidParams
from ..events import LoggedEvent, Offset
from ..operations import Operation

Awaited = Callable[[str, Sequence[LoggedEvent], str], tuple[ChatKitError | None, bytes]]
"""Answers a whole run at once: (thread id, its events, request id) -> (the error it ended with, body).

The events are all but the updates of growing items, which say nothing that the finished items do not.
"""


@dataclass(frozen=True, slots=True)
class Command:
    """What the client asks for. ``awaited`` is set where it wants a run's result instead of its events."""

    operation: Operation
    metadata: dict[str, Any]
    awaited: Awaited | None = None


class RunEncoder(Protocol):
    """Writes one run's events for one reader.

    One that ``needs_all`` must see the run from its start, though it writes nothing up to the offset it was made with.
    """

    needs_all: bool

    def frames(self, events: Sequence[LoggedEvent]) -> bytes:
        """The frames of some events, in order; empty where this reader is sent none of them."""
        ...


class Call(Protocol):
    """One request in one dialect."""

    def command(self, accept: str) -> Command:
        """What it asks for; ``accept`` is the ``Accept`` header.

        :raises InvalidRequest: it is no operation, or has wrong parameters.
        """
        ...

    def answer(self, body: bytes) -> bytes:
        """The reply's body for an operation that does not stream; ``body`` is the native JSON."""
        ...

    def problem(self, error: ChatKitError, request_id: str) -> bytes:
        """The body for an error that is known before anything was sent."""
        ...

    def encoder(self, thread_id: str, request_id: str, *, resumable: bool, after: Offset | None = None) -> RunEncoder:
        """The encoder for a stream of a run in this thread, for a reader who has its events up to ``after``."""
        ...


class Dialect(Protocol):
    """One wire format at the shared URL."""

    def accepts(self, payload: object) -> bool:
        """Whether the request speaks this dialect."""
        ...

    def accepts_unparsed(self, body: bytes) -> bool:
        """Whether a body that is no JSON was meant for this dialect, so that the error is written in it."""
        ...

    def call(self, payload: object) -> Call:
        """The request; ``None`` stands for a body that could not be parsed."""
        ...


def problem_body(error: ChatKitError, request_id: str) -> dict[str, Any]:
    """The error body that both dialects carry."""
    body: dict[str, Any] = {"detail": error.detail, "code": error.code, "request_id": request_id}
    if error.errors:
        body["errors"] = [{"path": e.path, "message": e.message} for e in error.errors]
    return body


def merge_metadata(payload: dict[str, Any]) -> dict[str, Any]:
    """``metadata`` of the body, updated by ``params.metadata``, updated by ``params.input.metadata``.

    Anything in the places of objects is left for validation to complain about, except metadata itself, which must be
    an object (or null).

    :raises InvalidParams: metadata is no object.
    """
    params = _object(payload.get("params"))
    merged: dict[str, Any] = {}
    for place, path in (
        (payload, "metadata"),
        (params, "params.metadata"),
        (_object(params.get("input")), "params.input.metadata"),
    ):
        metadata = place.get("metadata")
        if not isinstance(metadata, dict | None):
            raise InvalidParams("`metadata` must be an object", errors=(FieldError(path, "must be an object"),))
        merged.update(_object(cast("object", metadata)))
    return merged


def _object(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
