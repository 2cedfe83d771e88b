"""Streams in Redis: whole within an attempt, and none is kept for ever."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from tests.chaos.evidence import Evidence, Violation

LONGEST_TTL = 27 * 3600
"""Of a run that goes on: longer than any run may take."""

LONGEST_TTL_ENDED = 1800


def without_gaps(evidence: Evidence) -> Iterator[Violation]:
    """Each entry goes on where the one before it ended, unless another attempt begins. It may repeat what an entry had
    that was given up, and arrived after all.
    """
    for run_id, stream in evidence.streams.items():
        for before, entry in pairwise(stream.entries):
            if entry.attempt == before.attempt and entry.seq - entry.events > before.seq:
                what = f"{entry.events} events up to {entry.seq} come after {before.seq}"
                yield Violation("streams.without_gaps", what, run_id)


def forgotten(evidence: Evidence) -> Iterator[Violation]:
    """Each stream has an end, and that of an ended run a near one."""
    for run_id, stream in evidence.streams.items():
        if not 0 <= stream.ttl <= LONGEST_TTL:
            yield Violation("streams.forgotten", f"is kept for {stream.ttl} s", run_id)
