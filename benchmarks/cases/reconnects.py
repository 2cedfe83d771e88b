"""Readers that lose their connection at random moments and come back at a random replica: what they miss or see twice.

Afterwards, so many readers that come back to another replica all at once: what that costs, and how long they wait.
"""

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks import contenders
from benchmarks.answers import WrongAnswer
from benchmarks.cases.base import Say, Sole
from benchmarks.figures import Figure, Sample, Target
from benchmarks.following import Open, begin, follow, percentile
from benchmarks.harness import Harness, Server
from benchmarks.workload import TOKENS_PER_SECOND, Pace, Script

_FRAME = re.compile(rb"(?:event: (?P<name>[\w.]+)\n)?id: (?P<id>\d+-\d+)\ndata: (?P<data>.*)\n\n")
_DELTA = re.compile(rb'"delta":"([^"]*)"')
_SECONDS = (0.02, 1.5)
"""How long a connection lives, at least and at most."""
_HELD = Script(20, Pace.HOLD)
_SEED = 6


@dataclass(slots=True)
class _Seen:
    """What a reader has had so far, over all its connections."""

    offsets: list[str] = field(default_factory=list[str])
    text: str = ""
    snapshots: int = 0
    ended: bool = False

    def take(self, body: bytes) -> None:
        """The whole frames of a connection; a half one at its end is lost with it."""
        for frame in _FRAME.finditer(body):
            self.offsets.append(frame["id"].decode())
            self.text += b"".join(_DELTA.findall(frame["data"])).decode()
            self.snapshots += frame["name"] == b"run.snapshot"
            self.ended = self.ended or frame["name"] == b"run.ended"


class Reconnects(Sole):
    """A sample is the number of events that were lost or doubled, of all readers, counted by offset."""

    name = "reconnects"

    def __init__(self, *, readers: int, seconds: int, storm: int) -> None:
        self._readers = readers
        self._script = Script(seconds * TOKENS_PER_SECOND, Pace.PACED)
        self._storm = storm
        self._random = random.Random(_SEED)

    def figures(self) -> Sequence[Figure]:
        at_once = f"{self._storm} at once, another's streams"
        return [
            Figure(self.name, "events lost or doubled", "random drops, two replicas", "", Target(0.0), "{:,.0f} drops"),
            Figure("reconnects_cpu", "CPU per reader that comes back", at_once, "ms", None, "PostgreSQL {:.2f}"),
            Figure("reconnects_wait", "until its first event, p50", at_once, "s", None, "most {:.2f}"),
        ]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        async with harness.replicas(contenders.replica(), 2) as servers:
            counts = await asyncio.gather(*(self._reader(servers, number) for number in range(self._readers)))
            wrong = Sample(sum(lost for lost, _ in counts), sum(drops for _, drops in counts))
            return {self.name: wrong, **await self._storm_of(harness, *servers)}

    async def _reader(self, servers: Sequence[Server], number: int) -> tuple[int, int]:
        """A reader of one run, to its end: events lost or doubled, and how often it was dropped."""
        await asyncio.sleep(self._random.uniform(0, _SECONDS[1]))
        stream = await begin(self._random.choice(servers), self._script, f"reader-{number}")
        thread, seen, drops = stream.thread_id, _Seen(), 0
        while not await self._read(stream, seen):
            drops += 1
            stream = await follow(self._random.choice(servers), thread, stream.user, seen.offsets[-1])
        lost = _wrong(seen.offsets)
        if not lost and not seen.snapshots and seen.text != self._script.text:
            raise WrongAnswer(f"the offsets are right and the text is not: ...{seen.text[-200:]!r}")
        return lost + seen.snapshots, drops

    async def _read(self, stream: Open, seen: _Seen) -> bool:
        """Read for a random while; whether that was to the end."""
        try:
            async with asyncio.timeout(self._random.uniform(*_SECONDS)):
                await stream.connection.end()
        except TimeoutError:
            pass
        stream.leave()
        seen.take(stream.reply.body)
        return seen.ended

    async def _storm_of(self, harness: Harness, owner: Server, other: Server) -> dict[str, Sample]:
        """Streams that have paused are left at their owner and all followed at the other."""
        here = [await begin(owner, _HELD, f"storm-{number}") for number in range(self._storm)]
        await asyncio.sleep(1)
        for stream in here:
            stream.leave()
        cpu, database = other.cpu(), harness.postgres.cpu()
        there = await asyncio.gather(*(follow(other, stream.thread_id, stream.user) for stream in here))
        cpu, database = other.cpu() - cpu, harness.postgres.cpu() - database
        waits = sorted(stream.reply.wait for stream in there)
        for stream in there:
            stream.leave()
        scale = 1e3 / self._storm
        return {
            "reconnects_cpu": Sample(cpu * scale, database * scale),
            "reconnects_wait": Sample(percentile(waits, 50), waits[-1]),
        }


def _wrong(offsets: Sequence[str]) -> int:
    """How many offsets of the only attempt are missing, or there more than once, or out of their place."""
    seqs = [int(offset.partition("-")[2]) for offset in offsets]
    missing = len({*range(1, max(seqs) + 1)} - {*seqs})
    doubled = len(seqs) - len({*seqs})
    return missing + doubled + sum(one > other for one, other in pairwise(seqs))
