"""The runs that go on in this process, by id and by thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from itertools import islice

from ..identity import Owner
from .driver import RunDriver
from .live import LiveRun


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

    def turn(self, count: int) -> Iterator[tuple[LiveRun, RunDriver]]:
        """The next ``count`` of them, round and round: those whose turn was longest ago."""
        for run_id in list(islice(self._drivers, count)):
            self._drivers.move_to_end(run_id)
            yield self._drivers[run_id]

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
