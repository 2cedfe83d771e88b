"""The report: what was done, what came of it, and how long things took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tests.chaos.checks import timing
from tests.chaos.evidence import Evidence, Violation
from tests.chaos.logs import counted
from tests.chaos.story import story

SHOWN = 5
"""How many violations of a rule are told in full."""


def report(seed: str, users: int, evidence: Evidence, violations: Sequence[Violation]) -> str:
    """All of it, for people."""
    head = f"\nseed {seed}, {users} users, {evidence.quiet - evidence.began:.0f} s"
    parts = (_done(evidence), _said(evidence), _took(evidence), _logged(evidence), _wrong(evidence, violations))
    return "\n".join([head, *(line for part in parts for line in part)])


def _done(evidence: Evidence) -> Iterator[str]:
    faults = evidence.history.faults
    yield _line("faults", len(faults), Counter(fault.kind for fault in faults))
    if evidence.history.left_out:
        yield _line("left out", evidence.history.left_out)
    yield _line("processes", len(evidence.lives))


def _said(evidence: Evidence) -> Iterator[str]:
    messages, readings, runs = evidence.history.messages, evidence.history.readings, evidence.audit.runs.values()
    acknowledged = sum(message.acknowledged is not None for message in messages)
    repeated = sum(message.attempts > 1 for message in messages)
    yield _line("messages", len(messages), {"acknowledged": acknowledged, "sent more than once": repeated})
    refused = Counter(message.refused for message in messages if message.refused is not None)
    yield _line("  given up by clients", refused.total(), refused)
    yield _line("runs", len(runs), Counter(run.last["status"] for run in runs))
    reasons = Counter(run.last["stop_reason"] for run in runs if run.last["stop_reason"])
    yield _line("  stop reasons", reasons.total(), reasons)
    yield _line("readers", len(readings), Counter(reading.how for reading in readings))
    yield _line("  events", sum(reading.events for reading in readings))
    yield _line("  reconnects", sum(max(0, reading.connections - 1) for reading in readings))
    yield _line("  snapshots", sum(reading.snapshots for reading in readings))


def _took(evidence: Evidence) -> Iterator[str]:
    """Each with the share of it that nothing else was done beside."""
    for name, took in (
        ("recovery after a kill", timing.recoveries(evidence)),
        ("age of text it lost", timing.losses(evidence)),
        ("cancel to end", timing.cancels(evidence)),
    ):
        all_of_it = list(took)
        yield from _times(name, [one.seconds for one in all_of_it])
        yield from _times("  alone", [one.seconds for one in all_of_it if one.clean])


def _times(name: str, seconds: list[float]) -> Iterator[str]:
    if seconds:
        seconds.sort()
        p50, p90 = (seconds[int(share * (len(seconds) - 1))] for share in (0.5, 0.9))
        yield f"{_line(name, len(seconds))}   p50 {p50:.2f} s, p90 {p90:.2f} s, max {seconds[-1]:.2f} s"


def _logged(evidence: Evidence) -> Iterator[str]:
    kinds = counted(evidence.lines)
    yield _line("warnings and errors", kinds.total())
    for (level, words, error), count in kinds.most_common():
        yield f"{count:31}   {level}: {words[:90]}{f' ({error})' if error else ''}"


def _wrong(evidence: Evidence, violations: Sequence[Violation]) -> Iterator[str]:
    yield _line("violations", len(violations))
    for rule, count in Counter(violation.rule for violation in violations).items():
        yield f"\n{rule}: {count}"
        for violation in [violation for violation in violations if violation.rule == rule][:SHOWN]:
            yield f"- {violation.what}"
            yield from story(evidence, violation.run_id)


def _line(name: str, count: int, parts: Mapping[str, int] | None = None) -> str:
    ordered = sorted((parts or {}).items(), key=lambda part: -part[1])
    shown = ", ".join(f"{part} {number}" for part, number in ordered)
    return f"  {name:22}{count:7}   {shown}".rstrip()
