"""Runs of one replica, followed on another: how much later a token comes there, and what it costs both.

The owner has the core of the measured ones; the other replica shares the second core with the clients, Redis and
PostgreSQL. What is added is therefore also what they take from each other.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from benchmarks import contenders
from benchmarks.cases.base import Say, Sole
from benchmarks.figures import Figure, Sample, Target
from benchmarks.following import Pair, check_heard, heard, pairs, percentile, ramp_seconds
from benchmarks.harness import Harness, Server
from benchmarks.workload import TOKENS_PER_SECOND, Pace, Script

_STAY = 10
"""One of so many runs keeps its first reader, whom the other is compared with."""
_REST_SECONDS = 1
_WARM_UP = 10


@dataclass(frozen=True, slots=True)
class Used:
    """Seconds of CPU that each has used since it started; the clients are in this process."""

    owner: float
    other: float
    redis: float
    clients: float

    @classmethod
    def by(cls, harness: Harness, owner: Server, other: Server) -> "Used":
        """Until now."""
        return cls(owner.cpu(), other.cpu(), harness.redis.cpu(), time.process_time())

    def since(self, before: "Used", tokens: int) -> "Used":
        """Microseconds of it per token."""
        pairs = zip(astuple(self), astuple(before), strict=True)
        return Used(*((now - then) / tokens * 1e6 for now, then in pairs))


class Replicas(Sole):
    """What is added is looked at token by token: when it came to the reader there, less when to the one here."""

    name = "replicas"

    def __init__(self, *, streams: int, seconds: int) -> None:
        self._streams = streams
        self._seconds = seconds
        length = ramp_seconds(streams) + _REST_SECONDS + seconds + _REST_SECONDS
        self._script = Script(round(length * TOKENS_PER_SECOND), Pace.TIMED)

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._streams} streams x {TOKENS_PER_SECOND} tokens/s"
        whole, redis = "{:.1f} since it was said", "Redis {:.1f}"
        return [
            Figure("replicas_p50", "added on another replica, p50", detail, "ms", Target(5.0), whole),
            Figure("replicas_p99", "added on another replica, p99", detail, "ms", Target(25.0), whole),
            Figure("replicas_owner", "CPU per token where it is said", detail, "us", None, redis),
            Figure("replicas_other", "CPU per token where it is followed", detail, "us", None, "clients {:.1f}"),
        ]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        async with harness.replicas(contenders.replica(), 2) as (owner, other):
            await self._run(owner, other, _WARM_UP, Script(TOKENS_PER_SECOND, Pace.TIMED))
            loop = asyncio.get_running_loop()
            running = asyncio.create_task(self._run(owner, other, self._streams, self._script))
            await asyncio.sleep(ramp_seconds(self._streams) + _REST_SECONDS)
            before, begun = Used.by(harness, owner, other), loop.time()
            await asyncio.sleep(self._seconds)
            after, ended = Used.by(harness, owner, other), loop.time()
            followed = await running
        late, added = _late(followed, begun, ended), _added(followed, begun, ended)
        used = after.since(before, len(late))
        return {
            "replicas_p50": Sample(percentile(added, 50) * 1e3, percentile(late, 50) * 1e3),
            "replicas_p99": Sample(percentile(added, 99) * 1e3, percentile(late, 99) * 1e3),
            "replicas_owner": Sample(used.owner, used.redis),
            "replicas_other": Sample(used.other, used.clients),
        }

    async def _run(self, owner: Server, other: Server, streams: int, script: Script) -> list[Pair]:
        """Everything from the first stream's beginning to the last one's end. The answers have been checked."""
        followed = await pairs(owner, other, script, streams, stay=_STAY)
        for pair in followed:
            for stream in pair.streams:
                await stream.connection.end()
                stream.leave()
            check_heard(pair, script)
        return followed


def _late(followed: Sequence[Pair], begun: float, ended: float) -> list[float]:
    """How long each token took to the reader there, for the tokens that came in this time; sorted."""
    replies = [pair.there.reply for pair in followed if pair.there is not None]
    return sorted(came - said for reply in replies for said, came in heard(reply) if begun <= came < ended)


def _added(followed: Sequence[Pair], begun: float, ended: float) -> list[float]:
    """How much longer it took there than to the reader here, for runs that have both; sorted."""
    added: list[float] = []
    for pair in followed:
        if pair.here is not None and pair.there is not None:
            both = zip(heard(pair.here.reply), heard(pair.there.reply), strict=True)
            added += [there - here for (_, here), (_, there) in both if begun <= there < ended]
    return sorted(added)
