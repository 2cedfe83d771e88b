"""The clients of one server: which protocol it speaks, found out once, and a session a user where it wants sessions."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_REQUEST, METHOD_NOT_FOUND, UNSUPPORTED_PROTOCOL_VERSION, DiscoverResult

from .caller import Caller, current_caller
from .endpoint import Endpoint
from .failures import Refused, Unreachable, WireError, is_outage, limited
from .peer import Peer
from .replies import AnsweredError
from .server import MCPServer
from .tasks import Tasks
from .wire import Wire

MAX_PEERS = 1000
"""Clients that are kept; the least recently used go first."""

IDLE = 900.0
"""Seconds after which a client that nobody used goes, with the next use of any other."""

OPENING = 10.0
"""Seconds that finding out the protocol and opening a session may take."""

_ENDING = 2.0
_DOUBTFUL = (400, 404, 405, 415)
_OF_PROTOCOL = (INVALID_REQUEST, METHOD_NOT_FOUND, UNSUPPORTED_PROTOCOL_VERSION)


class Peers:
    """``get`` is for any task; what it starts is shared, and goes on when a caller is cancelled."""

    def __init__(
        self,
        server: MCPServer,
        endpoint: Endpoint,
        tasks: Tasks,
        clock: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._server = server
        self._endpoint = endpoint
        self._tasks = tasks
        self._clock = clock
        self._changed = changed
        self._era: Literal["modern", "legacy"] | None = None
        self._discovered: DiscoverResult | None = None
        self._finding_out = asyncio.Lock()
        self._found_out: tuple[int, Exception | None] = (0, None)
        self._common: Peer | None = None
        self._peers: OrderedDict[bytes, Peer] = OrderedDict()
        self._opening: dict[bytes, asyncio.Task[Peer]] = {}

    async def get(self, caller: Caller) -> Peer:
        """The caller's client, opened on first use.

        :raises MCPError, WireError:
        """
        peer = self._common or self._peers.get(caller.key)
        if peer is not None:
            self._use(peer)
            return peer
        opening = self._opening.get(caller.key)
        if opening is None:
            opening = self._tasks.spawn(self._open(caller))
            self._opening[caller.key] = opening
            opening.add_done_callback(lambda _: self._opening.pop(caller.key, None))
        return await self._tasks.join(opening)

    def share(self, peer: Peer, *, public: bool) -> None:
        """Use one client for all, or not: whether its list of tools is the same for every caller."""
        self._common = peer if public else None

    async def instead(self, peer: Peer, caller: Caller, error: MCPError | Refused) -> Peer | None:
        """Another client for the call that ``error`` answered; ``None`` where that is the answer, or it is not certain
        that nothing was done: the session must have been unknown to the server, or it speaks another protocol now.

        :raises MCPError, WireError: none could be opened.
        """
        forgotten = not peer.modern and peer.wire.session_id is not None and status_of(error) == 404
        if not forgotten and not _is_doubtful(error):
            return None
        if self._peers.get(peer.caller.key) is peer:
            del self._peers[peer.caller.key]
        if self._common is peer:
            self._common = None
        if not forgotten and (self._era == "modern") == peer.modern:
            self._era = None
        new = await self.get(caller)
        return new if forgotten or new.modern != peer.modern else None

    async def close(self) -> None:
        """End the sessions, where the server hears it in time."""
        peers, self._common = list(self._peers.values()), None
        self._peers.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_ENDING):
                await asyncio.gather(*(self._end(peer) for peer in peers))

    async def _open(self, caller: Caller) -> Peer:
        peer = Peer(self._server, Wire(self._endpoint, self._changed, self._tasks.spawn), caller)
        async with limited(min(OPENING, self._server.timeout)):
            await self._connect(peer)
        if peer.modern:
            peer.caller = Caller(caller.key, ())  # there is no session to end in the caller's name
        self._peers[caller.key] = peer
        self._use(peer)
        return peer

    async def _connect(self, peer: Peer) -> None:
        if self._era == "legacy":
            try:
                await peer.initialize()
            except (MCPError, Refused) as error:
                if not _is_doubtful(error):
                    raise
                self._era = None
            else:
                return
        if self._era is None:
            await self._find_out(peer)
        if self._discovered is not None and peer.session.protocol_version is None:
            peer.session.adopt(self._discovered)
        elif peer.session.protocol_version is None:
            await peer.initialize()

    async def _find_out(self, peer: Peer) -> None:
        """Ask the server, once for all who wait. An outage is theirs as well, a refusal of this caller is not."""
        asked = self._found_out[0]
        async with self._finding_out:
            if self._era is not None:
                return
            if self._found_out[0] != asked and self._found_out[1] is not None:
                raise self._found_out[1]
            failure: Exception | None = None
            try:
                self._discovered = await peer.negotiate()
                self._era = "legacy" if self._discovered is None else "modern"
            except WireError as error:
                failure = error if is_outage(error) else None
                raise
            finally:
                self._found_out = (self._found_out[0] + 1, failure)

    def _use(self, peer: Peer) -> None:
        peer.used_at = self._clock()
        if self._peers.get(peer.caller.key) is peer:
            self._peers.move_to_end(peer.caller.key)
        first = next(iter(self._peers.values()), peer)
        if len(self._peers) > MAX_PEERS or first.used_at <= peer.used_at - IDLE:
            self._trim()

    def _trim(self) -> None:
        """Let those go that nobody uses."""
        oldest = self._clock() - IDLE
        for key, peer in list(self._peers.items()):
            if len(self._peers) <= MAX_PEERS and peer.used_at > oldest:
                return
            if not peer.busy and peer is not self._common:
                del self._peers[key]
                self._tasks.spawn(self._end(peer))

    async def _end(self, peer: Peer) -> None:
        if peer.wire.session_id is None:
            return
        token = current_caller.set(peer.caller)
        try:
            with suppress(Unreachable, Refused):
                await peer.wire.end()
        finally:
            current_caller.reset(token)


def status_of(error: MCPError | Refused) -> int:
    """The HTTP status that an error came with."""
    return error.status if isinstance(error, AnsweredError | Refused) else 200


def _is_doubtful(error: MCPError | Refused) -> bool:
    """Whether the server may speak another protocol than was believed."""
    of_protocol = isinstance(error, Refused) or error.code in _OF_PROTOCOL
    return of_protocol and status_of(error) in _DOUBTFUL
