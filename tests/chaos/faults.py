"""What can be done, by its name in a plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.chaos import replica_faults as replica
from tests.chaos import server_faults as server
from tests.chaos.plan import Planned
from tests.chaos.stage import Stage

FAULTS: dict[str, Callable[[Stage, Planned], Awaitable[None]]] = {
    "kill": replica.kill,
    "kill-two": replica.kill_two,
    "freeze": replica.freeze,
    "term": replica.term,
    "block": replica.block,
    "cut-redis": replica.cut_redis,
    "cut-postgres": replica.cut_postgres,
    "redis-kill": server.redis_kill,
    "redis-freeze": server.redis_freeze,
    "redis-flush": server.redis_flush,
    "redis-clients": server.redis_clients,
    "redis-full": server.redis_full,
    "postgres-restart": server.postgres_restart,
    "postgres-crash": server.postgres_crash,
    "postgres-freeze": server.postgres_freeze,
    "postgres-clients": server.postgres_clients,
    "nginx-reload": server.nginx_reload,
}
