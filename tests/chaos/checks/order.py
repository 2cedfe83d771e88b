"""A thread's runs: one after the other, in the order in which they came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.audit import AuditedRun
from tests.chaos.evidence import Evidence, Violation

SAME_MOMENT = 0.5
"""Within so many seconds two admissions were at work at once: on this machine each takes milliseconds."""


def in_line(evidence: Evidence) -> Iterator[Violation]:
    """None begins before one that had come earlier and still waits.

    One that need not wait may overtake another that began to wait in the same moment (decision 5): it did not see it.
    """
    for runs in _threads(evidence):
        for run in runs:
            begin = run.begin
            for other in runs:
                if begin is not None and _comes_before(other, run) and _waits_at(other, begin.n):
                    yield Violation("order.in_line", f"began before {other.id}, which had come earlier", run.id)


def _comes_before(other: AuditedRun, run: AuditedRun) -> bool:
    moment = 0.0 if _had_to_wait(run) else SAME_MOMENT
    return other.last["seq"] < run.last["seq"] and other.first.at < run.first.at - moment


def one_at_a_time(evidence: Evidence) -> Iterator[Violation]:
    """No run begins while another of its thread goes on."""
    for runs in _threads(evidence):
        for run in runs:
            begin = run.begin
            for other in runs:
                if begin is not None and other is not run and _goes_on_at(other, begin.n):
                    yield Violation("order.one_at_a_time", f"began while {other.id} went on", run.id)


def _threads(evidence: Evidence) -> Iterator[list[AuditedRun]]:
    threads: dict[str, list[AuditedRun]] = defaultdict(list)
    for run in evidence.audit.runs.values():
        threads[run.thread_id].append(run)
    return iter(threads.values())


def _had_to_wait(run: AuditedRun) -> bool:
    return run.first.new is not None and run.first.new["status"] == "queued"


def _waits_at(run: AuditedRun, n: int) -> bool:
    if not _had_to_wait(run):
        return False
    over = [change.n for change in run.changes[1:] if change.new is None or change.new["status"] != "queued"]
    return run.first.n < n < min(over, default=n + 1)


def _goes_on_at(run: AuditedRun, n: int) -> bool:
    if run.begin is None:
        return False
    over = [change.n for change in run.changes if change.new is None or change.new["ended_at"] is not None]
    return run.begin.n < n < min(over, default=n + 1)
