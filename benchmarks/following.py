"""Streams that begin at one replica and are followed at another, by clients that can come back."""

import asyncio
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from benchmarks.answers import WrongAnswer
from benchmarks.client import Connection, Reply, connect, post
from benchmarks.harness import Server
from benchmarks.workload import Script, create_thread, operation

_BEGUN_A_SECOND = 100

_OVERLOADED = 503
_TRIES, _AGAIN_SECONDS = 20, 1.0
_RESUMES = {"X-ChatKit-Resume": "1"}
_THREAD = re.compile(rb"x-chatkit-thread-id: (\w+)", re.IGNORECASE)
_DELTA = re.compile(rb'"delta":"([^"]*)"')


@dataclass(slots=True)
class Open:
    """A stream that a client reads: where, what has come of it, and whose it is."""

    server: Server
    connection: Connection
    reply: Reply
    user: str

    @property
    def thread_id(self) -> str:
        """The thread that it is in; it is in the head of the reply."""
        found = _THREAD.search(self.reply.head)
        if found is None:
            raise WrongAnswer(f"a stream that does not say its thread: {self.reply.head!r}")
        return found[1].decode()

    def leave(self) -> None:
        """Drop the connection."""
        self.connection.close()


async def begin(server: Server, script: Script, user: str) -> Open:
    """Have a new thread answer with a script, and wait for its first event."""
    return await _open(server, post(create_thread(script), user, more=_RESUMES), user)


async def follow(server: Server, thread_id: str, user: str, after: str | None = None) -> Open:
    """Follow a thread's run, after an offset that was given, and wait for the first event."""
    params = {"thread_id": thread_id} | ({"after": after} if after else {})
    return await _open(server, post(operation("runs.attach", **params), user, more=_RESUMES), user)


async def _open(server: Server, request: bytes, user: str) -> Open:
    """As clients do it: who is told that the server is overloaded asks again."""
    tries = _TRIES
    while True:
        connection = await connect(server.port)
        stream = Open(server, connection, connection.start(request), user)
        try:
            await connection.first_event()
        except ConnectionError:
            connection.close()
            tries -= 1
            if stream.reply.status != _OVERLOADED or not tries:
                raise
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return stream


@dataclass(slots=True)
class Pair:
    """A run that goes on at its owner: its first reader, while it stays, and one at another replica, if any."""

    here: Open | None
    there: Open | None

    @property
    def streams(self) -> list[Open]:
        """Those that are open."""
        return [stream for stream in (self.here, self.there) if stream is not None]


def ramp_seconds(count: int) -> float:
    """How long so many streams take to begin, one after the other: their tokens are not to come in the same moment."""
    return count / _BEGUN_A_SECOND


async def pairs(owner: Server, other: Server | None, script: Script, count: int, *, stay: int) -> list[Pair]:
    """Begin so many runs at the owner, spread over the ramp, each of which is followed at the other, if there is one.

    Where it is, the first reader leaves, but for one of `stay` runs.
    """

    async def one(number: int) -> Pair:
        await asyncio.sleep(number / _BEGUN_A_SECOND)
        here = await begin(owner, script, f"user-{number}")
        if other is None:
            return Pair(here, None)
        there = await follow(other, here.thread_id, here.user)
        if number % stay == 0:
            return Pair(here, there)
        here.leave()
        return Pair(None, there)

    return await asyncio.gather(*(one(number) for number in range(count)))


def heard(reply: Reply) -> Iterator[tuple[float, float]]:
    """When each token of a timed script was said, and when it came: seconds of one clock."""
    ends = list(accumulate(len(piece) for piece in reply.raw))
    for match in _DELTA.finditer(b"".join(reply.raw)):
        came = reply.times[bisect_left(ends, match.end())]
        for said in match[1].split():
            yield int(said) / 1e6, came


def check_heard(pair: Pair, script: Script) -> None:
    """Each reader has had every token of a timed script once, in order; both of a pair have had the same."""
    texts = [[said for said, _ in heard(stream.reply)] for stream in pair.streams]
    for times in texts:
        if len(times) != script.count or times != sorted(set(times)) or times != texts[0]:
            raise WrongAnswer(f"{len(times)} tokens instead of {script.count}, or not in order")


def percentile(values: list[float], percent: int) -> float:
    """Of sorted values."""
    return values[min(len(values) - 1, len(values) * percent // 100)]
