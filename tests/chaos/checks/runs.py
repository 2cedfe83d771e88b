"""Runs: each has one end, for a reason, and none is left."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.audit import AuditedRun
from tests.chaos.evidence import DATABASE, HARD, Evidence, Violation

ENDS = ("completed", "failed", "cancelled", "interrupted")
FORGOTTEN = frozenset({"request_key", "request_digest", "stop_requested", "confirmed_at"})
"""What may change of a run that has ended."""

EARLIER = 15.0
"""How long before a run began something may have been done that ends it: a lease that was lost is noticed later."""


def one_end(evidence: Evidence) -> Iterator[Violation]:
    """It ends once, and nothing of its end changes afterwards."""
    for run in evidence.audit.runs.values():
        ends = run.ends
        if len(ends) > 1:
            told = [change.new and change.new["status"] for change in ends]
            yield Violation("runs.one_end", f"ended {len(ends)} times: {told}", run.id)
        for change in run.changes:
            if change.old and change.new and change.old["ended_at"] is not None:
                changed = {name for name, value in change.new.items() if value != change.old[name]} - FORGOTTEN
                if changed:
                    yield Violation("runs.one_end", f"{sorted(changed)} changed after the end, by {change.who}", run.id)


def none_left(evidence: Evidence) -> Iterator[Violation]:
    """When all is quiet, none goes on or waits."""
    for run in evidence.audit.runs.values():
        if not run.deleted and run.last["ended_at"] is None:
            yield Violation("runs.none_left", f"is still {run.last['status']}", run.id)


def ends_for_a_reason(evidence: Evidence) -> Iterator[Violation]:
    """It completes, unless it was to fail, its user stopped it, or its process or the database was disturbed."""
    stopped = {cancel.run_id for cancel in evidence.history.cancels}
    for run in evidence.audit.runs.values():
        if not run.ends or run.last["status"] == "completed":
            continue
        row, script = run.last, evidence.asked.get(run.id)
        status, reason = row["status"], row["stop_reason"]
        if status == "cancelled":
            fine = run.id in stopped or run.thread_id in evidence.history.deleted
        elif reason == "error":
            fine = script is None or script.fails
        else:
            fine = _was_disturbed(evidence, run)
        if status not in ENDS or not fine:
            yield Violation("runs.ends_for_a_reason", f"{status} ({reason}) for no reason that is known", run.id)


def _was_disturbed(evidence: Evidence, run: AuditedRun) -> bool:
    since, until = run.first.at - EARLIER, run.ends[0].at
    return any(evidence.faults(run.first.who, since, until, HARD | DATABASE))
