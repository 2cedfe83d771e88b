"""What was measured, by the names of the benchmarks' figures, with where each number came from."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "figures.json"

WANTED = (
    "idle",
    "held_here",
    "held_unread",
    "held_there",
    "held_500_here",
    "held_500_said",
    "held_500_there",
    "durable",
    "recovery",
    "recovery_each",
    "reconnects_cpu",
    "redis_entry",
    "redis_entry_alone",
    "redis_read",
    "redis_follow",
    "redis_memory",
    "pg_turn",
    "pg_turn_size",
    "pg_turn_wal",
    "pg_checkpoint",
    "pg_checkpoint_wal",
    "pg_recovery",
    "pg_lease",
    "pg_orphans",
)


@dataclass(frozen=True, slots=True)
class Costs:
    """What things cost. CPU is in seconds of one core, memory and the rest in bytes."""

    token_here: float
    """A process: a token of its own run, to a reader of its own."""
    token_said: float
    """A process: a token of its own run, which is read elsewhere."""
    token_there: float
    """A process: a token of another's run, to a reader of its own."""
    turn: float
    """A process: a turn of 20 tokens."""
    attach: float
    """A process: a reader that comes back to another's run."""
    process_memory: float
    stream_memory: float
    unread_memory: float
    reader_memory: float
    entry: float
    """Redis: a token written in a pipeline with others."""
    pipeline: float
    """Redis: a pipeline, or a read, by itself."""
    entry_read: float
    """Redis: a token given to one reading process."""
    follow: float
    """Redis: a stream named in one read."""
    entry_memory: float
    database_turn: float
    database_turn_wal: float
    database_turn_size: float
    database_checkpoint: float
    database_checkpoint_wal: float
    database_attach: float
    database_recovery: float
    database_lease: float
    database_look: float
    """PostgreSQL: one look for orphans."""
    recovery: float
    """Seconds from a process's death to the end of its runs, few of which are under way."""
    recovery_each: float
    """Seconds between the ends of a dead process's runs, many of which are under way."""


def load(path: Path = FILE) -> Costs:
    """The costs in a file of figures. :raises KeyError: one is missing."""
    return costs_of(json.loads(path.read_text()))


def take(results: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is known, with those of a run's figures (as `benchmarks.report` writes them) that are wanted, and where they
    came from.
    """
    machine = results["machine"]
    where = {"commit": machine["commit"], "date": machine["date"][:10], "cores": machine["cores"]}
    taken = dict(known)
    for figure in results["figures"]:
        ours = figure["contenders"].get("ours")
        if figure["name"] in WANTED and ours is not None:
            named = {key: figure[key] for key in ("title", "detail", "unit")}
            taken[figure["name"]] = {"value": ours["median"], "beside": ours["median_beside"], **named, **where}
    return dict(sorted(taken.items()))


def costs_of(figures: dict[str, dict[str, Any]]) -> Costs:
    """Figures, as they are kept, in units that can be added up."""

    def value(name: str, scale: float = 1.0) -> float:
        return float(figures[name]["value"]) * scale

    def beside(name: str, scale: float = 1.0) -> float:
        return float(figures[name]["beside"]) * scale

    micro, milli, kibi = 1e-6, 1e-3, 1024.0
    return Costs(
        token_here=value("held_500_here", micro),
        token_said=value("held_500_said", micro),
        token_there=value("held_500_there", micro),
        turn=value("durable", milli),
        attach=value("reconnects_cpu", milli),
        process_memory=value("idle", kibi * kibi),
        stream_memory=value("held_here", kibi),
        unread_memory=value("held_unread", kibi),
        reader_memory=value("held_there", kibi),
        entry=value("redis_entry", micro),
        pipeline=value("redis_entry_alone", micro) - value("redis_entry", micro),
        entry_read=value("redis_read", micro),
        follow=value("redis_follow", micro),
        entry_memory=value("redis_memory"),
        database_turn=value("pg_turn", micro),
        database_turn_wal=value("pg_turn_wal", kibi),
        database_turn_size=value("pg_turn_size", kibi),
        database_checkpoint=value("pg_checkpoint", micro),
        database_checkpoint_wal=value("pg_checkpoint_wal", kibi),
        database_attach=beside("reconnects_cpu", milli),
        database_recovery=value("pg_recovery", micro),
        database_lease=value("pg_lease", micro),
        database_look=value("pg_orphans", milli),
        recovery=beside("recovery"),
        recovery_each=value("recovery_each", milli),
    )
