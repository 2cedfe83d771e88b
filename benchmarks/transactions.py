"""How many transactions a server has made, as PostgreSQL counts them.

A backend adds what it has counted to `pg_stat_database` at the end of a transaction, at most once a second; what is
left over it adds when it has been idle for ten seconds. `pg_stat_force_next_flush` is for one's own backend only, so a
count waits for so long: by then each backend has been idle, or has had another transaction. It is read from another
database, to whose count the reading belongs. What a server does when it is idle, two or three in a second, and
autovacuum's own are among them.
"""

import asyncio
from typing import NamedTuple

import asyncpg

from benchmarks.postgres import url_of

_IDLE_SECONDS = 10.5
"""PostgreSQL's PGSTAT_IDLE_INTERVAL, and some."""

_COUNTS = "SELECT xact_commit, xact_rollback FROM pg_stat_database WHERE datname = $1"


class Transactions(NamedTuple):
    """Transactions that ended, since the database is there."""

    commits: int
    rollbacks: int

    @property
    def all(self) -> int:
        """Both kinds."""
        return self.commits + self.rollbacks


async def count_transactions(place: str) -> Transactions:
    """What a database at `place` has seen, when all of it has been counted: in 10.5 seconds."""
    await asyncio.sleep(_IDLE_SECONDS)
    server, _, database = place.partition("/")
    connection = await asyncpg.connect(url_of(f"{server}/postgres"))
    try:
        (counts,) = await connection.fetch(_COUNTS, database)
        return Transactions(*counts)
    finally:
        await connection.close()
