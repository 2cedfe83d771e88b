"""The servers of the suite, all real: PostgreSQL, Redis, three replicas behind links that can fail, nginx in front."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos import audit
from tests.chaos.network import Link
from tests.chaos.replica import Replica
from tests.support.nginx import Nginx
from tests.support.postgres import OwnPostgres, database_of
from tests.support.redis import RedisServer
from tests.support.stores import migrated_database

SETTINGS = {
    "CHATKIT_HEARTBEAT_SECONDS": "5",
    "CHATKIT_DRAIN_SECONDS": "3",
}
"""Short, so that all of it happens within a test."""


@dataclass
class World:
    """``endpoint`` is where users go; ``database_url`` is where the truth is, by a way that nothing breaks."""

    folder: Path
    postgres: OwnPostgres
    redis: RedisServer
    nginx: Nginx
    database_url: str
    replicas: list[Replica]
    endpoint: str


@asynccontextmanager
async def world(folder: Path, replicas: int = 3) -> AsyncGenerator[World]:
    """Start all of it, and stop all of it."""
    async with AsyncExitStack() as stack:
        postgres = OwnPostgres()
        stack.callback(postgres.remove)
        redis = RedisServer()
        stack.callback(redis.remove)
        url = await migrated_database(postgres)
        await audit.install(url)
        made = [await _replica(name, folder, postgres, redis, url, stack) for name in "abcdefgh"[:replicas]]
        for replica in made:
            replica.start()
            stack.callback(_end, replica)
        await asyncio.gather(*(replica.ready() for replica in made))
        nginx = stack.enter_context(Nginx([replica.port for replica in made]))
        yield World(folder, postgres, redis, nginx, url, made, f"{nginx.url}/chatkit")


async def _replica(
    name: str, folder: Path, postgres: OwnPostgres, redis: RedisServer, url: str, stack: AsyncExitStack
) -> Replica:
    links = {"postgres": Link(postgres.port), "redis": Link(redis.port)}
    for link in links.values():
        await link.listen()
        stack.push_async_callback(link.close)
    database_url = f"postgresql://postgres@127.0.0.1:{links['postgres'].port}/{database_of(url)}"
    settings = {**SETTINGS, "CHATKIT_REDIS_URL": f"redis://127.0.0.1:{links['redis'].port}"}
    return Replica(name, folder, database_url, links, settings)


def _end(replica: Replica) -> None:
    if replica.look():
        replica.kill()
