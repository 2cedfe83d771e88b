"""The names of what is kept in Redis.

A run's stream is ``{ck<p>}:<run id>``. What stands in braces decides where a cluster keeps a key, and one XREAD may
name only keys that are kept together: with the run's id in them, a process would need a blocking connection for every
run that it follows. So it is the run's partition, one of :data:`PARTITIONS`: a process needs so many connections at
most, and a cluster may have as many nodes.
"""

from __future__ import annotations

from zlib import crc32

LOG_KEY = "ck:log"
"""What tells this log from others."""

PARTITIONS = 64
"""How many groups of streams there are. All processes must mean the same number."""


def partition_of(run_id: str) -> int:
    """Where a run's stream belongs, in every process."""
    return crc32(run_id.encode()) % PARTITIONS


def stream_key(run_id: str) -> str:
    """The key of a run's stream."""
    return f"{{ck{partition_of(run_id)}}}:{run_id}"


def wake_key(partition: int, process: str) -> str:
    """The key of the stream that ends a process's blocking read of a partition's streams."""
    return f"{{ck{partition}}}:wake:{process}"


def channel(name: str) -> str:
    """The channel on which a doorbell's name is rung."""
    return f"ck:{name}"
