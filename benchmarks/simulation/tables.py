"""The tables of `docs/scale.md`, as Markdown."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.simulation.deployment import Cell, Load, Plan, cell
from benchmarks.simulation.figures import Costs
from benchmarks.simulation.zone import LOST, Clients, Storm, lose_a_zone

PLANS = (Plan(cells=1, shards=64), Plan(cells=8, shards=16), Plan(cells=20, shards=8))

SCENARIOS = {
    "half of each wait is random": Clients(),
    "nothing is random": Clients(random_share=0.0),
    "the first wait is anything up to 10 s": Clients(first=10.0, random_share=1.0),
}
"""Clients, by how they wait before they come back."""

_GB, _MB, _KB = 1e9, 1e6, 1e3

_ROWS: Sequence[tuple[str, Callable[[Cell, Plan], str]]] = (
    ("open streams", lambda one, _: f"{one.streams:,.0f}"),
    ("processes, a core each", lambda one, _: f"{one.processes:,}"),
    ("streams of a process", lambda one, _: f"{one.process_streams:,.0f}"),
    ("memory of a process", lambda one, _: f"{one.process_memory / _MB:.0f} MB"),
    ("Redis: shards, cores busy", lambda one, plan: f"{plan.shards}, {one.redis_cores:.1f}"),
    ("Redis: the busiest shard", lambda one, _: f"{one.redis_busiest:.0%}"),
    ("Redis: memory of a shard", lambda one, plan: f"{one.redis_memory / plan.shards / _GB:.1f} GB"),
    ("Redis: traffic of a shard", lambda one, plan: f"{one.redis_bytes / plan.shards * 8 / _GB:.1f} Gbit/s"),
    ("Redis: connections of a shard", lambda one, plan: f"{one.redis_connections / plan.shards:,.0f}"),
    ("PostgreSQL: cores busy", lambda one, _: f"{one.database_cores:.1f}"),
    ("PostgreSQL: WAL", lambda one, _: f"{one.database_wal / _MB:,.0f} MB/s"),
    ("PostgreSQL: commits", lambda one, _: f"{one.database_commits:,.0f}/s"),
    ("PostgreSQL: connections of the processes", lambda one, _: f"{one.connections:,}"),
    ("to clients", lambda one, _: f"{one.network * 8 / _GB:.1f} Gbit/s"),
)


def deployments(costs: Costs, load: Load, plans: Sequence[Plan] = PLANS) -> str:
    """What a cell takes, by how many there are."""
    cells = [cell(costs, load, plan) for plan in plans]
    head = ["", *(f"{plan.cells} cell{'s' if plan.cells > 1 else ''}, each" for plan in plans)]
    rows = [[name, *(show(one, plan) for one, plan in zip(cells, plans, strict=True))] for name, show in _ROWS]
    return _markdown([head, *rows])


def all_came_back(costs: Costs, load: Load, plans: Sequence[Plan] = PLANS) -> str:
    """What the same processes and shards do right after every reader has lost its connection."""
    rows = [["", "readers away from their run", "processes busy", "the busiest shard"]]
    for plan in plans:
        usual = cell(costs, load, plan)
        worst = cell(costs, replace(load, all_came_back=True), plan, usual.processes)
        name = f"{plan.cells} cell{'s' if plan.cells > 1 else ''}"
        for which, one in (("as usual", usual), ("after all came back", worst)):
            busy = f"{one.process_busy:.0%}", f"{one.redis_busiest:.0%}"
            rows.append([f"{name}, {which}", f"{one.remote:.0%}", *busy])
    return _markdown(rows)


def storms(costs: Costs, load: Load, plan: Plan) -> dict[str, Storm]:
    """A zone's loss in one of the plan's cells, by scenario."""
    one = cell(costs, load, plan)
    return {name: lose_a_zone(one, costs, load, plan, clients) for name, clients in SCENARIOS.items()}


def zones(costs: Costs, load: Load, plan: Plan) -> str:
    """How long until everyone follows again, and what is full meanwhile."""
    rows = [
        [
            "clients that come back",
            "most of them follow again after",
            "all of them",
            "tries a client",
            "the dead's runs are ended after",
            "processes full for",
            "PostgreSQL full for",
        ]
    ]
    clients = cell(costs, load, plan).streams * LOST
    for name, storm in storms(costs, load, plan).items():
        times = storm.until(storm.away, 0.1), storm.until(storm.away), storm.until(storm.orphans)
        most, everyone, ended = (f"{seconds:.1f} s" for seconds in times)
        full = (f"{storm.full(busy):.1f} s" for busy in (storm.process_busy, storm.database_busy))
        rows.append([name, most, everyone, f"{storm.attempts / clients:.1f}", ended, *full])
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
