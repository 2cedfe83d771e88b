"""Where one PostgreSQL ends: what turns, checkpoints and leases cost it, and how many it does until its core is full.

The server has the core of the measured ones for itself; pgbench, on another, sends the store's own statements. Its disk
is this machine's, and commits wait for it (`fsync` and `synchronous_commit` are on).
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import asyncpg
import orjson

from benchmarks import contenders, pgbench
from benchmarks.cases.base import Say, Sole, Work
from benchmarks.figures import Figure, Sample
from benchmarks.harness import Harness, prepare
from benchmarks.pgbench import Script, sent
from benchmarks.postgres import Postgres, url_of
from fastapi_chatkit.store import sql

_CLIENTS = 16
_THREADS = 500
"""Each client's own, so that none waits for another."""
_RUNS = 250
"""Each client's own, all of which grow: 1,000 with four clients."""
_TOGETHER = 20
"""Checkpoints in a transaction, as `runs/upkeep.py` has it."""
_ANSWER = 500
"""Tokens of an answer; a growing one has half of it, on average."""
_GROWTH = 14
"""Tokens that a growing one gets between two checkpoints: 0.7 s of 20 a second."""
_SETTLE_SECONDS = 0.3
"""Until the processes of a load's connections have ended, and have been counted."""
_ACTIVE = 100_000
_REPLICAS = 50

_FILL = f"""
INSERT INTO chatkit.threads (organization_id, user_id, id, created_at, updated_at, status, metadata, last_seq)
SELECT '', 'user', n::text, '2026', '2026', '{{"type":"active"}}', '{{}}', 0
    FROM generate_series(0, {_CLIENTS * _THREADS - 1}) n;
INSERT INTO chatkit.runs (organization_id, user_id, id, thread_id, seq, status, attempt, created_at, replica)
SELECT '', 'user', n::text, n::text, 0, 'running', 1, '2026', 'replica-0'
    FROM generate_series(0, {4 * _RUNS - 1}) n;
"""  # noqa: S608 - constants of this file
_FILL_ACTIVE = f"""
INSERT INTO chatkit.threads (organization_id, user_id, id, created_at, updated_at, status, metadata, last_seq)
SELECT '', 'user-' || n, n::text, '2026', '2026', '{{"type":"active"}}', '{{}}', 0
    FROM generate_series(1, {_ACTIVE}) n;
INSERT INTO chatkit.runs (organization_id, user_id, id, thread_id, seq, status, attempt, created_at, replica)
SELECT '', 'user-' || n, n::text, n::text, 0, 'running', 1, '2026', 'replica-' || n % {_REPLICAS}
    FROM generate_series(1, {_ACTIVE}) n;
INSERT INTO chatkit.replicas (id, lease_until, log_id)
SELECT 'replica-' || n, extract(epoch from now()) + 86400, 'redis' FROM generate_series(0, {_REPLICAS - 1}) n;
"""  # noqa: S608 - constants of this file


_WRITTEN = """
SELECT pg_current_wal_lsn() - '0/0', (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'),
    pg_database_size(current_database())
"""


class PostgresSaturation(Sole):
    """One thing after the other, each for so many seconds on a database that has been warmed up with it."""

    name = "postgres_saturation"

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds

    def figures(self) -> Sequence[Figure]:
        turn, grown = f"admitted, ended with {_ANSWER} tokens", f"{_ANSWER // 2} tokens, {_TOGETHER} a transaction"
        looks = f"{_ACTIVE:,} runs of {_REPLICAS} processes go on"
        return [
            Figure("pg_turn", "PostgreSQL: CPU per turn", turn, "us", None, "{:,.0f}/s"),
            Figure("pg_turn_wal", "PostgreSQL: WAL per turn", turn, "KiB", None, "{:.2f} syncs"),
            Figure("pg_turn_size", "PostgreSQL: disk per turn", turn, "KiB"),
            Figure("pg_checkpoint", "PostgreSQL: CPU per checkpoint", grown, "us", None, "{:,.0f}/s"),
            Figure("pg_checkpoint_wal", "PostgreSQL: WAL per checkpoint", grown, "KiB", None, "{:.2f} syncs"),
            Figure("pg_recovery", "PostgreSQL: CPU per orphan ended", grown, "us", None, "{:,.0f}/s"),
            Figure("pg_lease", "PostgreSQL: CPU per lease renewed", "4 processes at once", "us", None, "{:,.0f}/s"),
            Figure("pg_stops", "PostgreSQL: CPU per look for stops", looks, "ms", None, "{:,.0f}/s"),
            Figure("pg_orphans", "PostgreSQL: CPU per look for orphans", looks, "ms", None, "{:,.0f}/s"),
        ]

    async def measure(self, harness: Harness, say: Say) -> dict[str, Sample]:
        async with _load(harness, self._seconds) as load:
            await load.fill(_FILL)
            turns = await load.repeat(_turn(), _CLIENTS)
            checkpoints = await load.repeat(_checkpoints(), 4, _TOGETHER)
            leases = await load.repeat(_lease(), 4)
            await load.fill(_FILL_ACTIVE)
            stops = await load.repeat(Script([sent(sql.RUNS_OF_REPLICA)], {"replica": "replica-7"}), 1)
            orphans = await load.repeat(Script([sent(sql.DEAD_REPLICAS)], {}), 1)
            await load.execute("UPDATE chatkit.replicas SET lease_until = 0")
            recoveries = await load.repeat(_recovery(), 4)
        return {
            "pg_recovery": recoveries.work.per_unit(1e6),
            "pg_turn": turns.work.per_unit(1e6),
            "pg_turn_wal": turns.written,
            "pg_turn_size": turns.grown,
            "pg_checkpoint": checkpoints.work.per_unit(1e6),
            "pg_checkpoint_wal": checkpoints.written,
            "pg_lease": leases.work.per_unit(1e6),
            "pg_stops": stops.work.per_unit(1e3),
            "pg_orphans": orphans.work.per_unit(1e3),
        }


