"""Owners: one process writes a run's attempt, as the audit saw it."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.audit import AuditedRun, Change
from tests.chaos.evidence import Evidence, Violation

OF_ANYBODY = frozenset({"stop_requested", "request_key", "confirmed_at"})
"""What any process may write: a request to stop, that a key is too old, and that a repeated request got the run."""


def one_writer(evidence: Evidence) -> Iterator[Violation]:
    """Whoever admitted a run writes it, until it is ended; another may end it, once, by beginning another attempt."""
    for run in evidence.audit.runs.values():
        attempts = [change.new["attempt"] for change in run.changes if change.new]
        if attempts != sorted(attempts) or attempts[0] != 1 or attempts[-1] > 2:
            yield Violation("owners.one_writer", f"has had the attempts {attempts}", run.id)
        recovered = next((change for change in run.changes if _is_recovery(change)), None)
        for change in _written(evidence, run):
            if recovered is not None and change.xid == recovered.xid:
                continue
            if change.who != run.first.who:
                yield Violation("owners.one_writer", f"{change.who} wrote what is {run.first.who}'s", run.id)
            elif recovered is not None and change.n > recovered.n:
                yield Violation("owners.one_writer", f"{change.who} wrote after {recovered.who} had ended it", run.id)


def _is_recovery(change: Change) -> bool:
    return change.old is not None and change.new is not None and change.new["attempt"] == change.old["attempt"] + 1


def _written(evidence: Evidence, run: AuditedRun) -> Iterator[Change]:
    """What was written of a run by whoever drove it: not its deletion with its thread, or by a retry."""
    for change in run.changes:
        if change.old is None or (change.new is not None and _changed(change) - OF_ANYBODY):
            yield change
    for change in evidence.audit.items[run.thread_id]:
        row = change.new
        if row is not None and row["run_id"] == run.id and (change.old is None or change.old["run_id"] == run.id):
            yield change


def _changed(change: Change) -> set[str]:
    old, new = change.old or {}, change.new or {}
    return {name for name, value in new.items() if value != old.get(name)}
