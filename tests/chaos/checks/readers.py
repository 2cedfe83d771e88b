"""Readers: each event once, in order, to the end; and what they hold then is what is stored."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.evidence import Evidence, Violation
from tests.chaos.history import Reading

SAME = frozenset({"crashed", "lost", "shutdown"})
"""Reasons that stand for one another: why a process was gone is for the process itself to know."""


def nothing_wrong(evidence: Evidence) -> Iterator[Violation]:
    """No event twice, none left out, but where a snapshot said so."""
    for reading in evidence.history.readings:
        for wrong in reading.wrong:
            yield Violation("readers.nothing_wrong", f"{reading.user} ({reading.how}): {wrong}", reading.run_id)


def come_to_the_end(evidence: Evidence) -> Iterator[Violation]:
    """Whoever does not leave comes to the run's end; that there is no run is told of deleted threads alone."""
    for reading in evidence.history.readings:
        who = f"{reading.user} ({reading.how})"
        if reading.outcome is None and not reading.left:
            yield Violation(
                "readers.come_to_the_end", f"{who} waits at {reading.offset or 'the start'}", reading.run_id
            )
        elif reading.gone is not None and reading.thread_id not in evidence.history.deleted:
            yield Violation("readers.come_to_the_end", f"{who} was told that it is not there", reading.run_id)


def told_the_truth(evidence: Evidence) -> Iterator[Violation]:
    """The end that a reader was told of is the one that is stored, and its items are those that were stored then."""
    for reading in evidence.history.readings:
        run = evidence.audit.runs.get(reading.run_id)
        if reading.ended is None or reading.outcome is None or run is None:
            continue
        who = f"{reading.user} ({reading.how}, {reading.snapshots} snapshots, {reading.connections} connections)"
        stored = run.last["status"], run.last["stop_reason"]
        deleted = reading.outcome[1] == "thread_deleted" and reading.thread_id in evidence.history.deleted
        if not deleted and not _same(reading.outcome, stored):
            yield Violation("readers.told_the_truth", f"{who} was told {reading.outcome}, stored is {stored}", run.id)
        elif not deleted and run.ends and reading.screen.items != evidence.audit.items_at_end(run):
            items = evidence.audit.items_at_end(run)
            yield Violation("readers.told_the_truth", f"{who} {_difference(reading, items)}", run.id)


def _same(told: tuple[str, str | None], stored: tuple[str, str | None]) -> bool:
    return told == stored or (told[0] == stored[0] and {told[1], stored[1]} <= SAME)


def _difference(reading: Reading, stored: list[dict[str, object]]) -> str:
    seen = reading.screen.items
    if len(seen) != len(stored):
        return f"has {len(seen)} items, stored are {len(stored)}"
    mine, theirs = next((mine, theirs) for mine, theirs in zip(seen, stored, strict=True) if mine != theirs)
    return f"has {str(mine)[-200:]} and stored is {str(theirs)[-200:]}"
