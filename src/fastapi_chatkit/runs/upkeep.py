"""What a process does beside its runs, as long as it lives: says that it lives, checkpoints its runs, hears who wants
them stopped, and ends those of processes that died.

A process is alive by its lease. Nobody runs a dead process's runs again: a tool could act twice. They are ended as
interrupted, with the text of their last checkpoint.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from math import ceil
from typing import TypeVar

from ..errors import NotFound, Overloaded
from ..eventlog.base import EventLog
from ..events import now
from ..store.base import OwnedRun, RunEnd, Store
from .lease import Lease
from .peers import Peers
from .registry import Registry

logger = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 0.7
"""How often each run is checkpointed, so that what it has said is stored within a second."""

TOGETHER = 20
"""How many checkpoints share a transaction."""

TURNS = 4
"""In how many turns they are made at least: a run that has just begun waits for one of them, and then for its own."""

LISTEN_SECONDS = 0.7
"""How often requests to stop are looked for: one is heard within a second."""

RECOVER_SECONDS = 2.0

AT_ONCE = 8
"""How many orphans are ended at the same time: a process may leave thousands."""

PEERS_SECONDS = 10.0
"""How often the other processes are looked at."""


class Upkeep:
    """Runs beside an engine's ``runs``, between :meth:`start` and :meth:`close`."""

    def __init__(self, store: Store, log: EventLog, runs: Registry, replica: str) -> None:
        self._store = store
        self._log = log
        self._runs = runs
        self._replica = replica
        self._tasks: list[asyncio.Task[None]] = []
        self._rung = asyncio.Event()
        self._lease = Lease(store, replica, log_id=lambda: log.identity, ended=runs.give_up, woken=self.look)
        self._stop_listening: Callable[[], None] | None = None
        self.peers = Peers()

    async def ready(self) -> None:
        """Start, if this has not begun, and hold a lease: a run of a process without one would be taken for dead.

        :raises Overloaded: the database cannot take it now.
        :raises Draining: it was closed.
        """
        if not self._lease.is_held:
            await self._lease.renew()
        self.start()

    def look(self) -> None:
        """Look at once which runs are still this process's, and which of them are to be stopped."""
        self._rung.set()

    def start(self) -> None:
        """Begin; does nothing when this has begun. :raises Draining: it was closed."""
        if not self._tasks:
            self._lease.start()
            self._stop_listening = self._log.doorbell.listen(f"replica:{self._replica}", self.look)
            self._tasks = [
                self._every(lambda: CHECKPOINT_SECONDS / self._turns(), self._checkpoint),
                self._every(lambda: LISTEN_SECONDS, self._listen, self._rung),
                self._every(lambda: RECOVER_SECONDS, self._recover),
                self._every(lambda: PEERS_SECONDS, self._look_around),
            ]

    async def close(self) -> None:
        """Stop, and give the lease back."""
        for task in self._tasks:
            task.cancel()
        if self._stop_listening is not None:
            self._stop_listening()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = []
        await self._lease.close()

    def _every(
        self, seconds: Callable[[], float], call: Callable[[], Awaitable[None]], rung: asyncio.Event | None = None
    ) -> asyncio.Task[None]:
        return asyncio.create_task(_repeat(seconds, call, rung), name=call.__name__)

    async def _checkpoint(self) -> None:
        """The next few."""
        checkpoints = self._runs.checkpoints(ceil(len(self._runs) / self._turns()))
        try:
            await self._store.checkpoint_runs(checkpoints)
        except Exception:
            self._runs.unkept([checkpoint.run_id for checkpoint in checkpoints])
            raise

    def _turns(self) -> int:
        """In how many turns all runs are checkpointed: all at once would hold up streams."""
        return max(TURNS, ceil(len(self._runs) / TOGETHER))

    async def _listen(self) -> None:
        """A run that goes on here and not in the database has been ended elsewhere, or deleted with its thread."""
        ids = self._runs.ids()
        if ids:
            known = await self._store.runs_of_replica(self._replica)
            self._runs.hear({run_id: known.get(run_id, "lost") for run_id in ids})

    async def _recover(self) -> None:
        """End the runs of the dead; not before those who live have had time to say so."""
        await self._lease.renew()
        while self._lease.may_judge and (orphans := await self._store.orphaned_runs()):
            for some in _batches(orphans, AT_ONCE):
                ended = await asyncio.gather(*map(self._end, some), return_exceptions=True)
                for error in ended:
                    if isinstance(error, Exception) and not isinstance(error, Overloaded):
                        logger.error("a run whose process is dead could not be ended", exc_info=error)
                if ended != [True] * len(some):
                    return  # they live again, or are ended by somebody else, or the database needs a pause

    async def _look_around(self) -> None:
        self.peers.see(await self._store.replicas())

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
            self._log.fence(orphan.run.id, orphan.run.attempt + 1)
            self._log.doorbell.ring(f"thread:{orphan.run.thread_id}")
            _report(orphan)
        return recovered


T = TypeVar("T")


def _batches(many: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (many[start : start + size] for start in range(0, len(many), size))


def _report(orphan: OwnedRun) -> None:
    fields = {
        "run_id": orphan.run.id,
        "thread_id": orphan.run.thread_id,
        "user_id": orphan.owner.user_id,
        "status": "interrupted",
        "stop_reason": "crashed",
    }
    logger.warning("run interrupted: its process is dead", extra=fields)


async def _repeat(
    seconds: Callable[[], float], call: Callable[[], Awaitable[None]], rung: asyncio.Event | None
) -> None:
    """Call every so often, and at once when it is rung."""
    loop = asyncio.get_running_loop()
    rung = rung or asyncio.Event()
    began = loop.time()
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(began + seconds()):
                await rung.wait()
        rung.clear()
        began = loop.time()
        try:
            await call()
        except (Overloaded, NotFound) as error:
            logger.debug("%s: %s", call.__name__, error.detail)
        except Exception as error:  # whatever it is, the next time may be better
            logger.error("%s failed", call.__name__, exc_info=error)
