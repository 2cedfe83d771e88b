"""uvicorn, with connections that can be closed from this side; imported only when a server starts."""

from __future__ import annotations

import asyncio
import socket
from functools import partial

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi_chatkit.testing.wire.sending import CLOSE

_GRACE_SECONDS = 1


class WireUvicorn(uvicorn.Server):
    """A uvicorn server for tests: it stops without waiting for its clients.

    No logging is configured, because loggers are global and belong to the program that uses this server.
    """

    def __init__(self, app: ASGIApp) -> None:
        async def closable(scope: Scope, receive: Receive, send: Send) -> None:
            scope[CLOSE] = partial(self._close, scope["client"])
            await app(scope, receive, send)

        config = uvicorn.Config(
            closable,
            log_config=None,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
        super().__init__(config)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drop all connections, so that no stalled stream is waited for, then shut down as usual."""
        for transport in self._transports():
            transport.abort()
        await super().shutdown(sockets)

    def _close(self, client: object) -> None:
        for transport in self._transports():
            if transport.get_extra_info("peername") == client:
                transport.close()  # what was written is still sent

    def _transports(self) -> list[asyncio.Transport]:
        return [connection.transport for connection in self.server_state.connections]
