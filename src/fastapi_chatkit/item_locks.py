"""One at a time for each item, within this process.

Runs come one after the other in a thread, in whichever process; what has no run has these locks alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary, WeakValueDictionary


class ItemLocks:
    """Locks by thread and item. Only those that somebody holds or waits for exist."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._locks)

    @asynccontextmanager
    async def hold(self, thread_id: str, item_id: str = "") -> AsyncGenerator[None, None]:
        """Be the only one at this item, or at what is stored of the thread itself, in the order of asking.

        Not to be entered twice by the same task.
        """
        lock = self._locks.get((thread_id, item_id))
        if lock is None:
            lock = self._locks[thread_id, item_id] = asyncio.Lock()
        async with lock:
            yield


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, ItemLocks] = WeakKeyDictionary()


def item_locks() -> ItemLocks:
    """Those of the running event loop, whoever asks."""
    return _of_loops.setdefault(asyncio.get_running_loop(), ItemLocks())
