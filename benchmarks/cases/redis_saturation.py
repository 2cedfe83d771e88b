"""Where one Redis ends: entries a second until its core is full, and what an entry costs it, by itself and to read.

The server has the core of the measured ones for itself, the load another. Redis is one thread as long as nothing is
configured, so that a full core is the most that it does, and CPU per entry says how many shards a load needs.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from itertools import cycle

from benchmarks.answers import WrongAnswer
from benchmarks.cases.base import Say, Sole, Work
from benchmarks.figures import Figure, Sample
from benchmarks.harness import Harness
from benchmarks.redis_load import Socket, Streams, encoded, sockets
from benchmarks.redis_server import Redis

_STREAMS = 2_000
_READ = 500
"""How many streams a reader follows with one command."""
_DEEP, _ALONE = (500, 4), (1, 64)
"""Entries in a pipeline, and on how many connections: of few busy processes, and of many that write to many shards."""
_MADE = 20_000
"""How many entries are made beforehand, while the clock stands."""
_LINES_OF_ADD, _LINES_OF_ENTRY = 2, 12


class RedisSaturation(Sole):
    """Four things that the log does to Redis, each for so many seconds."""

    name = "redis_saturation"

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds

    def figures(self) -> Sequence[Figure]:
        streams = f"XADD, {_STREAMS:,} streams"
        deep, alone = f"{streams}, pipelines of {_DEEP[0]}", f"{streams}, one at a time, {_ALONE[1]} connections"
        read, follow = f"XREAD, one new in each of {_READ}", f"a round of XREAD BLOCK on {_READ}"
        rate = "{:,.0f}/s"
        return [
            Figure("redis_entry", "Redis: CPU per entry of 1 token", deep, "us", None, rate),
            Figure("redis_entry_busy", "Redis: share of its core meanwhile", deep, "%", None, "{:.0f} MB/s in"),
            Figure("redis_entry_alone", "Redis: CPU per entry that comes alone", alone, "us", None, rate),
            Figure("redis_entry_merged", "Redis: CPU per entry of 8 tokens", deep, "us", None, rate),
            Figure("redis_read", "Redis: CPU per entry read", read, "us", None, rate),
            Figure("redis_follow", "Redis: CPU per stream followed", follow, "us", None, rate),
            Figure("redis_memory", "Redis: memory per entry kept", "1 token, 500 in a stream", "B", None),
        ]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        with closing(Redis(harness.cores.server)) as redis:
            load = _Load(redis, self._seconds)
            deep, size = load.write(1, *_DEEP)
            alone, _ = load.write(1, *_ALONE)
            merged, _ = load.write(8, *_DEEP)
            return {
                "redis_entry": deep.per_unit(1e6),
                "redis_entry_busy": Sample(deep.cpu / deep.wall * 100, size * deep.units / deep.wall / 1e6),
                "redis_entry_alone": alone.per_unit(1e6),
                "redis_entry_merged": merged.per_unit(1e6),
                "redis_read": load.read().per_unit(1e6),
                "redis_follow": load.follow().per_unit(1e6),
                "redis_memory": Sample(load.memory()),
            }


class _Load:
    """What is done to a Redis, one after the other, with streams of its own each time."""

    def __init__(self, redis: Redis, seconds: float) -> None:
        self._redis = redis
        self._seconds = seconds

    def write(self, tokens: int, depth: int, connections: int) -> tuple[Work, float]:
        """Entries in pipelines from several connections at once, so that Redis never waits; and an entry's bytes."""
        streams, size, done = _streams(b"write%d_%d" % (tokens, depth), _STREAMS, tokens), 0, Work(0, 0.0, 0.0)
        with sockets(self._redis.port, connections) as writers:
            while done.wall < self._seconds:
                pipelines = [streams.pipeline(depth) for _ in range(_MADE // depth)]
                size = sum(map(len, pipelines))
                done = _sum(done, self._clocked(len(pipelines) * depth, partial(_pour, pipelines, writers, depth)))
        return done, size / _MADE

    def read(self) -> Work:
        """A reader of 500 streams takes what is new in each of them, an entry a time; the writing is not counted."""
        streams, names, done, seq = _streams(b"read", _READ, 1), _names(b"read", _READ), Work(0, 0.0, 0.0), 0
        with sockets(self._redis.port, 2) as (writer, reader):

            def take() -> None:
                reader.send(_xread(names, seq))
                _check(reader.lines(1 + _LINES_OF_ENTRY * _READ))

            while done.wall < self._seconds / 2:
                writer.send(streams.pipeline(_READ))
                writer.lines(_LINES_OF_ADD * _READ)
                done = _sum(done, self._clocked(_READ, take))
                seq += 1
        return done

    def follow(self) -> Work:
        """A reader waits for 500 streams, one of which gets an entry; a unit is a stream that is waited for."""
        names, rounds = _names(b"follow", _READ), int(1_000 * self._seconds)
        with sockets(self._redis.port, 2) as (writer, reader):

            def wait() -> None:
                for seq, name in zip(range(1, rounds + 1), cycle(names), strict=False):
                    reader.send(_xread(names, seq - 1, b"BLOCK", b"1000"))
                    writer.ask(b"XADD", name, b"1-%d" % seq, b"0:msg_", b"word ")
                    _check(reader.lines(1 + _LINES_OF_ENTRY))

            return self._clocked(rounds * _READ, wait)

    def memory(self) -> float:
        """Bytes per entry of a stream with 500 of them."""
        streams = _streams(b"kept", 1, 1)
        with sockets(self._redis.port, 1) as (one,):
            one.send(streams.pipeline(500))
            one.lines(_LINES_OF_ADD * 500)
            return int(one.ask(b"MEMORY", b"USAGE", *_names(b"kept", 1), b"SAMPLES", b"0")[1:]) / 500

    def _clocked(self, units: int, work: Callable[[], None]) -> Work:
        before, began = self._redis.cpu(), time.monotonic()
        work()
        return Work(units, self._redis.cpu() - before, time.monotonic() - began)


def _pour(pipelines: list[bytes], writers: list[Socket], depth: int) -> None:
    """Send them all, each connection a step ahead of its replies."""
    turns = cycle(writers)
    sent: deque[Socket] = deque()
    for pipeline, writer in zip(pipelines, turns, strict=False):
        if len(sent) == len(writers):
            _check(sent.popleft().lines(_LINES_OF_ADD * depth))
        writer.send(pipeline)
        sent.append(writer)
    for writer in sent:
        _check(writer.lines(_LINES_OF_ADD * depth))


def _names(prefix: bytes, count: int) -> list[bytes]:
    """Keys of the length that the log's have."""
    return [b"{ck%d}:run_%b" % (number % 64, (b"%b_%d" % (prefix, number)).ljust(32, b"x")) for number in range(count)]


def _streams(prefix: bytes, count: int, tokens: int) -> Streams:
    """Entries as `eventlog/redis/packing.py` makes them of text deltas."""
    return Streams(_names(prefix, count), tokens, (b"0:msg_%b" % (b"x" * 32), b"\n".join([b"word "] * tokens)))


def _xread(names: list[bytes], after: int, *options: bytes) -> bytes:
    return encoded((b"XREAD", *options, b"STREAMS", *names, *[b"1-%d" % after] * len(names)))


def _sum(one: Work, other: Work) -> Work:
    return Work(one.units + other.units, one.cpu + other.cpu, one.wall + other.wall)


def _check(reply: bytes) -> None:
    if b"-ERR" in reply or not reply:
        raise WrongAnswer(f"Redis: {reply[:500]!r}")
