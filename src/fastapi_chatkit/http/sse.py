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


class _Sender:
    """Sends a run's frames in a task of its own: a token that wakes it need not find its way through the layers that an
    application has around its responses.

    A send that takes :data:`STALL_SECONDS` ends it, ``stalled``. One timer at a time watches over all sends.
    """

    __slots__ = ("_encoder", "_loop", "_reader", "_send", "_since", "_timer", "finished", "stalled", "task")

    def __init__(self, reader: Reader, encoder: RunEncoder, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = reader
        self._encoder = encoder
        self._send = send
        self._since: float | None = None
        self._timer = self._loop.call_later(STALL_SECONDS, self._look)
        self.finished = False
        """Whether every event has been sent."""
        self.stalled = False
        self.task = asyncio.create_task(self._run(headers))

    async def _run(self, headers: list[tuple[bytes, bytes]]) -> None:
        try:
            await self._send({"type": "http.response.start", "status": 200, "headers": headers})
            del headers
            async for events in self._reader:
                body = self._encoder.frames(events) if events else PING
                del events  # a send may take long, and its body is enough to hold
                for at in range(0, len(body), SEND_BYTES):
                    self._since = self._loop.time()
                    await self._send(
                        {"type": "http.response.body", "body": body[at : at + SEND_BYTES], "more_body": True}
                    )
                self._since = None
                del body
            self.finished = True
            self._since = self._loop.time()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self._timer.cancel()

    def _look(self) -> None:
        waited = 0.0 if self._since is None else self._loop.time() - self._since
        if waited < STALL_SECONDS:
            self._timer = self._loop.call_later(STALL_SECONDS - waited, self._look)
        else:
            self.stalled, self.finished = True, False
            self.task.cancel()


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
        self._names = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the run ends or the client leaves."""
        sender = _Sender(self._reader, self._encoder, send, self.raw_headers)
        del self._headers, self.raw_headers  # they are sent, and the stream may be long
        try:
            await _left_or_done(receive, sender.task)
            if not sender.finished:
                sender.task.cancel()
            await asyncio.wait([sender.task])
            if not sender.task.cancelled():
                sender.task.result()
        finally:
            sender.task.cancel()
            self._reader.close()
            if sender.stalled:
                logger.info("a client took nothing for %g s and was dropped", STALL_SECONDS, extra=self._facts())
            self._detach(not sender.finished)

    def _facts(self) -> dict[str, str]:
        """What the log line about the stream carries."""
        bare = {name.removeprefix("X-").removeprefix("ChatKit-"): value for name, value in self._names.items()}
        return {name.replace("-", "_").lower(): value for name, value in bare.items()}


async def _left_or_done(receive: Receive, sending: asyncio.Task[None]) -> None:
    """Wait until the client has left or everything is sent. A server need not say that a response is complete."""
    own = asyncio.current_task()
    waiting, done = True, False

    def wake(_: asyncio.Task[None]) -> None:
        nonlocal done
        if waiting and own is not None:
            done = True
            own.cancel()

    sending.add_done_callback(wake)
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    except asyncio.CancelledError:
        if not done or own is None or own.uncancel() > 0:
            raise
    finally:
        waiting = False


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
