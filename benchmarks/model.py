"""A model for the Agents SDK to talk to: OpenAI's two streaming wire formats from bytes made beforehand.

`python -m benchmarks.model PORT`. It answers `POST .../responses` and `.../chat/completions` with the script that the
request's last message asks for, an event a write, each response with ids of its own. `GET /count` tells how many
requests of each kind it has had. It checks nothing: it must cost less than the client it feeds.
"""

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from typing import Any, cast

from benchmarks.workload import Script, words

_SCRIPT = re.compile(rb"stream \d+ \w+")
_ID = "0000000000000000"
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_END = b"0\r\n\r\n"


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _event(event: dict[str, Any], name: str = "") -> bytes:
    head = f"event: {name}\n" if name else ""
    return _chunk(f"{head}data: {json.dumps(event, separators=(',', ':'))}\n\n".encode())


@lru_cache
def responses(script: Script) -> tuple[bytes, ...]:
    """The chunks of a Responses stream, with `_ID` where the response's id goes."""
    return tuple(
        _event(event | {"sequence_number": number}, event["type"])
        for number, event in enumerate(_response_events(script))
    )


def _response_events(script: Script) -> Iterator[dict[str, Any]]:
    place = {"item_id": f"msg_{_ID}", "output_index": 0, "content_index": 0}
    part = {"type": "output_text", "text": script.text, "annotations": [], "logprobs": []}
    item = {"id": f"msg_{_ID}", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    response: dict[str, Any] = {
        "id": f"resp_{_ID}",
        "object": "response",
        "created_at": 1_767_225_600,
        "status": "in_progress",
        "model": "gpt-4.1-mini",
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
    }
    yield {"type": "response.created", "response": response}
    yield {"type": "response.in_progress", "response": response}
    fresh = item | {"status": "in_progress", "content": []}
    yield {"type": "response.output_item.added", "output_index": 0, "item": fresh}
    yield {"type": "response.content_part.added", "part": part | {"text": ""}} | place
    for word in words(script.count):
        yield {"type": "response.output_text.delta", "delta": word, "logprobs": []} | place
    yield {"type": "response.output_text.done", "text": script.text, "logprobs": []} | place
    yield {"type": "response.content_part.done", "part": part} | place
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    usage = {"input_tokens": 10, "output_tokens": script.count, "total_tokens": script.count + 10}
    usage |= {"input_tokens_details": {"cached_tokens": 0}, "output_tokens_details": {"reasoning_tokens": 0}}
    done = response | {"status": "completed", "output": [item], "usage": usage}
    yield {"type": "response.completed", "response": done}


@lru_cache
def completions(script: Script) -> tuple[bytes, ...]:
    """The chunks of a Chat Completions stream, with `_ID` where the completion's id goes."""
    frame = {"id": f"chatcmpl-{_ID}", "object": "chat.completion.chunk", "created": 1_767_225_600, "model": "m"}

    def choice(delta: dict[str, Any], reason: str | None = None) -> bytes:
        return _event(frame | {"choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})

    texts = [choice({"content": word}) for word in words(script.count)]
    return (choice({"role": "assistant", "content": ""}), *texts, choice({}, "stop"), _chunk(b"data: [DONE]\n\n"))


class ModelServer(asyncio.Protocol):
    """One connection of a client."""

    counts: dict[str, int]

    def __init__(self, counts: dict[str, int], ids: Iterator[int]) -> None:
        self._counts = counts
        self._ids = ids
        self._data = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        for task in self._tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        if not found or len(body) < int(length[1] if length else 0):
            return
        self._data = b""
        target = head.split(b" ", 2)[1].decode()
        if target == "/count":
            self._tell()
            return
        kind = "responses" if target.endswith("/responses") else "completions"
        self._counts[kind] += 1
        script = Script.parse(_SCRIPT.findall(body)[-1].decode())
        task = asyncio.ensure_future(self._stream(responses(script) if kind == "responses" else completions(script)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _tell(self) -> None:
        body = json.dumps(self._counts).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        self._transport.write(head + body)

    async def _stream(self, chunks: tuple[bytes, ...]) -> None:
        own = f"{next(self._ids):016x}".encode()
        self._transport.write(_HEAD)
        for chunk in chunks:
            self._transport.write(chunk.replace(_ID.encode(), own))
            await asyncio.sleep(0)
        self._transport.write(_END)


async def serve(port: int) -> None:
    """Serve until the process is ended."""
    counts = {"responses": 0, "completions": 0}
    ids = count(1)
    server = await asyncio.get_running_loop().create_server(lambda: ModelServer(counts, ids), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