class _Done(NamedTuple):
    """What has been done; `written` is KiB of WAL per unit, with the syncs of it beside; `grown` what stays on disk."""

    work: Work
    written: Sample
    grown: Sample


class _Load:
    """Does things to a database of its own."""

    def __init__(self, postgres: Postgres, place: str, cores: frozenset[int], seconds: float) -> None:
        self._postgres = postgres
        self._place = place
        self._cores = cores
        self._seconds = seconds

    async def fill(self, statements: str) -> None:
        """Run them, then do what autovacuum would do by and by."""
        for statement in (statements, "VACUUM (ANALYZE)", "CHECKPOINT"):
            await self.execute(statement)

    async def execute(self, statements: str) -> None:
        """Run them."""
        connection = await asyncpg.connect(url_of(self._place))
        try:
            await connection.execute(statements)
        finally:
            await connection.close()

    async def repeat(self, script: Script, clients: int, units: int = 1) -> _Done:
        """Do a script, of so many units, over and over, a fifth of the time for nothing.

        What PostgreSQL writes of a page that it changes for the first time since a checkpoint is in the warm-up.
        """
        await self._run(script, clients, self._seconds / 5)
        await asyncio.sleep(_SETTLE_SECONDS)
        wal, syncs, size = await self._written()
        cpu, began = self._postgres.cpu(), time.monotonic()
        done = units * await self._run(script, clients, self._seconds)
        wall = time.monotonic() - began
        await asyncio.sleep(_SETTLE_SECONDS)
        work = Work(done, self._postgres.cpu() - cpu, wall)
        wal_after, syncs_after, size_after = await self._written()
        written = Sample((wal_after - wal) / done / 1024, (syncs_after - syncs) / done)
        return _Done(work, written, Sample((size_after - size) / done / 1024))

    async def _run(self, script: Script, clients: int, seconds: float) -> int:
        binaries, place = self._postgres.binaries, self._place
        return await pgbench.run(script, binaries, place, clients=clients, seconds=seconds, cores=self._cores)

    async def _written(self) -> tuple[int, int, int]:
        """Bytes of WAL, and how often it was synced, since the server is there; and the database's bytes."""
        connection = await asyncpg.connect(url_of(self._place))
        try:
            (row,) = await connection.fetch(_WRITTEN)
            return int(row[0]), int(row[1]), int(row[2])
        finally:
            await connection.close()


@asynccontextmanager
async def _load(harness: Harness, seconds: float) -> AsyncIterator[_Load]:
    """A server on the measured core, with our schema in a database."""
    postgres = Postgres(harness.cores.server)
    try:
        place = await postgres.create_database()
        await prepare(contenders.replica(), place)
        yield _Load(postgres, place, harness.cores.load, seconds)
    finally:
        await postgres.close()


# --- the scripts --------------------------------------------------------------------------------------------------

