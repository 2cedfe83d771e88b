"""The tables of `docs/scale.md`, as Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.simulation.deployment import MOST_WAIT_SECONDS, Cell, Load, Plan, cell, stream_cpu
from benchmarks.simulation.figures import Costs
from benchmarks.simulation.zone import LOST, Clients, Storm, lose_a_zone

PLANS = (Plan(1, 64), Plan(8, 16), Plan(20, 8), Plan(80, 1))
"""One deployment for all; some; more, smaller ones; and such that need no cluster of Redis."""

SCENARIOS = {
    "wait at random, up to 0.25 s": (Clients(), 0.6),
    "all wait 0.25 s": (Clients(random_share=0.0), 0.6),
    "wait at random, up to 10 s": (Clients(first=10.0, random_share=1.0), 0.6),
    "all wait 0.25 s; nothing to spare": (Clients(random_share=0.0), 0.95),
}
"""How clients wait before they come back, and how busy everything was before."""

_GB, _MB, _KB = 1e9, 1e6, 1e3

_ROWS: Sequence[tuple[str, Callable[[Cell, Plan], str]]] = (
    ("open streams", lambda one, _: f"{one.streams:,.0f}"),
    ("processes, a core each", lambda one, _: f"{one.processes:,}"),
    ("streams of a process", lambda one, _: f"{one.process_streams:,.0f}"),
    ("memory of a process", lambda one, _: f"{one.process_memory / _MB:.0f} MB"),
    ("Redis: shards, cores busy", lambda one, plan: f"{plan.shards}, {one.redis_cores:.1f}"),
    ("Redis: the busiest shard", lambda one, _: f"{one.redis_busiest:.0%}"),
    ("Redis: a token waits for it", lambda one, _: _wait(one)),
    ("Redis: memory of a shard", lambda one, plan: f"{one.redis_memory / plan.shards / _GB:.1f} GB"),
    ("Redis: traffic of a shard", lambda one, plan: f"{one.redis_bytes / plan.shards * 8 / _GB:.1f} Gbit/s"),
    ("Redis: connections of a shard", lambda one, plan: f"{one.redis_connections / plan.shards:,.0f}"),
    ("PostgreSQL: cores busy", lambda one, _: f"{one.database_cores:.1f}"),
    ("PostgreSQL: WAL", lambda one, _: f"{one.database_wal / _MB:,.0f} MB/s"),
    ("PostgreSQL: grows by, a day", lambda one, _: f"{one.database_grows * 86_400 / 1e12:.1f} TB"),
    ("PostgreSQL: commits", lambda one, _: f"{one.database_commits:,.0f}/s"),
    ("PostgreSQL: connections of the processes", lambda one, _: f"{one.connections:,}"),
    ("to clients", lambda one, _: f"{one.network * 8 / _GB:.1f} Gbit/s"),
)


def holds(costs: Costs, load: Load, busy: float) -> str:
    """What one process holds, and how many streams keep its core so busy."""
    here, away = stream_cpu(costs, load, 0.0), stream_cpu(costs, load, 1.0)
    micro = 1e6
    rows = [
        ["", "read where it is", "read elsewhere: its own process", "the reader's process"],
        [
            "CPU per token",
            *(f"{cpu * micro:.0f} µs" for cpu in (costs.token_here, costs.token_said, costs.token_there)),
        ],
        [
            "memory per open stream",
            *(f"{memory / _KB:.0f} kB" for memory in (costs.stream_memory, costs.unread_memory, costs.reader_memory)),
        ],
        [
            f"streams at {load.rate:.0f} tokens/s that keep a core {busy:.0%} busy",
            f"{busy / here:,.0f}",
            f"{busy / away:,.0f} of both",
            "",
        ],
    ]
    return _markdown(rows)


def limits(costs: Costs) -> str:
    """What a core of Redis and one of PostgreSQL do in a second."""
    follow = costs.pipeline + 500 * costs.follow
    rows = [
        ["one core of", "does", "a second", "each takes"],
        ["Redis", "tokens written, in pipelines of many", *_each(costs.entry)],
        ["", "tokens written, one at a time", *_each(costs.entry + costs.pipeline)],
        ["", "tokens given to a process that follows", *_each(costs.entry_read)],
        ["", "reads that wait for 500 streams", *_each(follow)],
        ["PostgreSQL", "turns: a message admitted, an answer stored", *_each(costs.database_turn)],
        ["", "checkpoints of growing answers", *_each(costs.database_checkpoint)],
        ["", "orphans of a dead process ended", *_each(costs.database_recovery)],
        ["", "leases renewed", *_each(costs.database_lease)],
        ["", "looks for orphans", *_each(costs.database_look)],
    ]
    return _markdown(rows)


def _each(seconds: float) -> tuple[str, str]:
    return f"{float(f'{1 / seconds:.2g}'):,.0f}", f"{seconds * 1e6:.3g} µs"


def deployments(costs: Costs, load: Load, plans: Sequence[Plan] = PLANS) -> str:
    """What a cell takes, by how many there are."""
    cells = [cell(costs, load, plan) for plan in plans]
    head = ["", *(f"{_cells(plan)}, each" for plan in plans)]
    rows = [[name, *(show(one, plan) for one, plan in zip(cells, plans, strict=True))] for name, show in _ROWS]
    return _markdown([head, *rows])


def all_came_back(costs: Costs, load: Load, plans: Sequence[Plan] = PLANS) -> str:
    """What the same processes and shards do right after every reader has lost its connection."""
    rows = [["", "readers away from their run", "processes busy", "the busiest shard", "a token waits for it"]]
    for plan in plans:
        usual = cell(costs, load, plan)
        worst = cell(costs, replace(load, all_came_back=True), plan, usual.processes)
        for which, one in (("as usual", usual), ("after all came back", worst)):
            shares = (f"{share:.0%}" for share in (one.remote, one.process_busy, one.redis_busiest))
            rows.append([f"{_cells(plan)}, {which}", *shares, _wait(one)])
    return _markdown(rows)


def _cells(plan: Plan) -> str:
    return f"{plan.cells} cell{'s' if plan.cells > 1 else ''}"


def _wait(one: Cell) -> str:
    return f"{one.redis_wait * 1e3:.0f} ms" if one.redis_wait <= MOST_WAIT_SECONDS else "for ever"


def storms(costs: Costs, load: Load, plan: Plan) -> dict[str, Storm]:
    """A zone's loss in one of the plan's cells, by scenario."""
    return {
        name: lose_a_zone(cell(costs, load, replace(plan, busy=busy)), costs, load, replace(plan, busy=busy), clients)
        for name, (clients, busy) in SCENARIOS.items()
    }


def zones(costs: Costs, load: Load, plan: Plan) -> str:
    """How long until everyone follows again, and what is full meanwhile and afterwards."""
    rows = [
        [
            "clients",
            "all follow again after",
            "tries a client",
            "the dead's runs are ended after",
            "processes full for",
            "PostgreSQL full for",
            "processes busy, once as many answers are under way as before",
        ]
    ]
    clients = cell(costs, load, plan).streams * LOST
    for name, storm in storms(costs, load, plan).items():
        everyone, ended = (f"{storm.until(counts):.1f} s" for counts in (storm.away, storm.orphans))
        full = (f"{storm.full(busy):.1f} s" for busy in (storm.process_busy, storm.database_busy))
        after = SCENARIOS[name][1] / (1 - LOST)
        rows.append([name, everyone, f"{storm.attempts / clients:.1f}", ended, *full, f"{after:.0%}"])
    return _markdown(rows)


def measured(figures: dict[str, dict[str, object]]) -> str:
    """What goes into all this, and where it comes from."""
    rows = [["figure", "", "measured", "at"]]
    for name, figure in figures.items():
        value, unit = float(str(figure["value"])), str(figure["unit"])
        title = f"{figure['title']}; {figure['detail']}".rstrip("; ")
        rows.append([f"`{name}`", title, f"{_short(value)} {unit}".strip(), f"{figure['commit']}, {figure['date']}"])
    return _markdown(rows)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *rest = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, f"|{'---|' * len(rows[0])}", *rest])
