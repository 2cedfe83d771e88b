"""The report: what was done, what came of it, and how long things took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from tests.chaos.checks import timing
from tests.chaos.checks.texts import killed_runs, seen_before, stored_messages
from tests.chaos.evidence import Evidence, Violation
from tests.chaos.logs import counted

SHOWN = 5
"""How many violations of a rule are told in full."""


def report(seed: str, users: int, evidence: Evidence, violations: Sequence[Violation]) -> str:
    """All of it, for people."""
    return "\n".join(
        [*_head(seed, users, evidence), *_figures(evidence), *_logs(evidence), *_violations(evidence, violations)]
    )


def _head(seed: str, users: int, evidence: Evidence) -> Iterator[str]:
    yield ""
    yield f"seed {seed}, {users} users, {evidence.quiet - evidence.began:.0f} s"
    kinds = Counter(fault.kind for fault in evidence.history.faults)
    yield _line("faults", sum(kinds.values()), kinds)
    if skipped := evidence.history.counts["skipped"]:
        yield f"  {'left out':22}{skipped:7}   one replica is left alone, and one thing at a time is done to a server"
    yield f"  {'processes':22}{len(evidence.lives):7}"


def _figures(evidence: Evidence) -> Iterator[str]:
    history = evidence.history
    sent = history.messages
    acknowledged = [message for message in sent if message.acknowledged is not None]
    repeated = sum(message.attempts > 1 for message in sent)
    yield _line("messages", len(sent), {"acknowledged": len(acknowledged), "repeated": repeated})
    yield _line("runs", len(evidence.audit.runs), Counter(run.last["status"] for run in evidence.audit.runs.values()))
    whys = Counter(run.last["stop_reason"] for run in evidence.audit.runs.values() if run.last["stop_reason"])
    yield _line("  stop reasons", sum(whys.values()), whys)
    readings = history.readings
    yield _line("readers", len(readings), Counter(reading.how for reading in readings))
    yield f"  {'events':22}{sum(reading.events for reading in readings):7}"
    yield f"  {'reconnects':22}{sum(max(0, reading.connections - 1) for reading in readings):7}"
    yield f"  {'snapshots':22}{sum(reading.snapshots for reading in readings):7}"
    yield from _times("recovery after a kill", list(timing.recoveries(evidence)))
    yield from _times("cancel to end", list(timing.cancels(evidence)))
    if losses := [loss for run, killed in killed_runs(evidence) for loss in [_loss(evidence, run.id, killed)] if loss]:
        yield f"  {'age of what was lost':22}{len(losses):7}   p50 {median(losses):.2f} s, max {max(losses):.2f} s before the kill"


def _times(name: str, took: list[timing.Took]) -> Iterator[str]:
    for what, some in ((name, took), ("  nothing else done", [one for one in took if one.clean])):
        seconds = sorted(one.seconds for one in some)
        if seconds:
            p90 = seconds[int(0.9 * (len(seconds) - 1))]
            yield f"  {what:22}{len(seconds):7}   p50 {median(seconds):.2f} s, p90 {p90:.2f} s, max {seconds[-1]:.2f} s"


def _loss(evidence: Evidence, run_id: str, killed: float) -> float:
    """How old the oldest text was that a reader had and that is not stored, in seconds before the kill."""
    run = evidence.audit.runs[run_id]
    stored = sum(len(shown.text) for shown in stored_messages(evidence, run))
    if seen_before(evidence, run, killed) <= stored:
        return 0.0
    more = [
        at for one in evidence.history.readings if one.run_id == run_id for at, length in one.lengths if length > stored
    ]
    return max(0.0, killed - min(more))


def _logs(evidence: Evidence) -> Iterator[str]:
    logged = counted(evidence.lines)
    yield f"  {'warnings and errors':22}{logged.total():7}"
    for (level, words, error), count in logged.most_common():
        yield f"  {count:29}   {level}: {words[:90]}{f' ({error})' if error else ''}"


def _violations(evidence: Evidence, violations: Sequence[Violation]) -> Iterator[str]:
    yield f"  {'VIOLATIONS' if violations else 'violations':22}{len(violations):7}"
    for rule, count in Counter(violation.rule for violation in violations).items():
        yield f"\n{rule}: {count}"
        for violation in [violation for violation in violations if violation.rule == rule][:SHOWN]:
            yield f"- {violation.what}"
            yield from _story(evidence, violation.run_id)


def _story(evidence: Evidence, run_id: str) -> Iterator[str]:
    """What is known of a run, in the order in which it happened."""
    run = evidence.audit.runs.get(run_id)
    if run is None:
        return
    yield f"    {run.id} of {run.user} in {run.thread_id}: {evidence.asked.get(run.id)}"
    told: list[tuple[float, str]] = []
    for change in run.changes:
        row = change.new
        if row is None:
            told.append((change.at, f"{change.who} deletes it"))
        else:
            held = f", checkpoint of {len(row['checkpoint'])} characters" if row["checkpoint"] else ""
            told.append((change.at, f"{change.who}: {row['status']}, attempt {row['attempt']}{held}"))
    for change in evidence.audit.items[run.thread_id]:
        row = change.new or change.old or {}
        if row["run_id"] == run_id:
            told.append((change.at, f"{change.who}: {row['type']} {row['id']}{'' if change.new else ' is deleted'}"))
    since, until = run.first.at - 15, run.changes[-1].at + 2
    for fault in evidence.history.faults:
        if fault.began <= until and (fault.ended or until) >= since:
            told.append(
                (fault.began, f"{fault.kind} on {fault.target} until {(fault.ended or until) - evidence.began:.1f}")
            )
    for at, what in sorted(told):
        yield f"    {at - evidence.began:8.2f}  {what}"


def _line(name: str, count: int, parts: dict[str, int] | Counter[str]) -> str:
    shown = ", ".join(f"{part} {number}" for part, number in sorted(parts.items(), key=lambda pair: -pair[1]))
    return f"  {name:22}{count:7}   {shown}"
