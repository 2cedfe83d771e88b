"""A process's lease: it says to the database that it lives, every few seconds, from a thread with a connection of its
own.

An agent that holds the event loop for a minute does not cost the process its runs. A process that cannot say it any
more is taken for dead when its lease ends, by the database's clock: shortly before, it stops its runs itself, so that
no agent acts for a run of which others have told its user that it is over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from ..errors import Draining
from ..store.base import Store
from .keepers import Keeper, KeeperInThread, KeeperOnLoop

logger = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
RENEW_SECONDS = 3.0
MARGIN_SECONDS = 1.5
"""How long before its end a lease that was not renewed is given up: what runs still have to do fits in."""


class Lease:
    """One process's. Where the store is this process's alone, it is renewed on the event loop.

    ``ended`` is called, on the event loop that :meth:`start` was called on, when it is about to end and could not be
    renewed; ``woken`` when it is too late for that, because the process was stopped for a while: the database knows
    which runs are still its own.
    """

    def __init__(
        self,
        store: Store,
        replica: str,
        *,
        log_id: Callable[[], str | None],
        ended: Callable[[], None],
        woken: Callable[[], None],
    ) -> None:
        self._store = store
        self._replica = replica
        self._log_id = log_id
        self._ended = ended
        self._woken = woken
        self._until = 0.0
        self._trusted_from = 0.0
        self._renewed_at = 0.0
        self._clock = time.monotonic
        self._keeper: Keeper | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._closed = False
        self._given_up = False

    @property
    def is_held(self) -> bool:
        """Whether the process is alive by what it knows itself."""
        return self._until > self._clock()

    @property
    def may_judge(self) -> bool:
        """Whether others without a lease may be taken for dead: not before they have had time to say that they live.

        After a time in which this process could not renew its lease, they could not either.
        """
        return self._clock() >= self._trusted_from

    def start(self) -> None:
        """Begin to renew it; does nothing when this has begun. :raises Draining: it was closed."""
        self._started()

    def _started(self) -> Keeper:
        if self._closed:
            raise Draining
        if self._keeper is None:
            loop, apart = asyncio.get_running_loop(), self._store.apart()
            if apart is None:
                self._clock = loop.time
                self._keeper = KeeperOnLoop(self._store, self._renew_over, self._due_in)
            else:
                self._keeper = KeeperInThread(apart, self._renew_over, self._due_in)
            self._trusted_from = self._clock() + RENEW_SECONDS
            self._keeper.start()
            self._watch = loop.call_later(RENEW_SECONDS, self._look, self._clock() + RENEW_SECONDS)
        return self._keeper

    async def renew(self) -> None:
        """Renew it now, whenever that was done last.

        :raises Overloaded: the database cannot take it.
        :raises Draining: it was closed, before or meanwhile.
        """
        await self._started().renew()
        if self._closed:
            raise Draining

    async def close(self) -> None:
        """Renew it no more, and give it back; it is not taken again."""
        self._closed = True
        if self._keeper is None:
            return
        if self._watch is not None:
            self._watch.cancel()
        keeper, self._keeper = self._keeper, None
        await keeper.close()
        try:
            await self._store.release_lease(self._replica)
        except Exception as error:  # it ends by itself
            logger.warning("the lease of this process was not given back", exc_info=error)
        self._until = 0.0

    async def _renew_over(self, store: Store) -> None:
        """Renew it over a store, in whichever thread that lives.

        Where the database's clock has leapt, or this machine has slept, it is the database alone that knows of it.
        """
        began = self._clock()
        held = await store.renew_lease(self._replica, LEASE_SECONDS, log_id=self._log_id())
        if self._until and (began > self._until or not held):
            logger.warning("the lease of this process had ended before it was renewed")
            self._trusted_from = self._clock() + LEASE_SECONDS
        self._until, self._renewed_at = began + LEASE_SECONDS, began

    def _due_in(self) -> float:
        """In how many seconds it is to be renewed."""
        return self._renewed_at + RENEW_SECONDS - self._clock()

    def _look(self, due: float) -> None:
        """Give the lease up in time; look again when it may next be about to end."""
        now = self._clock()
        left = self._until - MARGIN_SECONDS - now
        if left > 0 or not self._until:
            self._given_up = False
        elif now - due > MARGIN_SECONDS:
            self._woken()
        elif not self._given_up:
            self._given_up = True
            logger.error("the lease of this process could not be renewed: answers under way are interrupted")
            self._ended()
        pause = left if left > 0 else MARGIN_SECONDS
        self._watch = asyncio.get_running_loop().call_later(pause, self._look, now + pause)
