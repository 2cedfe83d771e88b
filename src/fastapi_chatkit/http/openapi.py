"""What ``/docs`` shows of the endpoint: its headers, every operation with an example to try, replies and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Header, Query, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response
from starlette.types import ASGIApp

_MESSAGE: dict[str, Any] = {
    "content": [{"type": "input_text", "text": "Hello! What can you do?"}],
    "attachments": [],
    "inference_options": {},
}
_THREAD = "thr_copy_an_id_from_threads_list"
_ITEM = "msg_copy_an_id_from_items_list"

NATIVE_EXAMPLES: dict[str, dict[str, Any]] = {
    "threads.create": {"input": _MESSAGE},
    "threads.add_user_message": {"thread_id": _THREAD, "input": _MESSAGE},
    "threads.add_client_tool_output": {"thread_id": _THREAD, "result": {"time": "12:00"}},
    "threads.add_structured_input": {
        "thread_id": _THREAD,
        "item_id": _ITEM,
        "input": {"status": "answered", "answers": {"question-1": {"values": ["Yes"]}}},
    },
    "threads.retry_after_item": {"thread_id": _THREAD, "item_id": _ITEM},
    "threads.custom_action": {
        "thread_id": _THREAD,
        "item_id": _ITEM,
        "action": {"type": "counter.add", "payload": {"by": 1}},
    },
    "threads.sync_custom_action": {
        "thread_id": _THREAD,
        "item_id": _ITEM,
        "action": {"type": "counter.add", "payload": {"by": 1}},
    },
    "threads.get_by_id": {"thread_id": _THREAD},
    "threads.list": {"limit": 20, "order": "desc"},
    "threads.update": {"thread_id": _THREAD, "title": "A better title"},
    "threads.delete": {"thread_id": _THREAD},
    "items.list": {"thread_id": _THREAD, "limit": 20, "order": "desc"},
    "items.feedback": {"thread_id": _THREAD, "item_ids": [_ITEM], "kind": "positive"},
    "attachments.create": {"name": "notes.pdf", "size": 12345, "mime_type": "application/pdf"},
    "attachments.delete": {"attachment_id": "atc_copy_an_id"},
    "runs.attach": {"thread_id": _THREAD, "after": "1-42"},
    "runs.cancel": {"thread_id": _THREAD},
    "runs.get": {"thread_id": _THREAD},
    "input.transcribe": {"audio_base64": "UklGRg==", "mime_type": "audio/webm;codecs=opus"},
}

_JSON_RPC_EXAMPLE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "threads.runs.submitMessage",
    "params": {
        "input": {
            "message": {"content": [{"type": "text", "text": "Hello! What can you do?"}]},
            "metadata": {"user_name": "Alice"},
        }
    },
}

DESCRIPTION = """
One URL for every ChatKit operation.

* **Native**: `{"type", "params", "metadata"?}`. Streaming operations answer with server-sent events, others with JSON.
* **JSON-RPC 2.0**: `{"jsonrpc", "id", "method", "params"}`. With `Accept: text/event-stream` a run is streamed as named
  events, otherwise it is awaited.

Pick an example below, press *Try it out*, and fill in a user and any bearer token.
"""

_ERROR_SCHEMA = {
    "type": "object",
    "required": ["detail", "code", "request_id"],
    "properties": {
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

_ERRORS = {
    400: "`invalid_json`",
    401: "`missing_user`, `missing_token`, `local_only`, `invalid_token`",
    403: "`user_mismatch`",
    404: "`thread_not_found`, `item_not_found`, `attachment_not_found`, `run_not_found`",
    409: "`run_active`, `thread_locked`, `item_state`",
    413: "`too_large`",
    415: "`unsupported_media_type`",
    422: "`invalid_request`, `idempotency_mismatch`",
    429: "`queue_full`",
    500: "`internal`",
    503: "`not_initialized`, `overloaded`, `draining`",
}


def request_body() -> dict[str, Any]:
    """The request body's schema with an example of each operation."""
    examples: dict[str, Any] = {
        name: {"summary": name, "value": {"type": name, "params": params}} for name, params in NATIVE_EXAMPLES.items()
    }
    examples["JSON-RPC"] = {"summary": "JSON-RPC: threads.runs.submitMessage", "value": _JSON_RPC_EXAMPLE}
    native = {
        "title": "Native operation",
        "type": "object",
        "required": ["type", "params"],
        "properties": {
            "type": {"type": "string", "enum": list(NATIVE_EXAMPLES)},
            "params": {"type": "object"},
            "metadata": {"type": "object", "description": "Passed to the agent; at most 16 KiB."},
        },
    }
    rpc = {
        "title": "JSON-RPC request",
        "type": "object",
        "required": ["jsonrpc", "method"],
        "properties": {
            "jsonrpc": {"const": "2.0"},
            "id": {"type": ["string", "number", "null"]},
            "method": {"type": "string"},
            "params": {"type": "object"},
        },
    }
    content = {"application/json": {"schema": {"oneOf": [native, rpc]}, "examples": examples}}
    return {"required": True, "content": content}


