"""Texts: what is stored is what was said, and no more of it is lost than was said in the last second."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.chaos.audit import AuditedRun
from tests.chaos.evidence import DATABASE, Evidence, Violation
from tests.chaos.script import Shown, shown_of

LOSS_SECONDS = 3.0
"""What is older than this when a process is killed must be there. Checkpoints are promised after 1 s; a machine of two
cores with all of this on it may be late.
"""


def as_asked(evidence: Evidence) -> Iterator[Violation]:
    """A completed run has every token, any other what there was at some moment."""
    for run in evidence.audit.runs.values():
        script = evidence.asked.get(run.id)
        if script is None or not run.ends:
            continue
        shown = shown_of(evidence.audit.items_at_end(run))
        whole = run.ends[0].new is not None and run.ends[0].new["status"] == "completed"
        if (whole or run.last["stop_reason"] == "error") and shown != script.whole:
            yield Violation("texts.as_asked", f"{run.last['status']}, with {_brief(shown)} of {script}", run.id)
        elif not whole and not script.allows(shown):
            yield Violation("texts.as_asked", f"{_brief(shown)} is no part of {script}", run.id)


def checkpoints_kept(evidence: Evidence) -> Iterator[Violation]:
    """What was in a checkpoint is in what is stored at the end."""
    for run in evidence.audit.runs.values():
        if not run.ends:
            continue
        stored = {item["id"]: item for item in evidence.audit.items_at_end(run)}
        for change in run.changes:
            held = change.new and change.new["checkpoint"]
            for item in json.loads(held) if held else []:
                if item["type"] == "assistant_message" and not _continues(stored.get(item["id"]), item):
                    what = f"a checkpoint by {change.who} had more of {item['id']} than there is"
                    yield Violation("texts.checkpoints_kept", what, run.id)
                    return


def _continues(stored: dict[str, Any] | None, item: dict[str, Any]) -> bool:
    return stored is not None and _text(stored).startswith(_text(item))


def what_readers_saw_kept(evidence: Evidence) -> Iterator[Violation]:
    """What a reader had some seconds before the process was killed is stored."""
    for run, killed in killed_runs(evidence):
        stored = sum(len(shown.text) for shown in stored_messages(evidence, run))
        if any(evidence.faults(run.first.who, killed - 2 * LOSS_SECONDS, killed, DATABASE | {"cut-postgres"})):
            continue
        seen = seen_before(evidence, run, killed - LOSS_SECONDS)
        if seen > stored:
            what = (
                f"{seen} characters were seen {LOSS_SECONDS:g} s before {run.first.who} was killed, {stored} are stored"
            )
            yield Violation("texts.what_readers_saw_kept", what, run.id)


def killed_runs(evidence: Evidence) -> Iterator[tuple[AuditedRun, float]]:
    """Runs that were interrupted because their process was killed, and when that was."""
    for run in evidence.audit.runs.values():
        life = evidence.lives.get(run.first.who)
        row = run.ends[0].new if run.ends else None
        if row is None or life is None or life.killed is None or row["stop_reason"] != "crashed":
            continue
        if run.first.at < life.killed < run.ends[0].at:
            yield run, life.killed


def stored_messages(evidence: Evidence, run: AuditedRun) -> list[Shown]:
    """The texts that are stored of a run."""
    return [shown for shown in shown_of(evidence.audit.items_at_end(run)) if shown.kind == "message"]


def seen_before(evidence: Evidence, run: AuditedRun, moment: float) -> int:
    """The most text that a reader of a run had at a moment."""
    lengths = [0]
    for reading in evidence.history.readings:
        if reading.run_id == run.id:
            lengths += [length for at, length in reading.lengths if at <= moment]
    return max(lengths)


def _text(item: dict[str, Any]) -> str:
    return "".join(part["text"] for part in item["content"])


def _brief(shown: list[Shown]) -> str:
    texts = [
        f"{one.kind} {one.text if len(one.text) < 80 else f'{one.text[:40]}...{one.text[-40:]}'!r}" for one in shown
    ]
    return f"[{', '.join(texts)}]"
