"""Does to the servers what is planned, and writes down when it was done."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from random import Random

from tests.chaos.clients import BareClient
from tests.chaos.history import Fault, History, Message
from tests.chaos.network import Link
from tests.chaos.plan import Planned
from tests.chaos.replica import Replica
from tests.chaos.script import Part, Script
from tests.chaos.world import World

LEAVE_SECONDS = 40.0
LOOK_SECONDS = 0.25


class Driver:
    """One at a time on a server, and never on the last replica that nothing is done to."""

    def __init__(self, world: World, history: History) -> None:
        self._world = world
        self._history = history
        self._began = time.monotonic()
        self._touched: set[str] = set()

    async def run(self, planned: list[Planned]) -> None:
        """Do all of it, each at its time, and undo it; then every server runs, and every replica is ready."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch())
            doing = [group.create_task(self._at_its_time(one)) for one in planned]
            await asyncio.wait(doing) if doing else None
            watching.cancel()

    async def _watch(self) -> None:
        """A replica that is not there though nobody has ended it."""
        seen: set[str] = set()
        while True:
            for replica in self._world.replicas:
                if replica.state in ("up", "stopped") and not replica.look() and replica.life.who not in seen:
                    seen.add(replica.life.who)
                    self._history.wrong.append(f"{replica.life.who} ended by itself with {replica.life.code}")
            await asyncio.sleep(LOOK_SECONDS)

    async def _at_its_time(self, planned: Planned) -> None:
        await asyncio.sleep(max(0.0, self._began + planned.at - time.monotonic()))
        doing = self._KINDS[planned.kind]
        await doing(self, planned)

    # --- replicas -----------------------------------------------------------------------------------------------------

    async def _kill(self, planned: Planned) -> None:
        async with self._replica(planned) as (replica, fault):
            if replica is not None and fault is not None:
                self._end(replica, fault)
                await asyncio.sleep(planned.seconds)
                await self._start(replica)

    async def _kill_two(self, planned: Planned) -> None:
        """Both at once, and both back at once."""
        async with self._replica(planned) as (one, fault), self._replica(planned) as (other, other_fault):
            if one is not None and fault is not None and other is not None and other_fault is not None:
                self._end(one, fault)
                self._end(other, other_fault)
                await asyncio.sleep(planned.seconds)
                await asyncio.gather(self._start(one), self._start(other))

    def _end(self, replica: Replica, fault: Fault) -> None:
        fault.began = time.time()
        replica.kill()

    async def _start(self, replica: Replica) -> None:
        replica.start()
        await replica.ready()

    async def _freeze(self, planned: Planned) -> None:
        async with self._replica(planned) as (replica, _):
            if replica is not None:
                replica.freeze()
                await asyncio.sleep(planned.seconds)
                replica.thaw()
                await replica.ready()

    async def _block(self, planned: Planned) -> None:
        """A tool that holds the event loop for longer than a lease lasts. The run, and all others there, must go on."""
        async with self._replica(planned) as (replica, fault):
            if replica is not None and fault is not None:
                words = Part("text", 20, 0.01)
                script = Script(f"block-{planned.at:g}", (words, Part("block", pause=planned.seconds), words))
                message = Message("blocker", script, None, key=str(planned.at))
                message.heard = lambda heard: self._history.readings.extend([heard.reading] if heard.reading else [])
                self._history.messages.append(message)
                client = BareClient(f"{replica.url}/chatkit", "blocker", Random(planned.at))
                await client.say(message)
                await client.close()

    async def _term(self, planned: Planned) -> None:
        async with self._replica(planned) as (replica, fault):
            if replica is not None and fault is not None:
                if not await replica.leave(LEAVE_SECONDS):
                    self._history.wrong.append(
                        f"{replica.life.who} did not leave within {LEAVE_SECONDS:g} s of SIGTERM"
                    )
                elif replica.life.code != 0:
                    self._history.wrong.append(f"{replica.life.who} left with {replica.life.code} after SIGTERM")
                await asyncio.sleep(planned.seconds)
                await self._start(replica)

    async def _cut_redis(self, planned: Planned) -> None:
        await self._break(planned, "redis")

    async def _cut_postgres(self, planned: Planned) -> None:
        await self._break(planned, "postgres")

    async def _break(self, planned: Planned, server: str) -> None:
        async with self._replica(planned) as (replica, fault):
            if replica is None or fault is None:
                return
            link: Link = replica.links[server]
            way = ("reset", "silent", "silent, then reset")[planned.way % 3]
            fault.note = way
            link.cut() if way == "reset" else link.silence()
            await asyncio.sleep(planned.seconds)
            link.heal(reset=way == "silent, then reset")
            await replica.ready()

    @asynccontextmanager
    async def _replica(self, planned: Planned) -> AsyncIterator[tuple[Replica | None, Fault | None]]:
        """The replica that it is done to, ours until it is undone; none where one must be left alone."""
        free = [replica for replica in self._world.replicas if replica.name not in self._touched]
        if len(free) < 2:
            self._skipped(planned, "one replica is left alone")
            yield None, None
            return
        replica = free[planned.replica % len(free)]
        async with self._fault(planned, replica.name, replica.life.who) as fault:
            yield replica, fault

    # --- servers ------------------------------------------------------------------------------------------------------

    async def _redis_kill(self, planned: Planned) -> None:
        async with self._server(planned, "redis") as fault:
            if fault is not None:
                self._world.redis.kill()
                await asyncio.sleep(planned.seconds)
                self._world.redis.start()

    async def _redis_freeze(self, planned: Planned) -> None:
        async with self._server(planned, "redis") as fault:
            if fault is not None:
                self._world.redis.freeze()
                await asyncio.sleep(planned.seconds)
                self._world.redis.thaw()

    async def _redis_flush(self, planned: Planned) -> None:
        async with self._server(planned, "redis") as fault:
            if fault is not None:
                await asyncio.to_thread(self._world.redis.flush)

    async def _redis_clients(self, planned: Planned) -> None:
        """Cut off everybody who is connected."""
        async with self._server(planned, "redis") as fault:
            if fault is not None:
                for kind in ("normal", "pubsub"):
                    await asyncio.to_thread(self._world.redis.do, "CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")

    async def _postgres_restart(self, planned: Planned) -> None:
        await self._postgres_down(planned, self._world.postgres.stop)

    async def _postgres_crash(self, planned: Planned) -> None:
        await self._postgres_down(planned, self._world.postgres.kill)

    async def _postgres_down(self, planned: Planned, end: Callable[[], None]) -> None:
        async with self._server(planned, "postgres") as fault:
            if fault is not None:
                await asyncio.to_thread(end)
                await asyncio.sleep(planned.seconds)
                await asyncio.to_thread(self._world.postgres.start)

    async def _postgres_freeze(self, planned: Planned) -> None:
        async with self._server(planned, "postgres") as fault:
            if fault is not None:
                self._world.postgres.freeze()
                await asyncio.sleep(planned.seconds)
                self._world.postgres.thaw()

    async def _nginx_reload(self, planned: Planned) -> None:
        async with self._server(planned, "nginx") as fault:
            if fault is not None:
                ports = [replica.port for replica in self._world.replicas]
                await asyncio.to_thread(self._world.nginx.reload, ports)

    @asynccontextmanager
    async def _server(self, planned: Planned, name: str) -> AsyncIterator[Fault | None]:
        if name in self._touched:
            self._skipped(planned, f"something is done to {name}")
            yield None
            return
        async with self._fault(planned, name, name) as fault:
            yield fault

    # --- what is written down -----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _fault(self, planned: Planned, target: str, shown: str) -> AsyncIterator[Fault]:
        fault = Fault(planned.kind, target, time.time())
        self._touched.add(target)
        self._history.faults.append(fault)
        self._history.say(f"{planned} on {shown}")
        try:
            yield fault
        finally:
            fault.ended = time.time()
            self._touched.discard(target)
            note = f" ({fault.note})" if fault.note else ""
            self._history.say(f"  {planned.kind} on {shown} is over after {fault.ended - fault.began:.1f} s{note}")

    def _skipped(self, planned: Planned, why: str) -> None:
        self._history.counts["skipped"] += 1
        self._history.say(f"{planned} is left out: {why}")

    _KINDS: dict[str, Callable[[Driver, Planned], Awaitable[None]]] = {
        "kill": _kill,
        "kill-two": _kill_two,
        "freeze": _freeze,
        "block": _block,
        "term": _term,
        "cut-redis": _cut_redis,
        "cut-postgres": _cut_postgres,
        "redis-kill": _redis_kill,
        "redis-freeze": _redis_freeze,
        "redis-flush": _redis_flush,
        "redis-clients": _redis_clients,
        "postgres-restart": _postgres_restart,
        "postgres-crash": _postgres_crash,
        "postgres-freeze": _postgres_freeze,
        "nginx-reload": _nginx_reload,
    }
