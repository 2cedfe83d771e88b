"""The shape of a case: which servers it compares, what it does to one before, and how it takes a sample."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from benchmarks.client import Connection, Reply
from benchmarks.figures import Figure, Sample
from benchmarks.harness import Contender, Harness, Server

Say = Callable[[str], None]
"""Tells whoever waits what goes on."""


@dataclass(frozen=True, slots=True)
class Work:
    """What one sample saw: units of work done, in CPU and wall seconds."""

    units: int
    cpu: float
    wall: float

    def per_unit(self, scale: float) -> Sample:
        """CPU per unit, times `scale`, with the units a second beside it."""
        return Sample(self.cpu / self.units * scale, self.units / self.wall)


class Case(ABC):
    """A work that is measured on several servers, in turns."""

    name: str
    """As `--only` has it."""
    fresh = False
    """Whether each sample needs a new process; if not, the servers run side by side until the case ends."""
    rehearsed = True
    """Whether a fresh case starts each server once for nothing, before the first round."""

    @abstractmethod
    def figures(self) -> Sequence[Figure]:
        """The figures that the samples belong to, without samples."""

    @asynccontextmanager
    async def contenders(self, harness: Harness) -> AsyncIterator[Sequence[Contender]]:
        """The servers to compare; what they need, such as a model, runs meanwhile."""
        yield self.servers()

    @abstractmethod
    def servers(self) -> Sequence[Contender]:
        """The servers to compare, where they need nothing else."""

    async def prepare(self, server: Server) -> None:
        """Warm the server up and give it what the samples need; by itself, take a sample that nobody keeps."""
        await self.sample(server)

    @abstractmethod
    async def sample(self, server: Server) -> dict[str, Sample]:
        """One sample of each figure, by its name. The answers have been checked."""


class Sole(ABC):
    """A work that is measured on ours alone, by itself: it brings its own servers, anew for each sample."""

    name: str
    """As `--only` has it."""
    once = False
    """Whether one sample is enough however many rounds there are, for there is much in it."""

    @abstractmethod
    def figures(self) -> Sequence[Figure]:
        """The figures that the samples belong to, without samples."""

    @abstractmethod
    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        """One sample of each figure, by its name. What was answered has been checked."""


async def until_cpu(
    server: Server, least: float, batch: Callable[[], Awaitable[Sequence[Reply]]], check: Callable[[Reply], int]
) -> Work:
    """Repeat `batch` until the server has used `least` seconds of CPU, counting the units that `check` finds right.

    The answers are checked between the batches, while the server has nothing to do.
    """
    units, cpu, wall = 0, 0.0, 0.0
    while cpu < least:
        before = server.cpu()
        replies = await batch()
        cpu += server.cpu() - before
        wall += max(reply.ended for reply in replies) - min(reply.sent for reply in replies)
        units += sum(check(reply) for reply in replies)
    return Work(units, cpu, wall)


async def repeat(connection: Connection, request: bytes, until: float) -> list[Reply]:
    """Ask one after the other until the loop's time is `until`; the replies."""
    loop = asyncio.get_running_loop()
    replies: list[Reply] = []
    while loop.time() < until:
        replies.append(await connection.ask(request))
    return replies
