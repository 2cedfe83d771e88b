"""What is known of one run, in the order in which it happened: to understand a violation by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.chaos.audit import AuditedRun, Change
from tests.chaos.evidence import Evidence

BEFORE = 15.0
AFTER = 2.0
"""How long before a run's beginning and after its end what was done may have to do with it, in seconds."""


class Moment(NamedTuple):
    """Something that happened, at a time in seconds since 1970."""

    at: float
    what: str


def story(evidence: Evidence, run_id: str) -> Iterator[str]:
    """Lines, indented; none where nobody knows the run."""
    run = evidence.audit.runs.get(run_id)
    if run is None:
        return
    yield f"    {run.id} of {run.user} in {run.thread_id}: {evidence.asked.get(run.id)}"
    for at, what in sorted(_moments(evidence, run)):
        yield f"    {at - evidence.began:8.2f}  {what}"


def _moments(evidence: Evidence, run: AuditedRun) -> Iterator[Moment]:
    for change in run.changes:
        yield Moment(change.at, f"{change.who} {_written(change)}")
    for change in evidence.audit.items[run.thread_id]:
        row = change.new or change.old or {}
        if row["run_id"] == run.id:
            yield Moment(
                change.at, f"{change.who} {'writes' if change.new else 'deletes'} the {row['type']} {row['id']}"
            )
    since, until = run.first.at - BEFORE, run.changes[-1].at + AFTER
    for fault in evidence.history.faults:
        if fault.lasted(since, until):
            lasted = "" if fault.ended is None else f", until {fault.ended - evidence.began:.2f}"
            yield Moment(fault.began, f"{fault.kind} on {fault.target}{lasted}")
    for message in evidence.history.messages:
        if message.run_id == run.id and message.acknowledged is not None:
            yield Moment(message.acknowledged, f"{run.user} is told of it, after {message.attempts} attempts")
    for reading in evidence.history.readings:
        if reading.run_id == run.id and reading.ended is not None:
            yield Moment(reading.ended, f"{reading.user} ({reading.how}) is told {reading.outcome}")


def _written(change: Change) -> str:
    row = change.new
    if row is None:
        return "deletes it"
    held = f", with a checkpoint of {len(row['checkpoint'])} characters" if row["checkpoint"] else ""
    stop = f", is to stop ({row['stop_requested']})" if row["stop_requested"] else ""
    return f"writes: {row['status']}, attempt {row['attempt']}{held}{stop}"
