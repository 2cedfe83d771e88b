"""Plays the steps of a reply over an ASGI connection, and notices when the client leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import anyio
import anyio.lowlevel
from starlette.types import Receive, Scope, Send

from fastapi_chatkit.testing.wire.encoding import Cut, Hold, Sleep, Step
from fastapi_chatkit.testing.wire.requests import WireRequest

CLOSE = "fastapi_chatkit.testing.close"
"""Key of the scope under which a server may put a function that closes the connection.

Without it, a reply that is cut is left unfinished, which makes uvicorn close the connection and log an error.
"""

_WRITES_PER_TURN = 32
_CLOSE_TIMEOUT = 1.0


class SteppedResponse:
    """An ASGI response whose body is a sequence of steps; sets ``request.outcome`` when it ends.

    The response starts with the first bytes, so one that begins with a silence is silent from the start.
    """

    def __init__(self, steps: Iterable[Step], request: WireRequest, status: int, headers: Mapping[str, str]) -> None:
        self._steps = steps
        self._request = request
        raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        self._start = {"type": "http.response.start", "status": status, "headers": raw_headers}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the steps until they end or the client leaves."""
        async with anyio.create_task_group() as tasks:

            async def play() -> None:
                await self._play(send)
                if self._request.outcome == "cut":
                    await _close(scope)
                tasks.cancel_scope.cancel()

            tasks.start_soon(play)
            while (await receive())["type"] != "http.disconnect":
                pass
            if self._request.outcome == "open":
                self._request.outcome = "client_left"
            tasks.cancel_scope.cancel()

    async def _play(self, send: Send) -> None:
        started, writes, due = False, 0, anyio.current_time()
        for step in self._steps:
            match step:
                case bytes():
                    if not started:
                        started = True
                        await send(self._start)
                    await send({"type": "http.response.body", "body": step, "more_body": True})
                    writes += 1
                    if writes % _WRITES_PER_TURN == 0:  # a send that does not block does not yield to other streams
                        await anyio.lowlevel.checkpoint()
                case Sleep(seconds):
                    due += seconds
                    await anyio.sleep(max(0.0, due - anyio.current_time()))
                case Hold(limit):
                    await anyio.sleep(limit)
                case Cut():
                    self._request.outcome = "cut"
                    return
        self._request.outcome = "complete"
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _close(scope: Scope) -> None:
    close: Callable[[], None] | None = scope.get(CLOSE)
    if close is not None:
        close()
        # Until the server says that the client is gone: to return before that counts as a mistake, and is logged.
        await anyio.sleep(_CLOSE_TIMEOUT)
