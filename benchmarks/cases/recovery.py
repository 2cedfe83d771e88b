"""Kills of a process in the middle of its answers: how long those who follow them elsewhere wait for the end.

A kill is SIGKILL to one of three replicas, which is started again afterwards. Several little deployments are at it at
once, each on a database of its own, for most of the time is spent waiting for a lease to end.
"""

import asyncio
import random
import re
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import WrongAnswer
from benchmarks.cases.base import Say, Sole
from benchmarks.client import connect, post
from benchmarks.figures import Figure, Sample, Target
from benchmarks.following import Open, begin, follow
from benchmarks.harness import Harness, Server
from benchmarks.workload import Pace, Script, operation, words

_REPLICAS = 3
_RUNS = 3
"""Those of a killed process, each followed on another; the kill's time is that of the last to end."""
_FEW = Script(4_000, Pace.PACED)
_MANY = Script(400, Pace.PACED, rate=2)
"""So slow that a core has time for hundreds: it is their end that is measured."""
_SAID_SECONDS = (2.0, 5.0)
"""How long the answers go on before the kill, at least and at most: a lease is renewed every 3 s."""
_LOST_SECONDS = 1.0
"""How much of what was said before the kill may be missing."""
_PATIENCE = 60
_SEED = 9

_ENDED = re.compile(rb'"type":"run.ended","run_id":"\w+","status":"(\w+)"')


class Recovery(Sole):
    """The most is held; p50 is a figure beside it."""

    name = "recovery"
    once = True

    def __init__(self, *, deployments: int, kills: int, many: int) -> None:
        self._deployments = deployments
        self._kills = kills
        self._many = many
        self._random = random.Random(_SEED)

    def figures(self) -> Sequence[Figure]:
        detail = f"{self._deployments * self._kills} kills, {_RUNS} answers each"
        return [
            Figure(self.name, "kill -9 to the follower's run.ended, most", detail, "s", Target(15.0), "p50 {:.1f}"),
            Figure(
                "recovery_each",
                "between the ends of one process's answers",
                f"{self._many} that it had under way",
                "ms",
                None,
                "the last after {:.1f} s",
            ),
        ]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        deployments = [self._deployment(harness, number, say) for number in range(self._deployments)]
        waits = sorted(wait for waits in await asyncio.gather(*deployments) for wait in waits)
        async with harness.replicas(contenders.replica(), _REPLICAS) as servers:
            many = sorted(await _kill(servers, 0, self._many, _MANY, _SAID_SECONDS[0]))
        return {
            self.name: Sample(waits[-1], waits[len(waits) // 2]),
            "recovery_each": Sample((many[-1] - many[0]) / len(many) * 1e3, many[-1]),
        }

    async def _deployment(self, harness: Harness, number: int, say: Say) -> list[float]:
        """Three replicas, killed in turn; seconds of each kill."""
        contender, waits = contenders.replica(), list[float]()
        async with harness.replicas(contender, _REPLICAS) as servers:
            for kill in range(self._kills):
                at, said = kill % _REPLICAS, self._random.uniform(*_SAID_SECONDS)
                waits.append(max(await _kill(servers, at, _RUNS, _FEW, said)))
                say(f"recovery: deployment {number + 1}, kill {kill + 1}/{self._kills}: {waits[-1]:.1f} s")
                servers[at] = await harness.start(contender, servers[at].place)
        return waits


async def _kill(servers: Sequence[Server], at: int, runs: int, script: Script, said: float) -> list[float]:
    """Kill a replica whose answers have gone on for a while; seconds until each one's follower was told its end."""
    others = [server for number, server in enumerate(servers) if number != at]
    streams: list[Open] = []
    for number in range(runs):
        here = await begin(servers[at], script, f"user-{number}")
        streams.append(await follow(others[number % len(others)], here.thread_id, here.user))
        here.leave()
    await asyncio.sleep(said)
    killed = asyncio.get_running_loop().time()
    servers[at].process.kill()
    await asyncio.to_thread(servers[at].process.wait)
    async with asyncio.timeout(_PATIENCE):
        await asyncio.gather(*(stream.connection.end() for stream in streams))
    for stream in streams:
        await _check(stream, script, said)
    return [stream.reply.ended - killed for stream in streams]


async def _check(stream: Open, script: Script, said: float) -> None:
    """The follower was told that the run was interrupted; its text, but for the last second, is in the thread."""
    body = stream.reply.body
    if [end.decode() for end in _ENDED.findall(body)] != ["interrupted"] or b'"allow_retry":true' not in body:
        raise WrongAnswer(f"a follower was not told of the end: {body[-1000:]!r}")
    connection = await connect(stream.server.port)
    request = operation("items.list", thread_id=stream.thread_id, limit=20, order="desc")
    stored = (await connection.ask(post(request, stream.user))).body
    connection.close()
    stream.leave()
    kept = "".join(words(script.count)[: int((said - _LOST_SECONDS) * script.rate)])
    if b"assistant_message" not in stored or kept.encode() not in stored:
        raise WrongAnswer(f"what was said {_LOST_SECONDS} s before the kill is not stored: {stored[-1000:]!r}")
