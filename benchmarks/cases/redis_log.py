"""Tokens from 64 producers to 64 readers, all in one process, every one through Redis."""

import json
from collections.abc import Sequence

from benchmarks import contenders
from benchmarks.answers import WrongAnswer
from benchmarks.cases.base import Case
from benchmarks.client import connect, post
from benchmarks.figures import PATTERN, Figure, Sample, Target
from benchmarks.harness import Contender, Server
from benchmarks.through_redis import STREAMS


class RedisLog(Case):
    """By the wall clock, for Redis works beside the process, and by the process's CPU."""

    name = "redis_log"

    def __init__(self, *, count: int, pattern_count: int) -> None:
        self._count = count
        self._pattern_count = pattern_count

    def figures(self) -> Sequence[Figure]:
        detail = f"{STREAMS} producers and readers in a process"
        return [
            Figure(self.name, "time per token through Redis", detail, "us", Target(25.0), "{:,.0f}/s"),
            Figure("redis_log_cpu", "CPU per token through Redis", detail, "us"),
        ]

    def servers(self) -> Sequence[Contender]:
        return contenders.through_redis()

    async def prepare(self, server: Server) -> None:
        await self._ask(server, 20)

    async def sample(self, server: Server) -> dict[str, Sample]:
        count = self._pattern_count if server.name == PATTERN else self._count
        tokens = count * STREAMS
        took = await self._ask(server, count)
        wall = Sample(took["wall"] / tokens * 1e6, tokens / took["wall"])
        return {self.name: wall, "redis_log_cpu": Sample(took["cpu"] / tokens * 1e6)}

    async def _ask(self, server: Server, count: int) -> dict[str, float]:
        """Have so many tokens said in each stream, and read."""
        connection = await connect(server.port)
        reply = await connection.ask(post(json.dumps({"count": count}).encode(), "user"))
        connection.close()
        if reply.status != 200:
            raise WrongAnswer(f"{server.name}: a reader has got another text, {reply.head!r} {reply.body[:500]!r}")
        took: dict[str, float] = json.loads(reply.body)
        return took
