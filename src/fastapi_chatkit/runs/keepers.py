"""Who renews a lease: on the event loop, or in a thread with a connection of its own."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Protocol

from ..errors import Overloaded
from ..store.base import Store, StoreError

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
"""How soon a renewal that failed is tried again."""

Renew = Callable[[Store], Awaitable[None]]
DueIn = Callable[[], float]
"""In how many seconds the next renewal is due; others may have renewed meanwhile."""


class Keeper(Protocol):
    """Renews a lease between :meth:`start` and :meth:`close`."""

    def start(self) -> None:
        """Begin."""
        ...

    async def renew(self) -> None:
        """Renew now. :raises Overloaded: the database cannot take it, or the keeper is closing."""
        ...

    async def close(self) -> None:
        """Stop."""
        ...


class _Renewals:
    """Renewals over one store, which is opened where nobody has."""

    def __init__(self, store: Store, renew: Renew, due_in: DueIn) -> None:
        self._store = store
        self._renew = renew
        self._due_in = due_in
        self._renewing = asyncio.Lock()

    async def renew(self) -> None:
        """Renew now. Of two at once, the second would not see what the first has found."""
        async with self._renewing:
            if not self._store.is_open:
                try:
                    await self._store.open()
                except StoreError as error:
                    raise Overloaded from error
            await self._renew(self._store)

    async def keep(self, wanted: Callable[[], bool]) -> None:
        """Renew whenever it is due, as long as that is wanted."""
        while wanted():
            pause = RETRY_SECONDS
            try:
                if self._due_in() <= 0:
                    await self.renew()
                pause = self._due_in()
            except Overloaded as error:
                logger.debug("lease: %s", error.detail)
            except Exception as error:  # whatever it is, the next time may be better
                logger.error("the lease of this process could not be renewed", exc_info=error)
            await asyncio.sleep(max(pause, 0))


class KeeperOnLoop:
    """Renews on the event loop that it was started on, over the store that is open there."""

    def __init__(self, store: Store, renew: Renew, due_in: DueIn) -> None:
        self._renewals = _Renewals(store, renew, due_in)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._renewals.keep(lambda: True), name="lease")

    async def renew(self) -> None:
        """Renew now."""
        await self._renewals.renew()

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])


class KeeperInThread:
    """Renews in a thread with an event loop and a store of its own. It ends with the loop that started it."""

    def __init__(self, store: Store, renew: Renew, due_in: DueIn) -> None:
        self._store = store
        self._renewals = _Renewals(store, renew, due_in)
        self._loop = asyncio.new_event_loop()
        self._owner = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="chatkit-lease", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    async def renew(self) -> None:
        """Renew now. :raises Overloaded: also where this keeper is closed meanwhile."""
        renewal = asyncio.run_coroutine_threadsafe(self._renewals.renew(), self._loop)
        try:
            await asyncio.wrap_future(renewal)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise Overloaded from None

    async def close(self) -> None:
        """Stop, and wait for the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        loop = self._loop
        asyncio.set_event_loop(loop)
        keeping = loop.create_task(self._keep(), name="lease")  # the loop itself holds it weakly
        loop.run_forever()
        loop.run_until_complete(self._end(keeping))
        loop.close()

    async def _keep(self) -> None:
        await self._renewals.keep(lambda: not self._owner.is_closed())
        self._loop.stop()

    async def _end(self, keeping: asyncio.Task[None]) -> None:
        tasks = {keeping, *asyncio.all_tasks()} - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._store.close()
