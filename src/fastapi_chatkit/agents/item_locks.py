"""One at a time for each item, within this process."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary


class ItemLocks:
    """Locks by thread and item. Only those that somebody holds or waits for exist."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[str, str], Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, thread_id: str, item_id: str) -> AsyncGenerator[None, None]:
        """Be the only one at this item, in the order of asking."""
        lock = self._locks.get((thread_id, item_id))
        if lock is None:
            lock = self._locks[thread_id, item_id] = Lock()
        async with lock:
            yield
