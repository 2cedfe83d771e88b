"""The rules, each a function from the evidence to its violations. Each has a test that it can fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.chaos.checks import logged, messages, order, owners, readers, runs, streams, texts, timing
from tests.chaos.evidence import Evidence, Violation

Check = Callable[[Evidence], Iterator[Violation]]

CHECKS: tuple[Check, ...] = (
    messages.stored_once,
    messages.answered_once,
    messages.kept_when_acknowledged,
    runs.one_end,
    runs.none_left,
    runs.ends_for_a_reason,
    texts.as_asked,
    texts.checkpoints_kept,
    owners.one_writer,
    order.in_line,
    order.one_at_a_time,
    readers.nothing_wrong,
    readers.come_to_the_end,
    readers.told_the_truth,
    timing.recovered_in_time,
    timing.lost_little,
    timing.cancelled_in_time,
    streams.without_gaps,
    streams.forgotten,
    logged.nothing_unexpected,
)


def check(evidence: Evidence) -> list[Violation]:
    """All violations."""
    told = [Violation("what users and the suite saw", what) for what in evidence.history.wrong]
    return told + [violation for rule in CHECKS for violation in rule(evidence)]
