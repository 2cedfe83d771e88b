"""The event log by itself: so many deltas through it and out as frames, or the same frames without it."""

from typing import Any

from benchmarks.limit.asgi import Receive, Send, answer, application
from benchmarks.workload import words
from fastapi_chatkit.dialects.native import NativeEncoder
from fastapi_chatkit.eventlog.memory import MemoryEventLog
from fastapi_chatkit.events import LoggedEvent, Offset, text_delta_json

_ITEM = "msg_0190a0b0c0d0e0f1"
_HEARTBEAT = 15.0


async def _logged(count: int) -> int:
    """Append each delta, read it and make its frame; the frames' bytes."""
    log = MemoryEventLog()
    run = log.open("run", 1)
    reader = log.read("run", None, _HEARTBEAT)
    encoder, size = NativeEncoder(resumable=True), 0
    batches = aiter(reader)
    for word in words(count):
        run.append_text(_ITEM, 0, word)
        size += len(encoder.frames(await anext(batches)))
    reader.close()
    return size


def _bare(count: int) -> int:
    """The same bytes, made from the deltas."""
    encoder, size = NativeEncoder(resumable=True), 0
    for seq, word in enumerate(words(count), start=1):
        event = LoggedEvent(Offset(1, seq), "thread.item.updated", text_delta_json(_ITEM, 0, word))
        size += len(encoder.frames((event,)))
    return size


async def _work(request: Any, receive: Receive, send: Send) -> None:
    """``{"count", "times", "log"}``; the answer is the frames' bytes in a row."""
    count = int(request["count"])
    sizes = [await _logged(count) if request["log"] else _bare(count) for _ in range(request["times"])]
    await answer(send, b"%d" % sum(sizes))


app = application(_work)
