"""What takes how long. Only what nothing else was done beside is held to a limit, and that is a generous one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.chaos.audit import AuditedRun
from tests.chaos.evidence import DATABASE, HARD, Evidence, Violation
from tests.chaos.script import shown_of

RECOVERY_SECONDS = 15.0
CANCEL_SECONDS = 1.0
LOSS_SECONDS = 1.0
SLACK = 4.0
"""What a machine of two cores may need longer that does all of this at once."""


class Took(NamedTuple):
    """How many seconds something took, for which run; ``clean`` where nothing else was done meanwhile."""

    run_id: str
    seconds: float
    clean: bool


def recovered_in_time(evidence: Evidence) -> Iterator[Violation]:
    """A dead process's runs have ended within 15 s."""
    for took in recoveries(evidence):
        if took.clean and took.seconds > RECOVERY_SECONDS + SLACK:
            yield Violation("timing.recovered_in_time", f"was ended {took.seconds:.1f} s after the kill", took.run_id)


def lost_little(evidence: Evidence) -> Iterator[Violation]:
    """What somebody had read a second before the kill is stored."""
    for took in losses(evidence):
        if took.clean and took.seconds > LOSS_SECONDS + SLACK:
            what = f"what was read {took.seconds:.1f} s before the kill is not stored"
            yield Violation("timing.lost_little", what, took.run_id)


def cancelled_in_time(evidence: Evidence) -> Iterator[Violation]:
    """A stop is heard within a second, wherever the run goes on."""
    for took in cancels(evidence):
        if took.clean and took.seconds > CANCEL_SECONDS + SLACK:
            yield Violation("timing.cancelled_in_time", f"was stopped after {took.seconds:.1f} s", took.run_id)


def recoveries(evidence: Evidence) -> Iterator[Took]:
    """From the kill of a process to the end of each of its runs."""
    for run, killed in _killed(evidence):
        end = run.ends[0].at
        yield Took(run.id, end - killed, not _others(evidence, killed - RECOVERY_SECONDS, end))


def losses(evidence: Evidence) -> Iterator[Took]:
    """How long before the kill the first text was read that is not stored; 0 where all is stored that was read."""
    for run, killed in _killed(evidence):
        shown = shown_of(evidence.audit.items_at_end(run))
        stored = sum(len(one.text) for one in shown if one.kind == "message")
        more = [at for one in evidence.readings_of(run.id) for at, length in one.lengths if length > stored]
        lost = max(0.0, killed - min(more, default=killed))
        yield Took(run.id, lost, not _others(evidence, killed - RECOVERY_SECONDS, killed))


def cancels(evidence: Evidence) -> Iterator[Took]:
    """From the answer to a request to stop to the end of the run, if that was not a moment from its end anyway."""
    for cancel in evidence.history.cancels:
        run = evidence.audit.runs.get(cancel.run_id)
        if run is None or not run.ends or cancel.answered is None:
            continue
        end = run.ends[0].at
        seconds = max(0.0, end - cancel.answered)
        if run.last["status"] == "cancelled" or seconds > CANCEL_SECONDS:
            kinds = HARD | DATABASE | {"block"}  # without Redis it is heard all the same
            yield Took(run.id, seconds, not any(evidence.faults(run.first.who, cancel.answered - SLACK, end, kinds)))


def _killed(evidence: Evidence) -> Iterator[tuple[AuditedRun, float]]:
    """Runs that were interrupted because their process was killed, and when that was."""
    for run in evidence.audit.runs.values():
        life = evidence.lives.get(run.first.who)
        row = run.ends[0].new if run.ends else None
        if row is None or life is None or life.killed is None or row["stop_reason"] != "crashed":
            continue
        if run.first.at < life.killed < run.ends[0].at:
            yield run, life.killed


def _others(evidence: Evidence, since: float, until: float) -> bool:
    """Whether something was done that keeps runs from being stored, or from being ended by others. Other kills do not:
    one replica is always left alone.
    """
    kinds = (HARD | DATABASE | {"block"}) - {"kill", "kill-two"}
    return any(fault.kind in kinds and fault.lasted(since, until) for fault in evidence.history.faults)
