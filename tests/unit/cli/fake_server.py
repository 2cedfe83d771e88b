"""A server that speaks the native dialect and nothing else: what it answers depends on the message's words.

It keeps its threads in memory, records every request, and knows when a client hung up. It is no model of our server: it
exists so that the terminal client meets every kind of event over a real socket.
"""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Json = dict[str, Any]
NOW = "2026-01-02T03:04:05Z"
LONG = "\n\n".join(
    ["# A long answer", *(f"Paragraph {number} of **many**, with some words in it." for number in range(60))]
)

RICH = (
    """## Plan

1. First, *think*.
2. Then `act`:
   - carefully
   - but **soon**

> A quotation, <b>not bold</b>, with a [link](https://example.org/page).

| name | value |
|------|------:|
| one  | 1     |
| two  | 22    |

```python
"""
    + "\n".join(f"def function_{number}():\n    return {number}  # a comment" for number in range(30))
    + """
```

The end.
"""
)


@dataclass
class FakeServer:
    """``url`` of the endpoint, ``requests`` as (headers, body), ``hung_up``: set when a client left a stream."""

    url: str = ""
    requests: list[tuple[dict[str, str], Json]] = field(default_factory=list)
    hung_up: threading.Event = field(default_factory=threading.Event)
    threads: dict[str, Json] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def operations(self) -> list[str]:
        """The types of all requests, in order."""
        return [body["type"] for _, body in self.requests]

    def add_thread(self, title: str, items: list[Json] | None = None) -> str:
        """A thread that is there already."""
        thread_id = f"thr_{next(self.ids)}"
        head = {"id": thread_id, "title": title, "created_at": NOW, "status": {"type": "active"}}
        self.threads[thread_id] = {**head, "stored": items or []}
        return thread_id

    async def endpoint(self, request: Request) -> Response:
        """``POST /chatkit``."""
        body = await request.json()
        self.requests.append((dict(request.headers), body))
        params = body["params"]
        if body["type"].startswith("runs."):
            return problem(422, "", "No such operation")
        if request.headers["authorization"] == "Bearer wrong":
            return problem(401, "invalid_token", "The token is not valid")
        thread_id = params.get("thread_id")
        if thread_id is not None and thread_id not in self.threads:
            return problem(404, "thread_not_found", "Thread not found")
        stream = self.stream(body["type"], params)
        if stream is not None:
            return StreamingResponse(self.watched(stream, thread_id), media_type="text/event-stream")
        return JSONResponse(self.reply(body["type"], params))

    def reply(self, operation: str, params: Json) -> Json:
        """An operation that does not stream."""
        match operation:
            case "threads.list":
                newest = list(reversed(self.threads.values()))[: params.get("limit") or 20]
                return {"data": [head(one) for one in newest], "has_more": False}
            case "threads.get_by_id":
                return head(self.threads[params["thread_id"]])
            case "items.list":
                stored = self.threads[params["thread_id"]]["stored"]
                return {"data": stored[::-1][: params["limit"]], "has_more": len(stored) > params["limit"]}
            case "threads.update":
                self.threads[params["thread_id"]]["title"] = params["title"]
                return head(self.threads[params["thread_id"]])
            case "threads.delete":
                del self.threads[params["thread_id"]]
                return {}
            case _:
                raise AssertionError(operation)

    def stream(self, operation: str, params: Json) -> AsyncIterator[Json] | None:
        """The events of a streaming operation, None for one that does not stream."""
        match operation:
            case "threads.create":
                return self.created(params["input"])
            case "threads.add_user_message":
                return self.asked(params["thread_id"], params["input"])
            case "threads.add_client_tool_output":
                return self.says(f"The tool said: {json.dumps(params['result'])}")
            case "threads.add_structured_input":
                return self.says(f"You chose: {json.dumps(params['input'])}")
            case "threads.retry_after_item":
                return self.says("Once more, with feeling.")
            case _:
                return None

    async def watched(self, events: AsyncIterator[Json], thread_id: str | None) -> AsyncIterator[bytes]:
        """Frames after a heartbeat, finished items stored, and an eye on the client."""
        try:
            yield b": ping\n\n"
            async for event in events:
                if event["type"] == "thread.created":
                    thread_id = event["thread"]["id"]
                if event["type"] == "thread.item.done":
                    self.threads[str(thread_id)]["stored"].append(event["item"])
                yield f"data: {json.dumps(event)}\n\n".encode()
        except asyncio.CancelledError:
            self.hung_up.set()
            raise

    async def created(self, message: Json) -> AsyncIterator[Json]:
        thread_id = self.add_thread(message["content"][0]["text"])
        yield {"type": "thread.created", "thread": head(self.threads[thread_id])}
        async for event in self.asked(thread_id, message):
            yield event

    async def asked(self, thread_id: str, message: Json) -> AsyncIterator[Json]:
        text = message["content"][0]["text"]
        item = {"type": "user_message", "content": message["content"], "attachments": [], "inference_options": {}}
        yield {"type": "thread.item.done", "item": self.item(**item)}
        yield {"type": "stream_options", "stream_options": {"allow_cancel": True}}
        answer = getattr(self, f"on_{text.split()[0]}", None)
        async for event in answer() if answer else self.says(f"You said: {text}"):
            yield event

    async def says(self, text: str, *, step: int = 7, pause: float = 0) -> AsyncIterator[Json]:
        item = self.item(type="assistant_message", content=[])
        yield {"type": "thread.item.added", "item": item}
        kind = "assistant_message.content_part"
        for start in range(0, len(text), step):
            update = {"type": f"{kind}.text_delta", "content_index": 0, "delta": text[start : start + step]}
            yield {"type": "thread.item.updated", "item_id": item["id"], "update": update}
            await asyncio.sleep(pause)
        content = [{"type": "output_text", "text": text, "annotations": []}]
        yield {"type": "thread.item.done", "item": {**item, "content": content}}

    async def on_long(self) -> AsyncIterator[Json]:
        async for event in self.says(LONG, step=40, pause=0.003):
            yield event

    async def on_rich(self) -> AsyncIterator[Json]:
        async for event in self.says(RICH, step=11, pause=0.02):
            yield event

    async def on_slow(self) -> AsyncIterator[Json]:
        yield {"type": "progress_update", "text": "Looking far away"}
        async for event in self.says("one two three " * 2000, step=14, pause=0.02):
            yield event

    async def on_time(self) -> AsyncIterator[Json]:
        call: Json = {"type": "client_tool_call", "status": "pending", "call_id": "c1"}
        yield {"type": "thread.item.done", "item": self.item(**call, name="get_time", arguments={})}

    async def on_tool(self) -> AsyncIterator[Json]:
        call: Json = {"type": "client_tool_call", "status": "pending", "call_id": "c2"}
        yield {"type": "thread.item.done", "item": self.item(**call, name="pick", arguments={"colour": "red"})}

    async def on_ask(self) -> AsyncIterator[Json]:
        options = [{"value": "tea"}, {"value": "coffee"}]
        drink = {
            "type": "multiple_choice",
            "id": "q1",
            "question": "What to drink?",
            "options": options,
            "multiple": True,
        }
        name = {"type": "freeform", "id": "q2", "question": "Your name?", "description": "As on the cup."}
        yield {
            "type": "thread.item.done",
            "item": self.item(type="structured_input", status="pending", inputs=[drink, name]),
        }

    async def on_work(self) -> AsyncIterator[Json]:
        item = self.item(type="workflow", workflow={"type": "custom", "tasks": [], "summary": {"title": "Research"}})
        yield {"type": "thread.item.added", "item": item}
        tasks: list[Json] = [{"type": "custom", "title": "Read the archive", "status_indicator": "loading"}]
        yield workflow_update(item, "workflow.task.added", tasks[0])
        await asyncio.sleep(0.3)
        tasks[0] = {**tasks[0], "status_indicator": "complete"}
        yield workflow_update(item, "workflow.task.updated", tasks[0])
        yield {"type": "thread.item.done", "item": {**item, "workflow": {**item["workflow"], "tasks": tasks}}}
        yield {"type": "notice", "level": "warning", "message": "Nearly **out** of coffee.", "title": "Supplies"}
        async for event in self.says("Found it."):
            yield event

    async def on_card(self) -> AsyncIterator[Json]:
        children: list[Json] = [
            {"type": "Title", "value": "Weather"},
            {"type": "Row", "children": [{"type": "Text", "value": "Oslo"}, {"type": "Badge", "label": "cold"}]},
            {"type": "Hologram", "title": "from the future"},
            {"type": "Button", "label": "Refresh"},
        ]
        yield {
            "type": "thread.item.done",
            "item": self.item(type="widget", widget={"type": "Card", "children": children}),
        }

    async def on_fail(self) -> AsyncIterator[Json]:
        async for event in self.says("Half an ans"):
            yield event
        yield {"type": "error", "code": "stream.error", "allow_retry": True}

    async def on_vanish(self) -> AsyncIterator[Json]:
        yield {"type": "thread.item.added", "item": self.item(type="assistant_message", content=[])}
        raise ConnectionResetError

    def item(self, **fields: Any) -> Json:
        return {"id": f"item_{next(self.ids)}", "thread_id": "thr", "created_at": NOW, **fields}


def head(thread: Json) -> Json:
    """A thread as replies have it."""
    return {key: value for key, value in thread.items() if key != "stored"} | {"items": {"data": [], "has_more": False}}


def workflow_update(item: Json, kind: str, task: Json) -> Json:
    """An update of a workflow's first task."""
    return {
        "type": "thread.item.updated",
        "item_id": item["id"],
        "update": {"type": kind, "task_index": 0, "task": task},
    }


def problem(status: int, code: str, detail: str) -> Response:
    """An error as the contract has it."""
    return JSONResponse({"detail": detail, "code": code, "request_id": "req_1"}, status)


@contextmanager
def running() -> Iterator[FakeServer]:
    """The fake on a free port of the loopback interface, served by uvicorn in a thread."""
    fake = FakeServer()
    app = Starlette(routes=[Route("/chatkit", fake.endpoint, methods=["POST"])])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        fake.url = f"http://127.0.0.1:{listener.getsockname()[1]}/chatkit"
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield fake
        finally:
            server.should_exit = True
            thread.join(5)


if __name__ == "__main__":
    with running() as at:
        print(at.url, flush=True)
        threading.Event().wait()
