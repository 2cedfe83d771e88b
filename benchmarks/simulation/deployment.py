"""What is assumed of a deployment, and what it then takes: plain arithmetic over the measured costs.

A deployment is made of cells. A cell is what the project calls a deployment: processes that share one PostgreSQL and
one Redis, which has some shards. A user belongs to one cell, so that cells know nothing of each other.
"""

from dataclasses import dataclass
from math import ceil, inf

from benchmarks.simulation.figures import Costs

CHECKPOINT_SECONDS = 0.7
ROUND_SECONDS = 0.002
"""How far apart a process's pipelines to Redis begin at least."""
READ_SECONDS = 4e-6
"""How far apart its reads begin at least, for each stream in them."""
TRIP_SECONDS = 0.0005
"""How long a read takes at least, on a network within a zone."""
FULL = 0.9
"""The share of a shard's core up to which nothing waits for it."""
MOST_WAIT_SECONDS = 1.0
PARTITIONS = 64
TURN_TOKENS = 20
"""Of the turn whose cost was measured."""
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
    comes_back: float = 60.0
    """Seconds between two times that a reader loses its connection, on average: a phone's, or a page's refresh."""
    all_came_back: bool = False
    """Whether every reader has just come back, as after the restart of a load balancer."""
    frame: int = 300
    """Bytes that a token takes on its way to a client: the event, the chunk around it, TLS, TCP and IP."""

    @property
    def seconds(self) -> float:
        """How long an answer takes."""
        return self.tokens / self.rate

    def remote(self, processes: float) -> float:
        """The share of readers that are not where their run is, of so many processes; see `fanout`."""
        return 1 - 1 / processes if self.all_came_back else settled(self.seconds, self.comes_back, processes)


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
class Use:
    """What a cell's Redis and PostgreSQL are used by; tokens are those a second."""

    streams: float
    written: float
    followed: float
    """Tokens that are read in another process than their own."""
    processes: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell takes. Cores are those that are busy; a process has one, and a shard."""

    streams: float
    processes: int
    process_busy: float
    """Of a process's core, the share that is used."""
    process_memory: float
    """Bytes of one process."""
    remote: float
    """The share of readers that are not where their run is."""
    redis_cores: float
    redis_busiest: float
    """Of the busiest shard's core, the share that is used."""
    redis_wait: float
    """Seconds that pipelines and reads wait for it, so that more goes in each; infinite: it does not get through."""
    redis_memory: float
    redis_bytes: float
    """A second, in and out."""
    redis_connections: int
    database_cores: float
    database_wal: float
    """Bytes a second."""
    database_grows: float
    """Bytes a second, where nothing is deleted."""
    database_commits: float
    """A second."""
    connections: int
    network: float
    """Bytes a second to clients."""

    @property
    def process_streams(self) -> float:
        """Runs that one process drives."""
        return self.streams / self.processes


def settled(answer_seconds: float, comes_back: float, processes: float) -> float:
    """The share of readers that are away from their run in the long run.

    Answers end and readers come back at random, so that of the streams that go on so many readers have come back; one
    of as many as there are processes has landed at home.
    """
    back = 1 / comes_back
    return back / (back + 1 / answer_seconds) * (1 - 1 / processes)


def cell(costs: Costs, load: Load, plan: Plan, processes: int | None = None) -> Cell:
    """One of the plan's cells, with as many processes as it needs, unless it has so many."""
    streams = load.streams / plan.cells
    processes = processes or ceil(streams * stream_cpu(costs, load, load.remote(inf)) / plan.busy)
    remote = load.remote(processes)
    use = Use(streams, streams * load.rate, streams * load.rate * remote, processes)
    wait = redis_wait(costs, load, plan, use)
    redis = redis_cores(costs, load, plan, use, min(wait, MOST_WAIT_SECONDS))
    turns, checkpoints = streams / load.seconds, streams / CHECKPOINT_SECONDS
    return Cell(
        streams=streams,
        processes=processes,
        process_busy=streams * stream_cpu(costs, load, remote) / processes,
        process_memory=costs.process_memory + streams / processes * stream_memory(costs, remote),
        remote=remote,
        redis_cores=redis,
        redis_busiest=redis / plan.shards * busiest(plan.shards),
        redis_wait=wait,
        redis_memory=redis_memory(costs, load, streams),
        redis_bytes=(use.written + use.followed) * ENTRY_BYTES,
        redis_connections=processes * connections_to_redis(plan),
        database_cores=database_cores(costs, load, use),
        database_wal=turns * costs.database_turn_wal + checkpoints * costs.database_checkpoint_wal,
        database_grows=turns * costs.database_turn_size,
        database_commits=2 * turns + checkpoints / TOGETHER + processes / LOOK_SECONDS,
        connections=processes * (plan.pool + 1),
        network=use.written * load.frame,
    )


