"""What is done to the servers that all replicas have in common, and how it is undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from tests.chaos.plan import Planned
from tests.chaos.stage import Stage
from tests.support.postgres import fetch

END_ALL = r"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name ~ '^[a-z]\.[0-9]+$'"
"""Replicas say who they are by their application's name."""

NOTICED_SECONDS = 6.0
"""After how long it must be known that a server does not answer."""


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


async def redis_full(stage: Stage, planned: Planned) -> None:
    """It takes nothing more: it has no more memory, and may forget nothing."""
    async with stage.server(planned, "redis") as fault:
        if fault is not None:
            await asyncio.to_thread(stage.world.redis.do, "CONFIG", "SET", "maxmemory", "100kb")
            await asyncio.sleep(planned.seconds)
            await _is_said(stage, planned, "redis", ("degraded", 200))
            await asyncio.to_thread(stage.world.redis.do, "CONFIG", "SET", "maxmemory", "0")


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


async def postgres_clients(stage: Stage, planned: Planned) -> None:
    """It ends every connection of the replicas."""
    async with stage.server(planned, "postgres") as fault:
        if fault is not None:
            await fetch(stage.world.database_url, END_ALL)


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
    replicas, either = stage.left_alone(), {expected}
    if stage.is_touched("postgres"):
        either.add(("unavailable", 503))
    for replica, said in zip(replicas, await asyncio.gather(*(one.says() for one in replicas)), strict=True):
        if said["checks"].get(check) == "ok" or (said["status"], said["code"]) not in either:
            stage.history.wrong.append(f"{replica.life.who} says {said} after {planned.seconds} s of {planned.kind}")
