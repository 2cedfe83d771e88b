"""What one replica holds: the memory of a stream by where its reader is, and CPU per token as streams become more.

Not part of a whole run, for it takes minutes: `--only held`.
"""

import asyncio
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.cases.base import Say, Sole
from benchmarks.figures import Figure, Sample
from benchmarks.following import Open, begin, check_heard, follow, heard, pairs, ramp_seconds
from benchmarks.harness import Harness, Server
from benchmarks.workload import TOKENS_PER_SECOND, Pace, Script

_HELD = Script(20, Pace.HOLD)
_WARM_UP = 20
_AT_ONCE = 10
"""How many streams are opened at a time: what a server holds is looked for, not what passes through it in a rush."""
_SETTLE_SECONDS = 1.0
_SECONDS = 6
_REST_SECONDS = 1
_MOST = 10_000
"""Tokens a second at most: more than that, and it is this machine that is measured, whose clients have a core too."""


class Held(Sole):
    """Each number of streams is measured twice, on processes of their own: read where they are, and read elsewhere."""

    name = "held"

    def __init__(self, *, open_streams: int, loads: Sequence[int]) -> None:
        self._open = open_streams
        self._loads = loads

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._open} open, {_HELD.count} deltas"
        figures = [
            Figure("held_here", "memory per stream read where it is", detail, "KiB"),
            Figure("held_unread", "memory per stream read elsewhere, there", detail, "KiB"),
            Figure("held_there", "memory per reader of another's stream", detail, "KiB"),
        ]
        for streams in self._loads:
            load = f"{streams:,} streams x {_rate(streams)} tokens/s"
            figures += [
                Figure(f"held_{streams}_here", "CPU per token, read where it is said", load, "us", None, "{:.0f} %"),
                Figure(f"held_{streams}_said", "CPU per token, said and read elsewhere", load, "us", None, "{:.0f} %"),
                Figure(f"held_{streams}_there", "CPU per token, said elsewhere and read", load, "us", None, "{:.0f} %"),
            ]
        return figures

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        samples = await self._memory(harness)
        for streams in self._loads:
            say(f"held: {streams} streams")
            async with harness.replicas(contenders.replica(), 2) as (owner, other):
                here, _ = await _costs(owner, None, streams)
                said, there = await _costs(owner, other, streams)
            kinds = {"here": here, "said": said, "there": there}
            samples |= {f"held_{streams}_{kind}": sample for kind, sample in kinds.items()}
        return samples

    async def _memory(self, harness: Harness) -> dict[str, Sample]:
        """KiB of resident memory that one more stream takes, after a warm-up whose streams stay."""
        async with harness.replicas(contenders.replica(), 2) as (owner, other):
            await _hold(owner, None, _WARM_UP)
            before = owner.resident()
            await _hold(owner, None, self._open)
            here = owner.resident() - before
        async with harness.replicas(contenders.replica(), 2) as (owner, other):
            await _hold(owner, other, _WARM_UP)
            before, before_there = owner.resident(), other.resident()
            await _hold(owner, other, self._open)
            unread, there = owner.resident() - before, other.resident() - before_there
        held = {"held_here": here, "held_unread": unread, "held_there": there}
        return {name: Sample(value * 1024 / self._open) for name, value in held.items()}


async def _hold(owner: Server, other: Server | None, streams: int) -> list[Open]:
    """Open so many streams whose tokens come at once and which then wait, read here or at the other; they stay open."""

    async def one(number: int) -> Open:
        stream = await begin(owner, _HELD, f"user-{number}")
        if other is not None:
            here, stream = stream, await follow(other, stream.thread_id, stream.user)
            here.leave()
        return stream

    opened: list[Open] = []
    for first in range(0, streams, _AT_ONCE):
        opened += await asyncio.gather(*(one(number) for number in range(first, min(streams, first + _AT_ONCE))))
    await asyncio.sleep(_SETTLE_SECONDS)
    return opened


async def _costs(owner: Server, other: Server | None, streams: int) -> tuple[Sample, Sample]:
    """Microseconds of CPU for a token at the owner, and at the other if there is one, while all streams run; with the
    share of a core beside.
    """
    rate = _rate(streams)
    length = ramp_seconds(streams) + _REST_SECONDS + _SECONDS + _REST_SECONDS
    script = Script(round(length * rate), Pace.TIMED, rate)
    running = asyncio.ensure_future(pairs(owner, other, script, streams, stay=streams))
    await asyncio.sleep(ramp_seconds(streams) + _REST_SECONDS)
    clock = asyncio.get_running_loop().time
    before, begun = (owner.cpu(), other.cpu() if other else 0.0), clock()
    await asyncio.sleep(_SECONDS)
    after, ended = (owner.cpu(), other.cpu() if other else 0.0), clock()
    tokens = 0
    for pair in await running:
        for stream in pair.streams:
            await stream.connection.end()
            stream.leave()
        check_heard(pair, script)
        tokens += sum(begun <= came < ended for _, came in heard(pair.streams[-1].reply))
    here, there = (cpu - earlier for cpu, earlier in zip(after, before, strict=True))
    share = 100 / (ended - begun)
    return Sample(here / tokens * 1e6, here * share), Sample(there / tokens * 1e6, there * share)


def _rate(streams: int) -> int:
    """How many tokens a second each stream has."""
    return min(TOKENS_PER_SECOND, _MOST // streams)
