"""A run waits for its database: no client waits for a status code, and the text is there to be stored."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from ..errors import NotFound, Overloaded
from ..identity import Owner
from ..rows import ItemRow, ThreadRow
from ..store.base import RunLost, Store, ThreadChanges

logger = logging.getLogger(__name__)

T = TypeVar("T")

WAIT_SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""How long to wait between attempts: about a minute in all, and what each attempt takes."""


async def patiently(call: Callable[[], Awaitable[T]], run_id: str, fields: dict[str, Any] | None = None) -> T:
    """The result of a call to the store, as soon as the database can take it. ``fields`` are for the log.

    :raises Overloaded: it could not for a minute. Other errors are the call's own.
    """
    for delay in WAIT_SECONDS:
        try:
            return await call()
        except Overloaded:
            logger.warning("run %s waits for the database", run_id, extra=fields)
            await asyncio.sleep(delay)
    return await call()


async def at_last(call: Callable[[], Awaitable[None]], run_id: str, fields: dict[str, Any]) -> None:
    """Make a call until it works, or until there is nothing left to do it to, however long that takes."""
    while True:
        try:
            await patiently(call, run_id, fields)
        except (NotFound, RunLost):
            return
        except Exception as error:  # whatever it is, the text must not be lost
            logger.error("the end of run %s is not stored yet", run_id, exc_info=error, extra=fields)
            await asyncio.sleep(WAIT_SECONDS[-1])
        else:
            return


class Belated:
    """Calls of runs' ends that the database did not take in time: each is made until it does."""

    def __init__(self) -> None:
        self._trying: set[asyncio.Task[None]] = set()

    def keep_trying(
        self, call: Callable[[], Awaitable[None]], run_id: str, fields: dict[str, Any]
    ) -> asyncio.Task[None]:
        """See :func:`at_last`; the task that does it."""
        task = asyncio.create_task(at_last(call, run_id, fields))
        self._trying.add(task)
        task.add_done_callback(self._trying.discard)
        return task

    async def close(self, seconds: float) -> None:
        """Wait for them for so long, then give up."""
        if not self._trying:
            return
        _, pending = await asyncio.wait(self._trying, timeout=seconds)
        for task in pending:
            task.cancel()
        if pending:
            logger.error("the ends of %d runs were not stored", len(pending))


class PatientStore:
    """What a run asks of ``store`` while it goes on. What it writes is refused once it has been ended elsewhere."""

    def __init__(self, store: Store, run_id: str) -> None:
        self._store = store
        self._run_id = run_id

    async def put_item(self, owner: Owner, thread_id: str, item: ItemRow) -> None:
        """As the store's."""
        await patiently(lambda: self._store.put_item(owner, thread_id, item, self._run_id), self._run_id)

    async def remove_item(self, owner: Owner, thread_id: str, item_id: str) -> None:
        """As the store's."""
        await patiently(lambda: self._store.remove_item(owner, thread_id, item_id, self._run_id), self._run_id)

    async def get_item(self, owner: Owner, thread_id: str, item_id: str) -> ItemRow:
        """As the store's."""
        return await patiently(lambda: self._store.get_item(owner, thread_id, item_id), self._run_id)

    async def item_run(self, owner: Owner, thread_id: str, item_id: str) -> tuple[bool, str | None]:
        """As the store's."""
        return await patiently(lambda: self._store.item_run(owner, thread_id, item_id), self._run_id)

    async def change_thread(self, owner: Owner, thread_id: str, changes: ThreadChanges) -> ThreadRow:
        """As the store's."""
        change = partial(self._store.change_thread, owner, thread_id, changes, self._run_id)
        return await patiently(change, self._run_id)
