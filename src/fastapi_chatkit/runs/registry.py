"""The runs that go on in this process, by id and by thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice

from ..identity import Owner
from ..store.base import Checkpoint
from .driver import RunDriver
from .live import LiveRun
from .run import STATUS_OF, StopReason


class Registry:
    """Runs with their drivers, from their admission to their end."""

    def __init__(self) -> None:
        self._drivers: OrderedDict[str, tuple[LiveRun, RunDriver]] = OrderedDict()
        self._threads: dict[tuple[Owner, str], dict[str, RunDriver]] = {}

    def __len__(self) -> int:
        return len(self._drivers)

    def __iter__(self) -> Iterator[tuple[LiveRun, RunDriver]]:
        """As they are now: they may end meanwhile."""
        return iter(list(self._drivers.values()))

    def add(self, run: LiveRun, driver: RunDriver) -> None:
        """A run goes on here."""
        self._drivers[run.id] = run, driver
        self._threads.setdefault((run.owner, run.thread_id), {})[run.id] = driver

    def remove(self, run: LiveRun) -> None:
        """It has ended."""
        self._drivers.pop(run.id, None)
        line = self._threads.get((run.owner, run.thread_id), {})
        line.pop(run.id, None)
        if not line:
            self._threads.pop((run.owner, run.thread_id), None)

    def find(self, run_id: str) -> LiveRun | None:
        """The run of this id, if it goes on here."""
        found = self._drivers.get(run_id)
        return found[0] if found is not None else None

    def driver(self, run_id: str) -> RunDriver | None:
        """Its driver."""
        found = self._drivers.get(run_id)
        return found[1] if found is not None else None

    def in_thread(self, owner: Owner, thread_id: str) -> list[LiveRun]:
        """Those of a thread, in the order in which they were admitted."""
        return [self._drivers[run_id][0] for run_id in self._threads.get((owner, thread_id), ())]

    def first_waiting(self, run: LiveRun) -> RunDriver | None:
        """The first that waits in the thread of a run."""
        line = self._threads.get((run.owner, run.thread_id), {})
        return next((driver for driver in line.values() if driver.waits), None)

    def ids(self) -> list[str]:
        """All of them."""
        return list(self._drivers)

    # --- their stops ----------------------------------------------------------------------------------------------

    def stop(self, run_id: str, reason: StopReason) -> None:
        """Ask a run to end: its partial text is kept. Has no effect on one that has ended, or is about to."""
        driver = self.driver(run_id)
        if driver is not None:
            driver.stop(reason)

    def hear(self, stops: dict[str, str | None]) -> None:
        """Stop runs, by their ids, for these reasons, where there is one: another process was asked to, or has ended
        them.
        """
        for run_id, reason in stops.items():
            if reason is not None:
                self.stop(run_id, reason if reason in STATUS_OF else "cancelled")

    def give_up(self) -> None:
        """Stop all: this process is about to be taken for dead."""
        for run_id in self.ids():
            self.stop(run_id, "lost")

    # --- what a crash would lose ----------------------------------------------------------------------------------

    def checkpoints(self, count: int) -> list[Checkpoint]:
        """Those of the next ``count`` runs, round and round, where there is more since last time."""
        found: list[Checkpoint] = []
        for run_id in list(islice(self._drivers, count)):
            self._drivers.move_to_end(run_id)
            run, driver = self._drivers[run_id]
            checkpoint = driver.checkpoint()
            if checkpoint is not None:
                found.append(Checkpoint(run.owner, run_id, *checkpoint))
        return found

    def unkept(self, run_ids: Sequence[str]) -> None:
        """The checkpoints of these could not be stored: they are to be made again, also where nothing is new."""
        for run_id in run_ids:
            driver = self.driver(run_id)
            if driver is not None:
                driver.checkpoint_again()