def responses() -> dict[int | str, dict[str, Any]]:
    """The replies' forms, errors included."""
    replies: dict[int | str, dict[str, Any]] = {
        200: {
            "description": "The operation's JSON, or the run's events",
            "content": {"application/json": {}, "text/event-stream": {}},
        }
    }
    for status, codes in _ERRORS.items():
        replies[status] = {
            "description": f"Code {codes}",
            "content": {"application/json": {"schema": _ERROR_SCHEMA}},
        }
    return replies


def event_responses() -> dict[int | str, dict[str, Any]]:
    """The replies of a request without a body."""
    errors = {status: reply for status, reply in responses().items() if status in (401, 403, 404, 422, 500, 503)}
    stream: dict[str, Any] = {"description": "The run's events", "content": {"text/event-stream": {}}}
    return {200: stream, 204: {"description": "There is nothing after that id, and the run has ended"}, **errors}


Token = Annotated[
    HTTPAuthorizationCredentials | None, Security(HTTPBearer(scheme_name="Bearer token", auto_error=False))
]
User = Annotated[str, Header(alias="X-User-ID", description="Who owns the threads", examples=["alice"])]


async def _documented(
    token: Token,
    user: User,
    request: Annotated[str | None, Header(alias="X-Request-ID", description="Echoed, and in every log line")] = None,
    language: Annotated[str | None, Header(alias="Accept-Language", description="The agent's `context.locale`")] = None,
    key: Annotated[
        str | None, Header(alias="Idempotency-Key", description="The same request again gets the run that there is")
    ] = None,
    resume: Annotated[
        str | None, Header(alias="X-ChatKit-Resume", description="`1`: this client can come back with `runs.attach`")
    ] = None,
) -> Response:
    """Stands for the endpoint's headers in the documentation; the route serves another application."""
    raise NotImplementedError("documentation only")


class ChatKitRoute(APIRoute):
    """A documented route whose requests go straight to ``endpoint``, an ASGI application.

    FastAPI would read and validate the headers and the body first; the endpoint has its own order of checks.
    """

    def __init__(self, path: str, endpoint: ASGIApp, *, name: str, unique_id: Callable[[APIRoute], str]) -> None:
        super().__init__(
            path,
            _documented,
            methods=["POST"],
            name=name,
            summary="ChatKit",
            description=DESCRIPTION,
            tags=["ChatKit"],
            responses=responses(),
            openapi_extra={"requestBody": request_body()},
            response_model=None,
            generate_unique_id_function=unique_id,
        )
        self.app = endpoint


async def _documented_events(
    run_id: str,
    token: Token,
    user: User,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", description="Only what came after this id", examples=["1-42"])
    ] = None,
    after: Annotated[str | None, Query(description="The same as a parameter", examples=["1-42"])] = None,
) -> Response:
    """Stands for the parameters in the documentation; the route serves another application."""
    raise NotImplementedError("documentation only")


class RunEventsRoute(APIRoute):
    """A documented route to a run's events, served by ``endpoint``, an ASGI application."""

    def __init__(self, path: str, endpoint: ASGIApp) -> None:
        name = f"chatkit {path}"
        super().__init__(
            path,
            _documented_events,
            methods=["GET"],
            name=name,
            summary="Follow a run",
            description="A run's events after an offset, then those to come, as `runs.attach` has them.",
            tags=["ChatKit"],
            responses=event_responses(),
            response_model=None,
            generate_unique_id_function=lambda route: name,
        )
        self.app = endpoint
