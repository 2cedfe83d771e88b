"""A run's events to a socket, and the news that the socket has gone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..dialects.base import RunEncoder
from ..eventlog.base import Reader
from ..events import LoggedEvent

logger = logging.getLogger(__name__)

STREAM_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-cache",
    "Connection": "keep-alive",
    "X-Accel-Buffering": "no",
}

PING = b": ping\n\n"

SEND_BYTES = 64 * 1024
"""How much is sent at once: a server that waits for its client to read holds that much, and what it buffers itself."""

STALL_SECONDS = 60.0
"""How long a client may take nothing of what is sent before it is taken for gone; it can come back for the rest."""

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


class _Patience:
    """Cancels the task that makes it when a send takes :data:`STALL_SECONDS`. One timer at a time serves all sends."""

    __slots__ = ("_loop", "_send", "_since", "_task", "_timer", "at_end")

    def __init__(self, send: Send) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._send = send
        self._since: float | None = None
        self._timer = self._loop.call_later(STALL_SECONDS, self._look)
        self.at_end = False

    async def send(self, body: bytes) -> None:
        """Send a piece of the response's body, at most :data:`SEND_BYTES` at once."""
        for at in range(0, len(body), SEND_BYTES):
            self._since = self._loop.time()
            await self._send({"type": "http.response.body", "body": body[at : at + SEND_BYTES], "more_body": True})
        self._since = None

    async def end(self) -> None:
        """End the response's body."""
        self._since = self._loop.time()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    def _look(self) -> None:
        waited = 0.0 if self._since is None else self._loop.time() - self._since
        if waited < STALL_SECONDS:
            self._timer = self._loop.call_later(STALL_SECONDS - waited, self._look)
        elif self._task is not None:
            self.at_end = True
            self._task.cancel()

    def stop(self) -> None:
        self._timer.cancel()

    def forgive(self) -> bool:
        """Whether the task was cancelled from here and by nobody else; then it is as if it had not been."""
        return self.at_end and self._task is not None and self._task.uncancel() == 0


class EventStream(Response):
    """Streams a run: what waits together is sent together, silence is filled with comments.

    A client that takes nothing for :data:`STALL_SECONDS` is dropped: the response ends unfinished, which makes the
    server close the connection.
    """

    def __init__(self, reader: Reader, encoder: RunEncoder, detach: Detach, headers: Mapping[str, str]) -> None:
        super().__init__(headers={**STREAM_HEADERS, **headers}, media_type="text/event-stream")
        del self.headers["content-length"]
        self._reader = reader
        self._encoder = encoder
        self._detach = detach

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the run ends or the client leaves."""
        watch = _Watch(self._reader, receive)
        patience = _Patience(send)
        finished = False
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await self._send_events(patience)
            finished = not watch.dropped
            await patience.end()
        except asyncio.CancelledError:
            if not patience.forgive():
                raise
            finished = False
            logger.info("a reader was dropped: it took nothing for %g s", STALL_SECONDS, extra=self._facts())
        finally:
            patience.stop()
            watch.cancel()
            self._reader.close()
            self._detach(not finished)

    async def _send_events(self, patience: _Patience) -> None:
        async for events in self._reader:
            body = self._encoder.frames(events) if events else PING
            del events  # a send may take long, and its body is enough to hold
            await patience.send(body)
            del body

    def _facts(self) -> dict[str, str]:
        names = {"request_id": "x-request-id", "run_id": "x-chatkit-run-id", "thread_id": "x-chatkit-thread-id"}
        return {name: self.headers[header] for name, header in names.items() if header in self.headers}


async def whole_run(reader: Reader, receive: Receive, detach: Detach) -> Sequence[LoggedEvent] | None:
    """A run's events but for the updates of growing items, once it has ended; ``None`` if the client left before."""
    watch = _Watch(reader, receive)
    events: list[LoggedEvent] = []
    finished = False
    try:
        async for batch in reader:
            events.extend(event for event in batch if event.type != "thread.item.updated")
        finished = not watch.dropped
        return events if finished else None
    finally:
        watch.cancel()
        reader.close()
        detach(not finished)


def stream_headers(request_id: str, run_id: str, thread_id: str) -> dict[str, Any]:
    """The headers that name the request, the run and the thread."""
    return {"X-Request-ID": request_id, "X-ChatKit-Run-ID": run_id, "X-ChatKit-Thread-ID": thread_id}