# --- processes ----------------------------------------------------------------------------------------------------


def stream_cpu(costs: Costs, load: Load, remote: float) -> float:
    """Cores that a stream takes of processes: its tokens, its turn, and its reader's comings back."""
    token = (1 - remote) * costs.token_here + remote * (costs.token_said + costs.token_there)
    turn = max(0.0, costs.turn - TURN_TOKENS * costs.token_here)
    return load.rate * token + turn / load.seconds + costs.attach / load.comes_back


def stream_memory(costs: Costs, remote: float) -> float:
    """Bytes that a stream takes of processes."""
    return (1 - remote) * costs.stream_memory + remote * (costs.unread_memory + costs.reader_memory)


# --- Redis --------------------------------------------------------------------------------------------------------

ENTRY_BYTES = 190
"""What an entry of one token takes on the wire: its key, its id, its field and its text."""
ENDED_SECONDS = 1800
"""How long the stream of an ended run is kept."""


def redis_wait(costs: Costs, load: Load, plan: Plan, use: Use) -> float:
    """The least wait with which the busiest shard gets through, 0 where it has time.

    A process has one pipeline under way to a shard, and one read of a group. Where those take longer, fewer are sent,
    and each has more in it: that is how a full Redis goes on, later. Looked for by halves.
    """

    def fits(wait: float) -> bool:
        return redis_cores(costs, load, plan, use, wait) / plan.shards * busiest(plan.shards) <= FULL

    if fits(0.0):
        return 0.0
    if not fits(MOST_WAIT_SECONDS):
        return inf
    low, high = 0.0, MOST_WAIT_SECONDS
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high


def redis_cores(costs: Costs, load: Load, plan: Plan, use: Use, wait: float) -> float:
    """Cores of Redis, where its users wait for it: those of writing and of following."""
    merged = max(1.0, load.rate * wait)
    return _writes(costs, plan, use, merged, wait) + _reads(costs, load, plan, use, merged, wait)


def _writes(costs: Costs, plan: Plan, use: Use, merged: float, wait: float) -> float:
    """An entry for as many tokens of a stream as are merged, and the pipelines that they come in.

    Tokens of a stream are 50 ms apart and rounds 2 ms, so that none are merged where nothing waits; those of several
    streams share a pipeline where they go to the same shard.
    """
    lines = use.processes * plan.shards
    pipelines = lines * rounds(use.written / lines, max(ROUND_SECONDS, wait))
    return use.written / merged * costs.entry + pipelines * costs.pipeline


def _reads(costs: Costs, load: Load, plan: Plan, use: Use, merged: float, wait: float) -> float:
    """Entries given out, and reads, each of which names all streams of its group.

    A process has a group for each partition in a cluster, and one else.
    """
    lines = use.processes * (PARTITIONS if plan.shards > 1 else 1)
    streams = use.followed / load.rate / lines
    reads = lines * rounds(use.followed / lines, max(TRIP_SECONDS, streams * READ_SECONDS, wait))
    return use.followed / merged * costs.entry_read + reads * (costs.pipeline + streams * costs.follow)


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


def database_cores(costs: Costs, load: Load, use: Use) -> float:
    """Cores of PostgreSQL: turns, checkpoints, readers that come back elsewhere, leases, looks for orphans."""
    return (
        use.streams / load.seconds * costs.database_turn
        + use.streams / CHECKPOINT_SECONDS * costs.database_checkpoint
        + use.streams / load.comes_back * costs.database_attach
        + use.processes / LOOK_SECONDS * (costs.database_lease + costs.database_look)
    )
