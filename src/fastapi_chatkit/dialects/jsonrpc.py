"""The JSON-RPC 2.0 dialect: ``{"jsonrpc", "id"?, "method", "params"}`` at the same URL.

``threads.runs.submitMessage`` is the original pattern's request; every native operation's name is a method as well.
With ``Accept: text/event-stream`` a run is streamed as named events and ends with ``event: result``; otherwise it is
awaited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, cast

import orjson
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from ..errors import (
    ChatKitError,
    Draining,
    FieldError,
    InternalError,
    InvalidJSON,
    InvalidParams,
    InvalidRequest,
    NotEnabled,
    Overloaded,
    ThreadLocked,
    UnknownOperation,
)
from ..events import CONTROL_TYPES, LoggedEvent, Offset
from ..operations import (
    NAMES,
    STREAMED,
    AddUserMessage,
    CreateThread,
    Identifier,
    InferenceOptions,
    Operation,
    Params,
    TagPart,
    TextPart,
    UserInput,
    decode,
    invalid,
)
from .base import Command, merge_metadata, problem_body

SUBMIT = "threads.runs.submitMessage"
VERSION = "2.0"

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL = -32700, -32600, -32601, -32602, -32603

CODES: dict[str, int] = {
    "not_initialized": -32000,
    "missing_user": -32001,
    "missing_token": -32001,
    "local_only": -32001,
    "invalid_token": -32001,
    "user_mismatch": -32003,
    "thread_not_found": -32004,
    "item_not_found": -32004,
    "attachment_not_found": -32004,
    "run_not_found": -32004,
    "run_active": -32009,
    "idempotency_mismatch": -32022,
    "thread_locked": -32009,
    "item_state": -32009,
    "too_large": -32013,
    "unsupported_media_type": -32015,
    "rate_limited": -32029,
    "queue_full": -32029,
    "overloaded": -32053,
    "draining": -32053,
}


class SubmittedText(Params):
    """Text in either dialect's spelling."""

    model_config = ConfigDict(extra="allow")

    type: Literal["text", "input_text"]
    text: str


class SubmittedMessage(Params):
    """The message's content."""

    content: Annotated[list[Annotated[SubmittedText | TagPart, Field(discriminator="type")]], Field(max_length=500)]


class SubmittedInput(Params):
    """``params.input``; its ``metadata`` is merged separately."""

    message: SubmittedMessage
    attachments: Annotated[list[Identifier], Field(default_factory=list, max_length=50)]
    quoted_text: str | None = None
    inference_options: InferenceOptions = Field(default_factory=InferenceOptions)


class SubmitMessage(Params):
    """``threads.runs.submitMessage``: without ``threadId`` it begins a thread.

    ``attachments``, ``inference_options`` and ``quoted_text`` may also stand beside ``input``.
    """

    thread_id: Identifier | None = None
    input: SubmittedInput
    attachments: Annotated[list[Identifier] | None, Field(max_length=50)] = None
    quoted_text: str | None = None
    inference_options: InferenceOptions | None = None

    def operation(self) -> Operation:
        """The native operation it stands for."""
        message = UserInput(
            content=[_native_part(part) for part in self.input.message.content],
            attachments=self.attachments if self.attachments is not None else self.input.attachments,
            quoted_text=self.quoted_text or self.input.quoted_text,
            inference_options=self.inference_options or self.input.inference_options,
        )
        if self.thread_id is None:
            return CreateThread(input=message)
        return AddUserMessage(thread_id=self.thread_id, input=message)


def _native_part(part: SubmittedText | TagPart) -> TextPart | TagPart:
    if isinstance(part, TagPart):
        return part
    return TextPart.model_validate({**part.model_dump(), "type": "input_text"})


_SUBMIT: TypeAdapter[SubmitMessage] = TypeAdapter(SubmitMessage)


class JSONRPCCall:
    """One JSON-RPC request."""

    def __init__(self, payload: dict[str, Any] | None) -> None:
        self._payload = payload or {}
        self._parsed = payload is not None
        call_id = self._payload.get("id")
        self._valid_id = call_id is None or (isinstance(call_id, str | int | float) and not isinstance(call_id, bool))
        self._id: str | int | float | None = call_id if self._valid_id else None

    def command(self, accept: str) -> Command:
        """The operation named by ``method``."""
        payload = self._payload
        if not self._parsed or payload.get("jsonrpc") != VERSION or not isinstance(payload.get("method"), str):
            part = "method" if payload.get("jsonrpc") == VERSION else "jsonrpc"
            wrong = FieldError(part, "must be a string" if part == "method" else 'must be "2.0"')
            raise InvalidRequest('A JSON-RPC request needs `"jsonrpc": "2.0"` and a `method`', errors=(wrong,))
        if not self._valid_id:
            wrong = FieldError("id", "must be a string, a number or null")
            raise InvalidRequest("A JSON-RPC `id` must be a string, a number or null", errors=(wrong,))
        operation = _operation(payload["method"], payload.get("params"))
        streamed = not isinstance(operation, STREAMED) or _accepts_events(accept)
        return Command(operation, merge_metadata(payload), None if streamed else self._awaited)

    def answer(self, body: bytes) -> bytes:
        """The native reply as ``result``."""
        return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (orjson.dumps(self._id), body)

    def problem(self, error: ChatKitError, request_id: str) -> bytes:
        """The error object, with the native error body as ``data``."""
        return orjson.dumps(self._error(error, problem_body(error, request_id)))

    def encoder(
        self, thread_id: str, request_id: str, *, resumable: bool, after: Offset | None = None
    ) -> JSONRPCEncoder:
        """Named events, then the result."""
        return JSONRPCEncoder(self, thread_id, request_id, resumable, after)

    def outcome(self, thread_id: str, items: ItemList, request_id: str) -> tuple[ChatKitError | None, bytes]:
        """The response to a run, and the error where it ended with one."""
        if items.error is not None:
            data = {**problem_body(items.error, request_id), "threadId": thread_id}
            return items.error, orjson.dumps(self._error(items.error, data))
        added = b",".join(items.items.values())
        return None, self.answer(b'{"threadId":%b,"items":[%b]}' % (orjson.dumps(thread_id), added))

    def _awaited(
        self, thread_id: str, events: Sequence[LoggedEvent], request_id: str
    ) -> tuple[ChatKitError | None, bytes]:
        items = ItemList()
        for event in events:
            items.apply(event)
        return self.outcome(thread_id, items, request_id)

    def _error(self, error: ChatKitError, data: dict[str, Any]) -> dict[str, Any]:
        code = self._code(error)
        return {"jsonrpc": VERSION, "id": self._id, "error": {"code": code, "message": error.detail, "data": data}}

    def _code(self, error: ChatKitError) -> int:
        match error:
            case InvalidJSON():
                return PARSE_ERROR
            case UnknownOperation() | NotEnabled():
                return METHOD_NOT_FOUND
            case InvalidParams():
                return INVALID_PARAMS
            case InvalidRequest():
                return INVALID_REQUEST
            case _:
                return CODES.get(error.code, INTERNAL)


