"""A run's events to a socket, and the news that the socket has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..dialects.base import RunEncoder
from ..eventlog.base import Reader
from ..events import LoggedEvent

STREAM_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-cache",
    "Connection": "keep-alive",
    "X-Accel-Buffering": "no",
}

PING = b": ping\n\n"

Detach = Callable[[bool], None]
"""Called once when the reader leaves, with whether its connection was dropped before the end."""


class _Watch:
    """Closes the reader when the client disconnects."""

    def __init__(self, reader: Reader, receive: Receive) -> None:
        self._reader = reader
        self._receive = receive
        self.dropped = False
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.dropped = True
        self._reader.close()

    def cancel(self) -> None:
        self._task.cancel()


class EventStream(Response):
    """Streams a run: what waits together is sent together, silence is filled with comments."""

    def __init__(self, reader: Reader, encoder: RunEncoder, detach: Detach, headers: Mapping[str, str]) -> None:
        super().__init__(headers={**STREAM_HEADERS, **headers}, media_type="text/event-stream")
        del self.headers["content-length"]
        self._reader = reader
        self._encoder = encoder
        self._detach = detach

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the run ends or the client leaves."""
        watch = _Watch(self._reader, receive)
        finished = False
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for events in self._reader:
                body = self._encoder.frames(events) if events else PING
                if body:
                    await send({"type": "http.response.body", "body": body, "more_body": True})
            finished = not watch.dropped
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            watch.cancel()
            self._reader.close()
            self._detach(not finished)


async def whole_run(reader: Reader, receive: Receive, detach: Detach) -> Sequence[LoggedEvent] | None:
    """All events of a run, once it has ended; ``None`` when the client left before that."""
    watch = _Watch(reader, receive)
    events: list[LoggedEvent] = []
    finished = False
    try:
        async for batch in reader:
            events.extend(batch)
        finished = not watch.dropped
        return events if finished else None
    finally:
        watch.cancel()
        reader.close()
        detach(not finished)


def stream_headers(request_id: str, run_id: str, thread_id: str) -> dict[str, Any]:
    """The headers that name the request, the run and the thread."""
    return {"X-Request-ID": request_id, "X-ChatKit-Run-ID": run_id, "X-ChatKit-Thread-ID": thread_id}
