"""What takes how long. Only what nothing else disturbs is held to a limit, and that is a generous one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.chaos.checks.texts import killed_runs
from tests.chaos.evidence import DATABASE, HARD, Evidence, Violation
from tests.chaos.history import Fault

RECOVERY_SECONDS = 15.0
CANCEL_SECONDS = 1.0
SLACK = 5.0
"""Of a machine of two cores that does all of this at once."""


class Took(NamedTuple):
    """How long something took, for which run; ``clean`` where nothing else was done meanwhile."""

    run_id: str
    seconds: float
    clean: bool


def recoveries(evidence: Evidence) -> Iterator[Took]:
    """From the kill of a process to the end of each of its runs."""
    for run, killed in killed_runs(evidence):
        end = run.ends[0].at
        yield Took(run.id, end - killed, not any(_others(evidence, killed, end)))


def _others(evidence: Evidence, killed: float, end: float) -> Iterator[Fault]:
    """What else was done that may keep the others from ending a dead process's runs."""
    for fault in evidence.history.faults:
        itself = fault.kind in ("kill", "kill-two") and abs(fault.began - killed) < 1
        lasts = fault.began <= end and (fault.ended or end) >= killed - RECOVERY_SECONDS
        if lasts and not itself and fault.kind in HARD | DATABASE | {"block"}:
            yield fault


def cancels(evidence: Evidence) -> Iterator[Took]:
    """From the answer to a request to stop to the end of the run."""
    for cancel in evidence.history.cancels:
        run = evidence.audit.runs.get(cancel.run_id)
        if run is None or not run.ends or cancel.answered is None or (run.last["status"]) != "cancelled":
            continue
        end = run.ends[0].at
        clean = not any(evidence.faults(run.first.who, cancel.answered - SLACK, end))
        yield Took(run.id, max(0.0, end - cancel.answered), clean)


def recovered_in_time(evidence: Evidence) -> Iterator[Violation]:
    """A dead process's runs have ended within 15 s."""
    for took in recoveries(evidence):
        if took.clean and took.seconds > RECOVERY_SECONDS + SLACK:
            yield Violation("timing.recovered_in_time", f"was ended {took.seconds:.1f} s after the kill", took.run_id)


def cancelled_in_time(evidence: Evidence) -> Iterator[Violation]:
    """A stop is heard within a second, wherever the run goes on."""
    for took in cancels(evidence):
        if took.clean and took.seconds > CANCEL_SECONDS + SLACK:
            yield Violation("timing.cancelled_in_time", f"was stopped after {took.seconds:.1f} s", took.run_id)
