"""Texts: what is stored is what was said, and what a checkpoint had is not lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.chaos.evidence import Evidence, Violation
from tests.chaos.script import Shown, shown_of


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
            held = change.new["checkpoint"] if change.new else None
            for item in json.loads(held) if held else []:
                if item["type"] == "assistant_message" and not _continues(stored.get(item["id"]), item):
                    what = f"a checkpoint by {change.who} had more of {item['id']} than there is"
                    yield Violation("texts.checkpoints_kept", what, run.id)
                    return


def _continues(stored: dict[str, Any] | None, item: dict[str, Any]) -> bool:
    return stored is not None and _text(stored).startswith(_text(item))


def _text(item: dict[str, Any]) -> str:
    return "".join(part["text"] for part in item["content"])


def _brief(shown: list[Shown]) -> str:
    texts = (one.text if len(one.text) < 80 else f"{one.text[:40]}...{one.text[-40:]}" for one in shown)
    return f"[{', '.join(map(repr, texts))}]"
