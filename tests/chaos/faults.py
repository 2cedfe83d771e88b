"""What is done to the servers, by its name in the plan, and how it is undone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from random import Random

from tests.chaos.clients import BareClient
from tests.chaos.history import Fault, Message
from tests.chaos.plan import Planned
from tests.chaos.replica import Replica
from tests.chaos.script import Part, Script
from tests.chaos.stage import Stage

NOTICED_SECONDS = 6.0
"""After how long it must be known that a server does not answer."""

LEAVE_SECONDS = 40.0
"""How long a replica may take to end after SIGTERM: it lets answers finish, and waits for its database."""

# --- replicas -----------------------------------------------------------------------------------------------------


async def kill(stage: Stage, planned: Planned) -> None:
    """SIGKILL, and a new process after a while."""
    async with stage.replica(planned) as one:
        if one is not None:
            _kill(*one)
            await asyncio.sleep(planned.seconds)
            await _start(one[0])


async def kill_two(stage: Stage, planned: Planned) -> None:
    """Two at the same moment, where a third is left, and both back at the same moment."""
    async with stage.replica(planned) as one, stage.replica(planned) as other:
        both = [each for each in (one, other) if each is not None]
        for each in both:
            _kill(*each)
        await asyncio.sleep(planned.seconds)
        await asyncio.gather(*(_start(replica) for replica, _ in both))


def _kill(replica: Replica, fault: Fault) -> None:
    fault.began = time.time()
    replica.kill()


async def _start(replica: Replica) -> None:
    replica.start()
    await replica.ready()


async def freeze(stage: Stage, planned: Planned) -> None:
    """SIGSTOP for longer than a lease lasts, then SIGCONT: it goes on as if nothing had been."""
    async with stage.replica(planned) as one:
        if one is not None:
            one[0].freeze()
            await asyncio.sleep(planned.seconds)
            one[0].thaw()
            await one[0].ready()


async def term(stage: Stage, planned: Planned) -> None:
    """SIGTERM, and a new process when it has left."""
    async with stage.replica(planned) as one:
        if one is None:
            return
        replica = one[0]
        if not await replica.leave(LEAVE_SECONDS):
            stage.history.wrong.append(f"{replica.life.who} did not leave within {LEAVE_SECONDS:g} s of SIGTERM")
        elif replica.life.code != 0:
            stage.history.wrong.append(f"{replica.life.who} left with {replica.life.code} after SIGTERM")
        await asyncio.sleep(planned.seconds)
        await _start(replica)


async def block(stage: Stage, planned: Planned) -> None:
    """A tool that holds the event loop for longer than a lease lasts. Its run, and all others there, must go on."""
    async with stage.replica(planned) as one:
        if one is None:
            return
        words = Part("text", 20, 0.01)
        script = Script(f"block-{planned.at:g}", (words, Part("block", pause=planned.seconds), words))
        message = Message("blocker", script, None, key=str(planned.at))
        message.heard = lambda heard: stage.history.readings.extend([heard.reading] if heard.reading else [])
        stage.history.messages.append(message)
        client = BareClient(f"{one[0].url}/chatkit", "blocker", Random(planned.at), stage.history.said)
        await client.say(message)
        await client.close()


async def cut_redis(stage: Stage, planned: Planned) -> None:
    """A replica cannot reach Redis, and all others can."""
    await _cut(stage, planned, "redis")


async def cut_postgres(stage: Stage, planned: Planned) -> None:
    """A replica cannot reach PostgreSQL, and all others can."""
    await _cut(stage, planned, "postgres")


async def _cut(stage: Stage, planned: Planned, server: str) -> None:
    async with stage.replica(planned) as one:
        if one is None:
            return
        replica, fault = one
        link = replica.links[server]
        fault.note = ("reset", "silent", "silent, then reset")[planned.way % 3]
        if fault.note == "reset":
            link.cut()
        else:
            link.silence()
        await asyncio.sleep(planned.seconds)
        link.heal(reset=fault.note == "silent, then reset")
        await replica.ready()


# --- servers ------------------------------------------------------------------------------------------------------


async def redis_kill(stage: Stage, planned: Planned) -> None:
    """It comes back empty."""
    async with stage.server(planned, "redis") as fault:
        if fault is not None:
            stage.world.redis.kill()
            await asyncio.sleep(planned.seconds)
            await _is_said(stage, planned, "redis", ("degraded", 200))
            stage.world.redis.start()  # in this thread, with which it would end


async def redis_freeze(stage: Stage, planned: Planned) -> None:
    """It hangs: connections are half-open."""
    async with stage.server(planned, "redis") as fault:
        if fault is not None:
            stage.world.redis.freeze()
            await asyncio.sleep(planned.seconds)
            await _is_said(stage, planned, "redis", ("degraded", 200))
            stage.world.redis.thaw()


async def redis_flush(stage: Stage, planned: Planned) -> None:
    """It forgets every key."""
    async with stage.server(planned, "redis") as fault:
        if fault is not None:
            await asyncio.to_thread(stage.world.redis.flush)


async def redis_clients(stage: Stage, planned: Planned) -> None:
    """It ends every connection."""
    async with stage.server(planned, "redis") as fault:
        if fault is not None:
            for kind in ("normal", "pubsub"):
                await asyncio.to_thread(stage.world.redis.do, "CLIENT", "KILL", "TYPE", kind, "SKIPME", "yes")


async def postgres_restart(stage: Stage, planned: Planned) -> None:
    """As an operator does who does not wait."""
    await _postgres_down(stage, planned, stage.world.postgres.stop)


async def postgres_crash(stage: Stage, planned: Planned) -> None:
    """It recovers from its log when it comes back."""
    await _postgres_down(stage, planned, stage.world.postgres.kill)


async def _postgres_down(stage: Stage, planned: Planned, end: Callable[[], None]) -> None:
    async with stage.server(planned, "postgres") as fault:
        if fault is not None:
            await asyncio.to_thread(end)
            await asyncio.sleep(planned.seconds)
            await _is_said(stage, planned, "store", ("unavailable", 503))
            await asyncio.to_thread(stage.world.postgres.start)


async def postgres_freeze(stage: Stage, planned: Planned) -> None:
    """It hangs, with all its connections."""
    async with stage.server(planned, "postgres") as fault:
        if fault is not None:
            stage.world.postgres.freeze()
            await asyncio.sleep(planned.seconds)
            await _is_said(stage, planned, "store", ("unavailable", 503))
            stage.world.postgres.thaw()


async def nginx_reload(stage: Stage, planned: Planned) -> None:
    """New workers; the old ones serve their streams to the end."""
    async with stage.server(planned, "nginx") as fault:
        if fault is not None:
            ports = [replica.port for replica in stage.world.replicas]
            await asyncio.to_thread(stage.world.nginx.reload, ports)


async def _is_said(stage: Stage, planned: Planned, check: str, expected: tuple[str, int]) -> None:
    """That a server is away is what ``readyz`` says, of every replica that nothing else is done to."""
    if planned.seconds < NOTICED_SECONDS:
        return
    for replica in stage.left_alone():
        said = await replica.says()
        if said["checks"].get(check) == "ok" or (said["status"], said["code"]) != expected:
            stage.history.wrong.append(f"{replica.life.who} says {said} after {planned.seconds} s of {planned.kind}")


FAULTS: dict[str, Callable[[Stage, Planned], Awaitable[None]]] = {
    "kill": kill,
    "kill-two": kill_two,
    "freeze": freeze,
    "term": term,
    "block": block,
    "cut-redis": cut_redis,
    "cut-postgres": cut_postgres,
    "redis-kill": redis_kill,
    "redis-freeze": redis_freeze,
    "redis-flush": redis_flush,
    "redis-clients": redis_clients,
    "postgres-restart": postgres_restart,
    "postgres-crash": postgres_crash,
    "postgres-freeze": postgres_freeze,
    "nginx-reload": nginx_reload,
}