_OWNER = {"user_id": "user", "now": "2026-01-01T00:00:00.000000Z"}
_NOBODY = {"organization_id": "''"}
_OF_RUN = {"item_run_id": ":run_id", "hidden": "false"}
_MESSAGE = {"run_status": "'running'", "request_key": "NULL", "request_digest": "NULL", "type": "'user_message'"}
_END = {"run_status": "'completed'", "stop_reason": "NULL", "type": "'assistant_message'", "data": ":answer"}
_NEW = "\\set {} random(1000000000000000000, 9000000000000000000)"
"""As long as an id, nearly, and never the same."""


def _turn() -> Script:
    """A message is stored with its run in a thread of the client's own; then the answer, with the run's end."""
    own = f"\\set thread_id :client_id * {_THREADS} + random(0, {_THREADS - 1})"
    lines = [
        own,
        _NEW.format("run_id"),
        _NEW.format("item_id"),
        sent(sql.ADD_MESSAGE_TO_FREE_THREAD, **_NOBODY, **_OF_RUN, **_MESSAGE),
        _NEW.format("item_id"),
        sent(sql.END_ACTIVE_RUN_WITH_ITEM, **_NOBODY, **_OF_RUN, **_END),
    ]
    fixed = {
        "open": '{"type":"active"}',
        "data": _item("user_message", 30),
        "answer": _item("assistant_message", _ANSWER),
        "replica": "replica-0",
        "run_created_at": _OWNER["now"],
        "run_began_at": _OWNER["now"],
        "ended_at": _OWNER["now"],
    }
    return Script(lines, _OWNER | fixed)


def _checkpoints() -> Script:
    """The client's own runs in turn, a few in one message; each time it is their turn again their text has grown.

    That it grows matters: of a row that stays on its page, PostgreSQL logs only what has changed.
    """
    item = _item("assistant_message", _ANSWER)
    head, _, rest = item.partition(_text(_ANSWER))
    most, grown = len(_text(_ANSWER)), round(len(_text(_ANSWER)) / _ANSWER * _GROWTH)
    lines = [
        f"\\set at :at + {_TOGETHER}",
        f"\\set length :at / {_RUNS} * {grown} % {most}",
        "\\startpipeline",
    ]
    growing = {**_NOBODY, "checkpoint": "left(:text, :length + 1) || :rest", "checkpoint_seq": ":length"}
    for number in range(_TOGETHER):
        own = f":client_id * {_RUNS} + (:at + {number}) % {_RUNS}"
        lines += [f"\\set run_id {own}", sent(sql.CHECKPOINT_RUN, **growing)]
    return Script(
        [*lines, "\\endpipeline"], _OWNER | {"at": "0", "text": f"[{head}{_text(_ANSWER)}", "rest": f"{rest}]"}
    )


def _lease() -> Script:
    """As many processes as clients, each of which says that it lives."""
    lines = ["\\set replica :client_id", "BEGIN;", sent(sql.HOLDS_LEASE), sent(sql.RENEW_LEASE), "COMMIT;"]
    return Script(lines, {"seconds": "10", "log_id": "'redis'"})


def _recovery() -> Script:
    """Runs of dead processes, each of a user of its own, a quarter of them to each connection."""
    own = {**_NOBODY, "user_id": "'user-' || :run_id", "thread_id": ":run_id"}
    item = {"item_run_id": ":run_id", "hidden": "false", "type": "'assistant_message'", "item_id": "'msg_' || :run_id"}
    end = {"run_status": "'interrupted'", "stop_reason": "'crashed'"}
    lines = [
        "\\set at :at + 1",
        "\\set run_id :at * 4 + :client_id",
        "BEGIN;",
        sent(sql.TOUCH_THREAD, **own),
        sent(sql.ORPHAN, **own),
        sent(sql.ADD_ITEM_IF_NEW, **own, **item),
        sent(sql.RELEASE_THREAD, **own),
        sent(sql.RECOVER_RUN, **own, **end),
        "COMMIT;",
    ]
    fixed = {"now": _OWNER["now"], "ended_at": _OWNER["now"], "data": _item("assistant_message", _ANSWER // 2)}
    return Script(lines, {"at": "0", **fixed})


def _item(kind: str, tokens: int) -> str:
    """A message as it is stored."""
    content = [{"annotations": [], "text": _text(tokens), "type": "output_text"}]
    item = {"id": "msg_" + "0" * 32, "thread_id": "thr_" + "0" * 32, "created_at": _OWNER["now"]}
    return orjson.dumps(item | {"type": kind, "content": content}).decode()


def _text(tokens: int) -> str:
    """Words that compress about as badly as people's."""
    letters, chance = "etaoinshrdlucmfwypvbgk", random.Random(7)
    return " ".join("".join(chance.choices(letters, k=chance.randint(1, 7))) for _ in range(tokens))
