"""Logs: what the replicas warn of is what was done to them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.evidence import Evidence, Violation
from tests.chaos.logs import unexpected


def nothing_unexpected(evidence: Evidence) -> Iterator[Violation]:
    """No warning, error or traceback of a kind that no fault explains."""
    for line in unexpected(evidence.lines):
        yield Violation("logged.nothing_unexpected", f"{line.who}, {line.level}: {line.whole[:3000]}")
