"""What is left in Redis: the streams of the runs, read without the code that wrote them."""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple

import redis

FENCE = b"fence"


class Entry(NamedTuple):
    """An entry of a run's stream: the attempt and the last offset in it, and how many events it holds."""

    attempt: int
    seq: int
    events: int


class Stream(NamedTuple):
    """A run's entries, and in how many seconds it is forgotten (-1: never)."""

    entries: list[Entry]
    ttl: int


def read_streams(url: str) -> dict[str, Stream]:
    """The streams by run."""
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        del client.response_callbacks["XRANGE"]  # it would make a dict of fields, of which several have the same name
        do: Any = client.execute_command
        found: dict[str, Stream] = {}
        for key in client.scan_iter(match="{ck*}:run_*", count=1000):
            entries = [_entry(entry_id, fields) for entry_id, fields in do("XRANGE", key, "-", "+")]
            found[key.decode().partition(":")[2]] = Stream(entries, do("TTL", key))
        return found


def _entry(entry_id: bytes, fields: list[bytes]) -> Entry:
    """A text delta's field is ``<content index>:<item id>`` and holds one to a line; any other holds one event."""
    attempt, seq = map(int, entry_id.split(b"-"))
    events = 0
    for name, value in zip(fields[::2], fields[1::2], strict=True):
        events += 0 if name == FENCE else value.count(b"\n") + 1 if name[:1].isdigit() else 1
    return Entry(attempt, seq, events)
