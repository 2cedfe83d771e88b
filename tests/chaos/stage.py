"""Whose turn it is to suffer: one thing at a time is done to a server, and one replica is always left alone.

What is done is written down.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from tests.chaos.history import Fault, History
from tests.chaos.plan import Planned
from tests.chaos.replica import Replica
from tests.chaos.world import World

WAIT_SECONDS = 5.0
"""How long to wait for one's turn."""


class Stage:
    """The servers, and which of them something is done to."""

    def __init__(self, world: World, history: History) -> None:
        self.world = world
        self.history = history
        self._touched: set[str] = set()

    @asynccontextmanager
    async def replica(self, planned: Planned) -> AsyncIterator[tuple[Replica, Fault] | None]:
        """The replica that it is done to, until it is undone; ``None`` where one would not be left alone."""
        if not await _comes_true(lambda: len(self.left_alone()) >= 2):
            self._leave_out(planned, "one replica is left alone")
            yield None
            return
        free = self.left_alone()
        replica = free[planned.replica % len(free)]
        async with self._fault(planned, replica.name, replica.life.who) as fault:
            yield replica, fault

    def left_alone(self) -> list[Replica]:
        """The replicas that nothing is done to."""
        return [replica for replica in self.world.replicas if replica.name not in self._touched]

    def is_touched(self, name: str) -> bool:
        """Whether something is done to a server."""
        return name in self._touched

    @asynccontextmanager
    async def server(self, planned: Planned, name: str) -> AsyncIterator[Fault | None]:
        """That it is done to a server that all have in common; ``None`` where something is done to it already."""
        if not await _comes_true(lambda: name not in self._touched):
            self._leave_out(planned, f"something is done to {name}")
            yield None
            return
        async with self._fault(planned, name, name) as fault:
            yield fault

    @asynccontextmanager
    async def _fault(self, planned: Planned, target: str, shown: str) -> AsyncIterator[Fault]:
        fault = Fault(planned.kind, target, time.time())
        self._touched.add(target)
        self.history.faults.append(fault)
        self.history.say(f"{planned} on {shown}")
        try:
            yield fault
        finally:
            fault.ended = time.time()
            self._touched.discard(target)
            note = f" ({fault.note})" if fault.note else ""
            self.history.say(f"  {planned.kind} on {shown} is over after {fault.ended - fault.began:.1f} s{note}")

    def _leave_out(self, planned: Planned, why: str) -> None:
        self.history.left_out += 1
        self.history.say(f"{planned} is left out: {why}")


async def _comes_true(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition() and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return condition()
