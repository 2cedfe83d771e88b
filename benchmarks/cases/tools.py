"""Turns with a call of an MCP server's tool: what they cost, how long they take, and what is asked of that server."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import median

from benchmarks import contenders, tool
from benchmarks.answers import WrongAnswer, check_stream
from benchmarks.beside import beside, counts
from benchmarks.cases.base import Case, Work, repeat
from benchmarks.client import Reply, connect, post
from benchmarks.figures import Figure, Sample, Target
from benchmarks.harness import Contender, Harness, Server
from benchmarks.workload import Script, create_thread

_CONNECTIONS = 16
_SCRIPT = Script(20)
_THIRD = 1 / 3
_USERS = [f"user-{number}" for number in range(_CONNECTIONS)]
_RAW = post(tool.call(_SCRIPT.count), _USERS[0], "/mcp", more=tool.HEADERS)


class Tools(Case):
    """Each turn is a new thread: the model calls the tool and streams 20 deltas.

    CPU is that of turns on 16 connections. The wall clock is that of turns one after the other on one connection, and
    after each the tool is called by hand, which is the round trip that is taken off.
    """

    name = "tools"

    def __init__(self, *, seconds: float, times: int) -> None:
        self._seconds = seconds
        self._times = times
        self._port = 0

    def figures(self) -> Sequence[Figure]:
        title = "turn with a tool call"
        detail = f"Agents SDK, MCP, {_SCRIPT.count} deltas"
        wall = "p50 by the wall clock, less the call itself"
        return [
            Figure(self.name, f"CPU per {title}", detail, "ms", Target(_THIRD, "pattern"), "{:,.0f}/s"),
            Figure("tools-overhead", title, wall, "ms", Target(15.0, share=_THIRD), "the call {:.1f}"),
            Figure("tools-requests", "requests to the MCP server per turn", detail, "", Target(1.0)),
        ]

    @asynccontextmanager
    async def contenders(self, harness: Harness) -> AsyncIterator[Sequence[Contender]]:
        """The contenders, while the MCP server runs."""
        async with beside("benchmarks.tool_server", harness.cores) as self._port:
            yield self.servers()

    def servers(self) -> Sequence[Contender]:
        return contenders.agents_with_tools(f"http://127.0.0.1:{self._port}/mcp")

    async def prepare(self, server: Server) -> None:
        await self._at_once(server, self._seconds / 10)

    async def sample(self, server: Server) -> dict[str, Sample]:
        before = await counts(self._port)
        work = await self._at_once(server, self._seconds)
        after = await counts(self._port)
        requests = (after["requests"] - before["requests"]) / work.units
        turn, call = await self._in_turns(server)
        return {
            self.name: work.per_unit(1e3),
            "tools-overhead": Sample((turn - call) * 1e3, call * 1e3),
            "tools-requests": Sample(requests),
        }

    async def _at_once(self, server: Server, seconds: float) -> Work:
        """Turn after turn on each of the connections, for so many seconds."""
        connections = [await connect(server.port) for _ in _USERS]
        loop = asyncio.get_running_loop()
        before, started = server.cpu(), loop.time()
        talks = [
            repeat(connection, _turn(user), started + seconds)
            for connection, user in zip(connections, _USERS, strict=True)
        ]
        replies = [reply for talk in await asyncio.gather(*talks) for reply in talk]
        work = Work(len(replies), server.cpu() - before, loop.time() - started)
        for connection in connections:
            connection.close()
        for reply in replies:
            check_stream(reply, _SCRIPT, server.name)
        return work

    async def _in_turns(self, server: Server) -> tuple[float, float]:
        """Seconds that a turn takes, and a call of the tool by hand: each the median of calls that take turns."""
        to_server, to_tool = await connect(server.port), await connect(self._port)
        request = _turn(_USERS[0])
        turns: list[Reply] = []
        calls: list[Reply] = []
        for _ in range(self._times):
            turns.append(await to_server.ask(request))
            calls.append(await to_tool.ask(_RAW))
        to_server.close()
        to_tool.close()
        for turn in turns:
            check_stream(turn, _SCRIPT, server.name)
        for call in calls:
            _check_call(call)
        return _took(turns), _took(calls)


def _turn(user: str) -> bytes:
    return post(create_thread(_SCRIPT), user)


def _took(replies: Sequence[Reply]) -> float:
    return median(reply.ended - reply.sent for reply in replies)


def _check_call(reply: Reply) -> None:
    result = json.loads(reply.body)["result"]
    if result["isError"] or result["content"][0]["text"] != _SCRIPT.message:
        raise WrongAnswer(f"the tool, called by hand, answered {result}")
