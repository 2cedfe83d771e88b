"""Streams, at the limit: the frames of a reply are made once and sent as they are, one a send or 64 a send."""

import asyncio
import json
from functools import lru_cache
from typing import Any

from benchmarks.limit.asgi import Receive, Send, application, finish, start_stream, write
from benchmarks.workload import TOKENS_PER_SECOND, Pace, Script, words

BATCH = 64

_TIME = "2026-01-01T00:00:00Z"
THREAD_ID = "thr_0190a0b0c0d0e0f0"
_ITEM = "msg_0190a0b0c0d0e0f1"


def stored_thread(thread_id: str) -> dict[str, Any]:
    """A new thread."""
    return {"id": thread_id, "created_at": _TIME, "status": {"type": "active"}, "metadata": {}}


def user_message(script: Script) -> dict[str, Any]:
    """The stored item of the message that asks for `script`."""
    return {
        "id": "msg_0190a0b0c0d0e0f2",
        "thread_id": THREAD_ID,
        "created_at": _TIME,
        "type": "user_message",
        "content": [{"type": "input_text", "text": script.message}],
        "attachments": [],
        "inference_options": {},
    }


def assistant_message(script: Script) -> dict[str, Any]:
    """The stored item of the whole reply."""
    return {
        "id": _ITEM,
        "thread_id": THREAD_ID,
        "created_at": _TIME,
        "type": "assistant_message",
        "content": [{"annotations": [], "text": script.text, "type": "output_text"}],
    }


def compact(value: dict[str, Any]) -> str:
    """A model as the SDK writes it: JSON without spaces."""
    return json.dumps(value, separators=(",", ":"))


def frame(event: dict[str, Any]) -> bytes:
    """An event as the SDK sends it."""
    return f"data: {compact(event)}\n\n".encode()


@lru_cache
def opening(script: Script) -> bytes:
    """The frames before the first delta."""
    thread = stored_thread(THREAD_ID) | {"items": {"data": [], "has_more": False}}
    empty = {"annotations": [], "text": "", "type": "output_text"}
    return b"".join(
        (
            frame({"type": "thread.created", "thread": thread}),
            frame({"type": "thread.item.done", "item": user_message(script)}),
            frame({"type": "stream_options", "stream_options": {"allow_cancel": True}}),
            frame({"type": "thread.item.added", "item": assistant_message(script) | {"content": []}}),
            _update("content_part.added", content=empty),
        )
    )


@lru_cache
def deltas(count: int) -> tuple[bytes, ...]:
    """The frames of the deltas."""
    return tuple(_update("content_part.text_delta", delta=word) for word in words(count))


@lru_cache
def closing(script: Script) -> bytes:
    """The frames after the last delta."""
    item = assistant_message(script)
    part = _update("content_part.done", content=item["content"][0])
    return part + frame({"type": "thread.item.done", "item": item})


def _update(kind: str, **fields: object) -> bytes:
    update = {"type": f"assistant_message.{kind}", "content_index": 0} | fields
    return frame({"type": "thread.item.updated", "item_id": _ITEM, "update": update})


def script_of(request: Any) -> Script:
    """The script that a request's message asks for."""
    return Script.parse(request["params"]["input"]["content"][0]["text"])


async def _one_a_send(request: Any, receive: Receive, send: Send) -> None:
    script = script_of(request)
    await start_stream(send)
    await write(send, opening(script))
    if script.pace is Pace.PACED:
        await _paced(script, send)
    else:
        for delta in deltas(script.count):
            if script.pace is Pace.YIELD:
                await asyncio.sleep(0)
            await write(send, delta)
    if script.pace is Pace.HOLD:
        await receive()
    await write(send, closing(script))
    await finish(send)


async def _paced(script: Script, send: Send) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    for number, delta in enumerate(deltas(script.count)):
        await asyncio.sleep(started + number / TOKENS_PER_SECOND - loop.time())
        await write(send, delta)


async def _many_a_send(request: Any, receive: Receive, send: Send) -> None:
    script = script_of(request)
    await start_stream(send)
    await write(send, opening(script))
    for batch in _batches(script.count):
        await write(send, batch)
    await write(send, closing(script))
    await finish(send)


@lru_cache
def _batches(count: int) -> tuple[bytes, ...]:
    frames = deltas(count)
    return tuple(b"".join(frames[at : at + BATCH]) for at in range(0, count, BATCH))


app = application(_one_a_send)
batched = application(_many_a_send)
