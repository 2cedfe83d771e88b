"""What a process does beside its runs, as long as it lives: says that it lives, checkpoints its runs, hears who wants
them stopped, and ends those of processes that died.

A process is alive by its lease, which ends by the database's clock. Nobody runs a dead process's runs again: a tool
could act twice. They are ended as interrupted, with the text of their last checkpoint.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from ..errors import NotFound, Overloaded
from ..events import now
from ..store.base import Checkpoint, OwnedRun, RunEnd, Store

logger = logging.getLogger(__name__)

LEASE_SECONDS = 10.0
RENEW_SECONDS = 3.0
CHECKPOINT_SECONDS = 0.7
"""So that a checkpoint is stored within a second of what it holds."""

TOGETHER = 20
"""How many checkpoints share a transaction."""

LISTEN_SECONDS = 0.7
"""How often requests to stop are looked for: one is heard within a second."""

RECOVER_SECONDS = 2.0


class Runs(Protocol):
    """What the engine tells and is told."""

    def ids(self) -> list[str]:
        """The runs that go on."""
        ...

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Those of runs whose text has grown since their last one, each made when it is asked for."""
        ...

    def unkept(self, run_ids: Sequence[str]) -> None:
        """The checkpoints of these could not be stored: they are to be made again, also where nothing is new."""
        ...

    def hear(self, stops: dict[str, str | None]) -> None:
        """Stop runs, by their ids, for these reasons, where there is one."""
        ...


class Upkeep:
    """Runs beside an engine's runs, between :meth:`start` and :meth:`close`."""

    def __init__(self, store: Store, runs: Runs, replica: str) -> None:
        self._store = store
        self._runs = runs
        self._replica = replica
        self._tasks: list[asyncio.Task[None]] = []
        self._lease_until = 0.0
        self._trusted_from = 0.0
        self._renewing = asyncio.Lock()

    async def ready(self) -> None:
        """Start, if this has not begun, and hold a lease: a run of a process without one would be taken for dead.

        :raises Overloaded: the database cannot take it now.
        """
        clock = asyncio.get_running_loop().time
        if self._lease_until <= clock():
            async with self._renewing:
                if self._lease_until <= clock():
                    await self._renew_now()
        self.start()

    def start(self) -> None:
        """Begin; does nothing when this has begun."""
        if not self._tasks:
            self._trusted_from = asyncio.get_running_loop().time() + RENEW_SECONDS
            self._tasks = [
                self._every(RENEW_SECONDS, self._renew),
                self._every(CHECKPOINT_SECONDS, self._checkpoint),
                self._every(LISTEN_SECONDS, self._listen),
                self._every(RECOVER_SECONDS, self._recover),
            ]

    async def close(self) -> None:
        """Stop, and give the lease back."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
            try:
                await self._store.release_lease(self._replica)
            except Exception as error:  # it ends by itself
                logger.warning("the lease of this process was not given back", exc_info=error)
        self._tasks = []
        self._lease_until = 0.0

    def _every(self, seconds: float, call: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        return asyncio.create_task(_repeat(seconds, call), name=call.__name__)

    async def _renew(self) -> None:
        async with self._renewing:  # of two at once, the second would not see what the first has found
            await self._renew_now()

    async def _renew_now(self) -> None:
        """After a time without a lease, others have had none either: they get as long to say that they live.

        Where the database's clock has leapt, or this machine has slept, it is the database alone that knows of it.
        """
        clock = asyncio.get_running_loop().time
        began = clock()
        held = await self._store.renew_lease(self._replica, LEASE_SECONDS)
        if self._lease_until and (began > self._lease_until or not held):
            logger.warning("the lease of this process had ended before it was renewed")
            self._trusted_from = clock() + LEASE_SECONDS
        self._lease_until = began + LEASE_SECONDS

    async def _checkpoint(self) -> None:
        """A few at a time: streams get their turn between."""
        checkpoints = self._runs.checkpoints()
        while some := list(islice(checkpoints, TOGETHER)):
            try:
                await self._store.checkpoint_runs(some)
            except Exception:
                self._runs.unkept([checkpoint.run_id for checkpoint in some])
                raise

    async def _listen(self) -> None:
        """A run that goes on here and not in the database has been ended elsewhere, or deleted with its thread."""
        ids = self._runs.ids()
        if ids:
            known = await self._store.runs_of_replica(self._replica)
            self._runs.hear({run_id: known.get(run_id, "lost") for run_id in ids})

    async def _recover(self) -> None:
        """End the runs of the dead; not before those who live have had time to say so."""
        await self._renew()
        if asyncio.get_running_loop().time() < self._trusted_from:
            return
        while orphans := await self._store.orphaned_runs():
            ended = [await self._end(orphan) for orphan in orphans]
            if not all(ended):
                return  # the others live again, or are ended by somebody else

    async def _end(self, orphan: OwnedRun) -> bool:
        """End a dead process's run; what its checkpoint holds may be what no database takes."""
        end = RunEnd(orphan.run.id, orphan.run.thread_id, "interrupted", "crashed", now())
        try:
            recovered = await self._store.recover_run(orphan, end)
        except Overloaded:
            raise
        except Exception as error:  # neither its thread nor the others may wait for it for ever
            logger.error("the checkpoint of run %s cannot be kept", orphan.run.id, exc_info=error)
            recovered = await self._store.recover_run(orphan, end, keep=False)
        if recovered:
            _report(orphan)
        return recovered


def _report(orphan: OwnedRun) -> None:
    fields = {
        "run_id": orphan.run.id,
        "thread_id": orphan.run.thread_id,
        "user_id": orphan.owner.user_id,
        "status": "interrupted",
        "stop_reason": "crashed",
    }
    logger.warning("run interrupted: its process is dead", extra=fields)


async def _repeat(seconds: float, call: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await call()
        except (Overloaded, NotFound) as error:
            logger.debug("%s: %s", call.__name__, error.detail)
        except Exception as error:  # whatever it is, the next time may be better
            logger.error("%s failed", call.__name__, exc_info=error)
