"""What is assumed of a deployment, and what it then takes: plain arithmetic over the measured costs.

A deployment is made of cells. A cell is what the project calls a deployment: processes that share one PostgreSQL and
one Redis, which has some shards. A user belongs to one cell, so that cells know nothing of each other.
"""

from dataclasses import dataclass
from math import ceil

from benchmarks.simulation.figures import Costs

CHECKPOINT_SECONDS = 0.7
ROUND_SECONDS = 0.002
"""How far apart a process's pipelines to Redis begin at least."""
READ_SECONDS = 4e-6
"""How far apart its reads begin at least, for each stream in them."""
TRIP_SECONDS = 0.0005
"""How long a read takes at least, on a network within a zone."""
PARTITIONS = 64
LOOK_SECONDS = 2.0
"""How often a process renews its lease, and looks for orphans."""


@dataclass(frozen=True, slots=True)
class Load:
    """What users do."""

    streams: int = 1_000_000
    rate: float = 20.0
    """Tokens a second in a stream."""
    tokens: float = 500.0
    """Tokens of an answer, on average."""
    remote: float = 0.25
    """The share of readers that are not where their run is; see `fanout`."""
    comes_back: float = 60.0
    """Seconds between two times that a reader loses its connection, on average."""
    frame: int = 300
    """Bytes that a token takes on its way to a client: the event, the chunk around it, TLS, TCP and IP."""

    @property
    def seconds(self) -> float:
        """How long an answer takes."""
        return self.tokens / self.rate


@dataclass(frozen=True, slots=True)
class Plan:
    """What is chosen. `busy` is the share of a core that is used at most when all is well: a zone may be lost."""

    cells: int = 8
    shards: int = 12
    """In each cell."""
    busy: float = 0.6
    pool: int = 4
    """Connections to PostgreSQL that a process opens, and one more for its lease."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell takes; cores are those that are busy, but for `processes`, each of which has one."""

    streams: float
    processes: int
    process_streams: float
    process_memory: float
    """Bytes of one process."""
    redis_cores: float
    redis_busiest: float
    """Of one shard's core, the share that is used."""
    redis_memory: float
    redis_bytes: float
    """A second, in and out."""
    redis_connections: int
    database_cores: float
    database_wal: float
    """Bytes a second."""
    database_commits: float
    """A second."""
    connections: int
    network: float
    """Bytes a second to clients."""


def cell(costs: Costs, load: Load, plan: Plan) -> Cell:
    """One of the plan's cells."""
    streams = load.streams / plan.cells
    processes = ceil(streams * stream_cpu(costs, load) / plan.busy)
    writes, reads = redis_writes(costs, load, plan, streams, processes), redis_reads(costs, load, plan, streams, processes)
    entries = streams * load.rate
    turns, checkpoints = streams / load.seconds, streams / CHECKPOINT_SECONDS
    memory = costs.process_memory + streams / processes * stream_memory(costs, load)
    return Cell(
        streams=streams,
        processes=processes,
        process_streams=streams / processes,
        process_memory=memory,
        redis_cores=writes + reads,
        redis_busiest=(writes + reads) / plan.shards * busiest(plan.shards),
        redis_memory=redis_memory(costs, load, streams),
        redis_bytes=entries * ENTRY_BYTES * (1 + load.remote),
        redis_connections=processes * connections_to_redis(plan),
        database_cores=database_cores(costs, load, streams, processes),
        database_wal=turns * costs.database_turn_wal + checkpoints * costs.database_checkpoint_wal,
        database_commits=2 * turns + checkpoints / TOGETHER + processes / LOOK_SECONDS,
        connections=processes * (plan.pool + 1),
        network=entries * load.frame,
    )


# --- processes ----------------------------------------------------------------------------------------------------


def stream_cpu(costs: Costs, load: Load) -> float:
    """Cores that a stream takes of processes: its tokens, its turn, and its reader's comings back."""
    remote = load.remote
    token = (1 - remote) * costs.token_here + remote * (costs.token_said + costs.token_there)
    turn = max(0.0, costs.turn - 20 * costs.token_here)  # the figure is of a turn with 20 tokens
    return load.rate * token + turn / load.seconds + costs.attach / load.comes_back


def stream_memory(costs: Costs, load: Load) -> float:
    """Bytes that a stream takes of processes."""
    remote = load.remote
    return (1 - remote) * costs.stream_memory + remote * (costs.unread_memory + costs.reader_memory)


# --- Redis --------------------------------------------------------------------------------------------------------

ENTRY_BYTES = 190
"""What an entry of one token takes on the wire: its key, its id, its field and its text."""
ENDED_SECONDS = 1800
"""How long the stream of an ended run is kept."""


def redis_writes(costs: Costs, load: Load, plan: Plan, streams: float, processes: int) -> float:
    """Cores of Redis that writing takes: an entry for each token, and the pipelines that they come in.

    Tokens of a stream are 50 ms apart and rounds 2 ms, so that none are merged; those of several streams share a
    pipeline where they go to the same shard.
    """
    entries = streams * load.rate
    pipelines = processes * plan.shards * rounds(entries / processes / plan.shards, ROUND_SECONDS)
    return entries * costs.entry + pipelines * costs.pipeline


def redis_reads(costs: Costs, load: Load, plan: Plan, streams: float, processes: int) -> float:
    """Cores of Redis that following takes: entries given out, and reads, each of which names all streams of its group.

    A process has a group for each partition in a cluster, and one else.
    """
    groups = PARTITIONS if plan.shards > 1 else 1
    followed = streams * load.remote / processes / groups
    pause = max(TRIP_SECONDS, followed * READ_SECONDS)
    reads = processes * groups * rounds(followed * load.rate, pause)
    return streams * load.remote * load.rate * costs.entry_read + reads * (costs.pipeline + followed * costs.follow)


def rounds(events: float, pause: float) -> float:
    """How many rounds a second there are where events come at random, and a round waits for one, and for the pause."""
    return events / (1 + events * pause) if events else 0.0


def redis_memory(costs: Costs, load: Load, streams: float) -> float:
    """Bytes of the streams that go on, half of them there yet, and of those that ended less than half an hour ago."""
    kept = streams / 2 + streams / load.seconds * ENDED_SECONDS
    return kept * load.tokens * costs.entry_memory


def connections_to_redis(plan: Plan) -> int:
    """Of a process: one for its writing to each shard, one for the doorbell, one for each group that it follows."""
    return plan.shards + 1 + (PARTITIONS if plan.shards > 1 else 1)


def busiest(shards: int) -> float:
    """How much more the fullest shard has than the average, where each has whole partitions."""
    return ceil(PARTITIONS / shards) * shards / PARTITIONS


# --- PostgreSQL ---------------------------------------------------------------------------------------------------

TOGETHER = 20
"""Checkpoints that share a transaction."""


def database_cores(costs: Costs, load: Load, streams: float, processes: int) -> float:
    """Cores of PostgreSQL: turns, checkpoints, readers that come back elsewhere, leases, looks for orphans."""
    return (
        streams / load.seconds * costs.database_turn
        + streams / CHECKPOINT_SECONDS * costs.database_checkpoint
        + streams / load.comes_back * costs.database_attach
        + processes / LOOK_SECONDS * (costs.database_lease + streams * costs.database_orphans)
    )
