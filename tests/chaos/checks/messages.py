"""Messages: what was acknowledged is stored, once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.audit import Row
from tests.chaos.evidence import Evidence, Violation, text_of
from tests.chaos.history import Message

ABANDONED = "overloaded"
"""The reason of a run that was taken back: its client was told to try again."""


def stored_once(evidence: Evidence) -> Iterator[Violation]:
    """An acknowledged message is in its thread once, unless the thread was deleted; any other at most once."""
    stored = _stored(evidence)
    for message in _new(evidence):
        ids = stored.get(message.script.nonce, set())
        if message.acknowledged is None:
            if len(ids) > 1:
                yield Violation("messages.stored_once", f"{message.script.nonce}, unacknowledged, is stored as {ids}")
        elif len(ids) != 1 and not (not ids and message.thread_id in evidence.history.deleted):
            what = f"{message.script.nonce} is stored {len(ids)} times: {sorted(ids)}"
            yield Violation("messages.stored_once", what, message.run_id or "")


def answered_once(evidence: Evidence) -> Iterator[Violation]:
    """No two runs of one idempotency key are both there, and the runs of one message are one and its retries."""
    keys: dict[tuple[str, str], set[str]] = defaultdict(set)
    for run in evidence.audit.runs.values():
        if run.last["request_key"] is not None and not run.deleted:
            keys[run.user, run.last["request_key"]].add(run.id)
    for (user, key), ids in keys.items():
        if len(ids) > 1:
            yield Violation("messages.answered_once", f"the key {key} of {user} has the runs {sorted(ids)}")
    for nonce, ids in _answers(evidence).items():
        if len(ids) > 1:
            yield Violation("messages.answered_once", f"{nonce} was answered by {sorted(ids)}")


def kept_when_acknowledged(evidence: Evidence) -> Iterator[Violation]:
    """A run that a client was told of is there, and was not taken back."""
    for message in evidence.history.messages:
        if message.run_id is None or message.acknowledged is None:
            continue
        run = evidence.audit.runs.get(message.run_id)
        if run is None:
            yield Violation(
                "messages.kept_when_acknowledged",
                f"{message.script.nonce} was acknowledged and never stored",
                message.run_id,
            )
        elif run.deleted and run.thread_id not in evidence.history.deleted:
            yield Violation("messages.kept_when_acknowledged", f"the run of {message.script.nonce} was deleted", run.id)
        elif run.last["stop_reason"] == ABANDONED and run.last["began_at"] is None:
            yield Violation(
                "messages.kept_when_acknowledged", f"the run of {message.script.nonce} was taken back", run.id
            )


def _new(evidence: Evidence) -> Iterator[Message]:
    """Those that are said, not asked for again."""
    return (message for message in evidence.history.messages if message.retry_of is None)


def _stored(evidence: Evidence) -> dict[str, set[str]]:
    """The ids of the user's messages that are there in the end, by nonce."""
    found: dict[str, set[str]] = defaultdict(set)
    for changes in evidence.audit.items.values():
        rows: dict[str, Row | None] = {}
        for change in changes:
            row = change.new or change.old or {}
            rows[row["id"]] = change.new
        for row in rows.values():
            if row is not None and row["type"] == "user_message":
                found[text_of(row["data"]).split()[1]].add(row["id"])
    return found


def _answers(evidence: Evidence) -> dict[str, set[str]]:
    """The runs that answered a message: not its retries, nor those that were taken back, or went with their thread."""
    retries = {message.run_id for message in evidence.history.messages if message.retry_of is not None}
    found: dict[str, set[str]] = defaultdict(set)
    for run in evidence.audit.runs.values():
        script = evidence.asked.get(run.id)
        counts = run.begin is not None and not run.deleted and run.last["stop_reason"] != ABANDONED
        if script is not None and counts and run.id not in retries:
            found[script.nonce].add(run.id)
    return found
