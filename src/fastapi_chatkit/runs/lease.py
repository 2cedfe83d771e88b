"""A process's lease: it says to the database that it lives, every few seconds, from a thread with a connection of its
own.

An agent that holds the event loop for a minute does not cost the process its runs. A process that cannot say it any
more is taken for dead when its lease ends, by the database's clock: shortly before, it stops its runs itself, so that
no agent acts for a run of which others have told its user that it is over.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

from ..errors import Overloaded
from ..store.base import Store, StoreError

logger = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
RENEW_SECONDS = 3.0
RETRY_SECONDS = 0.5
"""How soon a renewal that failed is tried again."""

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
        shares_log: bool,
        ended: Callable[[], None],
        woken: Callable[[], None],
    ) -> None:
        self._store = store
        self._replica = replica
        self._shares_log = shares_log
        self._ended = ended
        self._woken = woken
        self._until = 0.0
        self._trusted_from = 0.0
        self._keeper: _OnLoop | _InThread | None = None
        self._watch: asyncio.TimerHandle | None = None

    @property
    def is_held(self) -> bool:
        """Whether the process is alive by what it knows itself."""
        return self._until > asyncio.get_running_loop().time()

    @property
    def may_judge(self) -> bool:
        """Whether others without a lease may be taken for dead: not before they have had time to say that they live.

        After a time in which this process could not renew its lease, they could not either.
        """
        return asyncio.get_running_loop().time() >= self._trusted_from

    def start(self) -> None:
        """Begin to renew it; does nothing when this has begun."""
        if self._keeper is None:
            self._start()

    def _start(self) -> _OnLoop | _InThread:
        loop = asyncio.get_running_loop()
        self._trusted_from = loop.time() + RENEW_SECONDS
        apart = self._store.apart()
        self._keeper = keeper = _OnLoop(self, self._store) if apart is None else _InThread(self, apart)
        keeper.start()
        self._watch = loop.call_later(RENEW_SECONDS, self._look, loop.time() + RENEW_SECONDS)
        return keeper

    async def renew(self) -> None:
        """Renew it now, whenever that was done last. :raises Overloaded: the database cannot take it."""
        keeper = self._keeper or self._start()
        await keeper.renew()

    async def close(self) -> None:
        """Renew it no more, and give it back."""
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

    async def renew_over(self, store: Store) -> None:
        """Renew it over a store, on whichever loop that lives.

        Where the database's clock has leapt, or this machine has slept, it is the database alone that knows of it.
        """
        clock = asyncio.get_running_loop().time  # the same for all loops of a process
        began = clock()
        held = await store.renew_lease(self._replica, LEASE_SECONDS, shares_log=self._shares_log)
        if self._until and (began > self._until or not held):
            logger.warning("the lease of this process had ended before it was renewed")
            self._trusted_from = clock() + LEASE_SECONDS
        self._until = began + LEASE_SECONDS

    def _look(self, due: float) -> None:
        """Give the lease up in time; look again when it may next be about to end."""
        loop = asyncio.get_running_loop()
        left = self._until - MARGIN_SECONDS - loop.time()
        if left <= 0 and self._until:
            if loop.time() - due > MARGIN_SECONDS:
                self._woken()
            else:
                logger.error("the lease of this process could not be renewed: answers under way are interrupted")
                self._ended()
        pause = left if left > 0 else MARGIN_SECONDS
        self._watch = loop.call_later(pause, self._look, loop.time() + pause)


class _Keeper:
    """Renews a lease over a store, which it opens where nobody has."""

    def __init__(self, lease: Lease, store: Store) -> None:
        self._lease = lease
        self._store = store
        self._renewing = asyncio.Lock()

    async def renew(self) -> None:
        """Renew now. Of two at once, the second would not see what the first has found."""
        async with self._renewing:
            if not self._store.is_open:
                try:
                    await self._store.open()
                except StoreError as error:
                    raise Overloaded from error
            await self._lease.renew_over(self._store)

    async def keep(self) -> None:
        """Renew for ever."""
        while True:
            pause = RETRY_SECONDS
            try:
                await self.renew()
                pause = RENEW_SECONDS
            except Overloaded as error:
                logger.debug("lease: %s", error.detail)
            except Exception as error:  # whatever it is, the next time may be better
                logger.error("the lease of this process could not be renewed", exc_info=error)
            await asyncio.sleep(pause)


class _OnLoop:
    """A keeper on the event loop that it was started on."""

    def __init__(self, lease: Lease, store: Store) -> None:
        self._keeper = _Keeper(lease, store)
        self.renew = self._keeper.renew
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._keeper.keep(), name="lease")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])


class _InThread:
    """A keeper in a thread with an event loop and a store of its own."""

    def __init__(self, lease: Lease, store: Store) -> None:
        self._store = store
        self._keeper = _Keeper(lease, store)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="chatkit-lease", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    async def renew(self) -> None:
        """Renew now."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._keeper.renew(), self._loop))

    async def close(self) -> None:
        """Stop, and wait for the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        loop.create_task(self._keeper.keep(), name="lease")
        loop.run_forever()
        loop.run_until_complete(self._end())
        loop.close()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._store.close()
