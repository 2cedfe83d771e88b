"""A server in memory that keeps one run, and whose connections break where a test says."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import httpx2

from fastapi_chatkit.client import AsyncChatKitClient, Patience

URL = "http://chat.example/chatkit"
Json = dict[str, Any]

SOON = Patience(first_delay=0, max_delay=0)
"""Does not wait between attempts."""

PART = "assistant_message.content_part"
NOW = "2026-01-02T03:04:05Z"


def message(text: str, key: str = "msg_1") -> Json:
    content = [{"type": "output_text", "text": text, "annotations": []}] if text else []
    return {"id": key, "type": "assistant_message", "thread_id": "thr_1", "created_at": NOW, "content": content}


def added(item: Json) -> Json:
    return {"type": "thread.item.added", "item": item}


def done(item: Json) -> Json:
    return {"type": "thread.item.done", "item": item}


def removed(key: str) -> Json:
    return {"type": "thread.item.removed", "item_id": key}


def delta(text: str, key: str = "msg_1", index: int = 0) -> Json:
    update = {"type": f"{PART}.text_delta", "content_index": index, "delta": text}
    return {"type": "thread.item.updated", "item_id": key, "update": update}


def snapshot(*items: Json, after: str = "2-0") -> Json:
    head = {"type": "run.snapshot", "run_id": "run_1", "thread_id": "thr_1", "last_event_id": after}
    return {**head, "items": list(items)}


STARTED: Json = {"type": "run.started", "run_id": "run_1", "thread_id": "thr_1", "attempt": 1}


def ended(status: str = "completed", reason: str | None = None) -> Json:
    return {"type": "run.ended", "run_id": "run_1", "status": status, "stop_reason": reason}


ANSWER = [
    STARTED,
    added(message("")),
    delta("Grüße"),
    delta(" an\u2028alle"),
    delta(" 🙂"),
    done(message("Grüße an\u2028alle 🙂")),
]


def frame(event: Json, offset: str = "") -> bytes:
    name = f"event: {event['type']}\n" if event["type"].startswith("run.") else ""
    mark = f"id: {offset}\n" if offset else ""
    return f"{name}{mark}data: {json.dumps(event, ensure_ascii=False)}\n\n".encode()


class Body(httpx2.AsyncByteStream):
    """``chunks``, each a read of its own, then ``then()``: an end, an error, or a wait."""

    def __init__(self, chunks: Sequence[bytes], then: Callable[[], Any] | None = None) -> None:
        self._chunks = chunks
        self._then = then
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._then is not None:
            await self._then()

    async def aclose(self) -> None:
        self.closed = True


async def reset() -> None:
    """The connection is gone."""
    raise httpx2.ReadError("reset by peer")


Act = int | Exception | httpx2.Response | Callable[[bytes], Body] | None
"""What happens to a request: the body is cut after so many bytes (negative: before the response), an error, another
response, or a body made of the right one. None: nothing."""


class Server(httpx2.AsyncBaseTransport):
    """Answers from the log of one run: whole to whoever begins it, after an offset to whoever attaches.

    ``plan`` is what happens to the requests in their order. ``runs=False``: one that keeps no runs.
    """

    def __init__(self, events: Sequence[Json] = (*ANSWER, ended()), *plan: Act, runs: bool = True) -> None:
        self.events = list(events)
        self.plan = list(plan)
        self.runs = runs
        self.requests: list[tuple[httpx2.Headers, Json]] = []
        self.replies: dict[str, Json] = {"runs.cancel": {"run": RUN}, "runs.get": {"run": RUN}}
        self.bodies: list[Body] = []

    @property
    def log(self) -> list[bytes]:
        """The frames of the whole run."""
        return [frame(event, f"1-{number}" if self.runs else "") for number, event in enumerate(self.events, 1)]

    @property
    def operations(self) -> list[str]:
        return [body["type"] for _, body in self.requests]

    @property
    def params(self) -> list[Json]:
        return [body["params"] for _, body in self.requests]

    def keys(self, operation: str) -> list[str]:
        """The idempotency keys of an operation's requests."""
        return [headers["Idempotency-Key"] for headers, body in self.requests if body["type"] == operation]

    def client(self, patience: Patience = SOON) -> AsyncChatKitClient:
        return AsyncChatKitClient(URL, user="ada", token="secret", patience=patience, transport=self)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        self.requests.append((request.headers, body))
        act = self.plan.pop(0) if self.plan else None
        if isinstance(act, Exception):
            raise act
        if isinstance(act, httpx2.Response):
            return act
        if isinstance(act, int) and act < 0:
            raise httpx2.RemoteProtocolError("Server disconnected without sending a response.")
        if body["type"] in self.replies or (body["type"].startswith("runs.") and not self.runs):
            reply = self.replies.get(body["type"]) if self.runs else None
            return httpx2.Response(500 if reply is None else 200, json=reply)
        return self._stream(self._rest(body["params"]), act)

    def _rest(self, params: Json) -> bytes:
        offsets = [f"1-{number}" for number in range(1, len(self.events) + 1)]
        start = offsets.index(params["after"]) + 1 if params.get("after") in offsets else 0
        return b"".join(self.log[start:])

    def _stream(self, content: bytes, act: int | Callable[[bytes], Body] | None) -> httpx2.Response:
        match act:
            case None:
                stream = Body([content])
            case int():
                stream = Body([content[:act]], reset)
            case _:
                stream = act(content)
        self.bodies.append(stream)
        names = {"X-ChatKit-Run-ID": "run_1", "X-ChatKit-Thread-ID": "thr_1"} if self.runs else {}
        return httpx2.Response(200, headers={"Content-Type": "text/event-stream", **names}, stream=stream)


RUN: Json = {
    "id": "run_1",
    "thread_id": "thr_1",
    "status": "running",
    "attempt": 1,
    "created_at": NOW,
    "last_event_id": "1-1",
}


def refused(status: int, code: str = "", headers: dict[str, str] | None = None) -> httpx2.Response:
    """An error as the server words it."""
    body = {"detail": "No", "code": code, "request_id": "req_7"}
    return httpx2.Response(status, headers=headers, json=body)
