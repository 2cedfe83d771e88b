"""Endpoints that answer as no chat server should: ``/hostile/<kind>``."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

STATUSES = (401, 403, 404, 409, 413, 422, 429, 500, 503)

STREAMED = ("threads.create", "threads.add_user_message", "threads.retry_after_item")
THREAD = {"id": "thr_1", "created_at": "2026-01-01T00:00:00Z", "status": {"type": "active"}}
MESSAGE = {
    "id": "msg_1", "thread_id": "thr_1", "created_at": "2026-01-01T00:00:00Z", "type": "assistant_message",
    "content": [{"type": "output_text", "text": "It goes on.", "annotations": []}],
}  # fmt: skip
DONE = {"type": "thread.item.done", "item": MESSAGE}

MALFORMED = [
    "data: {not json\n\n",
    "data: 7\n\n",
    "data: null\n\n",
    "data: []\n\n",
    'data: {"type": 7}\n\n',
    'data: {"type": "thread.item.done"}\n\n',
    'data: {"type": "thread.item.done", "item": null}\n\n',
    'data: {"type": "thread.item.done", "item": {"type": "assistant_message", "id": 9, "content": "x"}}\n\n',
    'data: {"type": "thread.item.updated", "item_id": "nowhere", "update": {"type": "widget.root.updated"}}\n\n',
    'data: {"type": "thread.item.updated", "item_id": null, "update": null}\n\n',
    'data: {"type": "progress_update", "text": {"a": 1}}\n\n',
    'data: {"type": "thread.updated", "thread": "x"}\n\n',
    "event: nothing\n\n",
    "\x00\xff\n\n",
    ":::\n",
]
UNKNOWN = [
    'data: {"type": "thread.item.sparkled", "sparkle": true}\n\n',
    'event: later\ndata: {"type": "run.paused"}\n\n',
    f"data: {json.dumps({'type': 'thread.item.done', 'item': {**MESSAGE, 'id': 'msg_0', 'type': 'hologram'}})}\n\n",
    'data: {"type": "thread.item.updated", "item_id": "msg_0", "update": {"type": "hologram.turned", "by": 90}}\n\n',
]


def routes() -> list[Route]:
    """All of them."""
    return [Route("/hostile/{kind}", _answer, methods=["POST"])]


async def _answer(request: Request) -> Response:
    kind = request.path_params["kind"]
    if kind.isdecimal():
        return _refusal(int(kind))
    return await KINDS[kind](request)


def _refusal(status: int) -> Response:
    headers = {"Retry-After": "1"} if status in (429, 503) else {}
    body = {"detail": f"It says {status}", "code": "teapot", "request_id": "req_1"}
    return JSONResponse(body, status, headers)


async def _html(request: Request) -> Response:
    return HTMLResponse("<!doctype html><title>Login</title><p>Please log in</p>")


async def _html_502(request: Request) -> Response:
    return HTMLResponse("<h1>502 Bad Gateway</h1>", 502)


async def _empty(request: Request) -> Response:
    return Response(status_code=200)


async def _wrong_json(request: Request) -> Response:
    return JSONResponse(["neither", "here", 9])


async def _malformed(request: Request) -> Response:
    return await _stream(request, MALFORMED)


async def _unknown(request: Request) -> Response:
    return await _stream(request, UNKNOWN)


async def _stream(request: Request, frames: list[str]) -> Response:
    """The frames, and then an answer in good order."""
    operation = await request.json()
    if operation["type"] not in STREAMED:
        return JSONResponse({"detail": "It is not there", "code": "invalid_request", "request_id": "req_1"}, 422)

    async def events() -> AsyncIterator[bytes]:
        yield f"data: {json.dumps({'type': 'thread.created', 'thread': THREAD})}\n\n".encode()
        for frame in frames:
            yield frame.encode("latin-1")
        yield f"data: {json.dumps(DONE)}\n\n".encode()

    return StreamingResponse(events(), media_type="text/event-stream")


KINDS: dict[str, Callable[[Request], Awaitable[Response]]] = {
    "html": _html,
    "html-502": _html_502,
    "empty": _empty,
    "wrong-json": _wrong_json,
    "malformed": _malformed,
    "unknown": _unknown,
}