def _operation(method: str, params: object) -> Operation:
    if method != SUBMIT:
        if method not in NAMES:
            raise UnknownOperation(errors=(FieldError("method", "must name an operation"),))
        return decode(method, params if params is not None else {})
    try:
        return _SUBMIT.validate_python(params if params is not None else {}).operation()
    except ValidationError as error:
        raise invalid(error) from None


def _accepts_events(accept: str) -> bool:
    """Whether the ``Accept`` header names event streams, and not with a weight of zero."""
    for part in accept.lower().split(","):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        if media_type == "text/event-stream":
            return not any(re.fullmatch(r"q=0(\.0*)?", parameter) for parameter in parameters)
    return False


class ItemList:
    """The items that a run added, as a reader of its events knows them, and the error it ended with."""

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {}
        self.error: ChatKitError | None = None
        self._message: str | None = None

    def apply(self, event: LoggedEvent) -> None:
        """Take an event into account."""
        match event.type:
            case "thread.item.done" | "thread.item.replaced":
                item = orjson.loads(event.data)["item"]
                self.items[item["id"]] = orjson.dumps(item)
            case "run.snapshot":
                self.items = {item["id"]: orjson.dumps(item) for item in orjson.loads(event.data)["items"]}
            case "thread.item.removed":
                self.items.pop(orjson.loads(event.data)["item_id"], None)
            case "error":
                self._message = orjson.loads(event.data).get("message")
            case "run.ended":
                end = orjson.loads(event.data)
                if end["status"] in ("failed", "interrupted"):
                    self.error = OUTCOMES.get(end["stop_reason"], InternalError)(self._message)
            case _:
                pass


OUTCOMES: dict[str | None, type[ChatKitError]] = {
    "overloaded": Overloaded,
    "shutdown": Draining,
    "thread_locked": ThreadLocked,
}
"""What the reason of a run's end is to the caller who awaits it; anything else is an internal error."""


class JSONRPCEncoder:
    """Frames ``event: <name>``, ``data: <json>`` and a blank line; the last is ``event: result`` of the whole run."""

    needs_all = True

    def __init__(
        self, call: JSONRPCCall, thread_id: str, request_id: str, resumable: bool, after: Offset | None = None
    ) -> None:
        self._after = after
        self._call = call
        self._thread_id = thread_id
        self._request_id = request_id
        self._resumable = resumable
        self._items = ItemList()

    def frames(self, events: Sequence[LoggedEvent]) -> bytes:
        """One frame per event, and the result after the last."""
        return b"".join(map(self._frame, events))

    def _frame(self, event: LoggedEvent) -> bytes:
        self._items.apply(event)
        frame = b""
        if event.type == "run.snapshot":
            self._after = None
        has_it = self._after is not None and event.offset <= self._after
        if not has_it and (self._resumable or event.type not in CONTROL_TYPES):
            name, data = _named(event)
            offset = b"id: %b\n" % str(event.offset).encode() if self._resumable else b""
            frame = b"event: %b\n%bdata: %b\n\n" % (name.encode(), offset, data)
        if event.type == "run.ended":
            _, response = self._call.outcome(self._thread_id, self._items, self._request_id)
            frame += b"event: result\ndata: %b\n\n" % response
        return frame


def _named(event: LoggedEvent) -> tuple[str, bytes]:
    """The event's name in this dialect, and its JSON."""
    data: dict[str, Any] = orjson.loads(event.data)
    data.pop("type", None)
    update: dict[str, Any] = data.get("update", {})
    if update.get("type") == "assistant_message.content_part.text_delta":
        return "thread.item.delta", orjson.dumps(
            {
                "type": "text",
                "text": update["delta"],
                "item_id": data["item_id"],
                "content_index": update["content_index"],
            }
        )
    return event.type, orjson.dumps(data)


class JSONRPCDialect:
    """Takes requests with a ``jsonrpc`` member."""

    def accepts(self, payload: object) -> bool:
        """Whether there is a ``jsonrpc`` member."""
        return isinstance(payload, dict) and "jsonrpc" in payload

    def accepts_unparsed(self, body: bytes) -> bool:
        """Whether the broken body mentions one."""
        return b'"jsonrpc"' in body[:4096]

    def call(self, payload: object) -> JSONRPCCall:
        """The request."""
        return JSONRPCCall(cast("dict[str, Any]", payload) if isinstance(payload, dict) else None)
