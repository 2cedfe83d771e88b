"""Evidence made by hand, of runs that went as they should; tests spoil one thing of it."""

from __future__ import annotations

import json
from typing import Any

from tests.chaos.audit import audit_of
from tests.chaos.evidence import Evidence
from tests.chaos.history import Fault, History, Message, Reading
from tests.chaos.logs import Line
from tests.chaos.replica import Life
from tests.chaos.script import Script
from tests.chaos.streams import Stream

USER = "user00"
HOLD = "checkpoint", "ended_at", "stop_reason", "stop_requested", "request_key", "began_at"


class Doctored:
    """Writes what the triggers would write, one second after the other, and what the clients would have seen."""

    def __init__(self) -> None:
        self.history = History(say=lambda _: None)
        self.lives: dict[str, Life] = {}
        self.lines: list[Line] = []
        self.streams: dict[str, Stream] = {}
        self.now = 1000.0
        self._rows: list[tuple[Any, ...]] = []
        self._runs: dict[str, dict[str, Any]] = {}
        self._seqs = 0
        self._xids = 0

    def evidence(self) -> Evidence:
        """All of it."""
        audit = audit_of(self._rows)
        return Evidence(self.history, audit, self.lives, self.streams, self.lines, began=1000.0, quiet=self.now)

    # --- the database -------------------------------------------------------------------------------------------------

    def admit(self, script: Script, run: str = "run_1", thread: str = "thr_1", *, waits: bool = False) -> Message:
        """A message and its run, of process ``a.1``, which its user is told of."""
        status = "queued" if waits else "running"
        self._seqs += 1
        row = dict.fromkeys(HOLD) | {"id": run, "thread_id": thread, "user_id": USER, "seq": self._seqs}
        self._runs[run] = row | {"status": status, "attempt": 1, "request_key": f"key of {run}"}
        self._runs[run]["began_at"] = None if waits else "then"
        xid = self.transaction()
        self.item(run, message_item(script), xid=xid)
        self._write("a.1", "runs", self._runs[run], xid)
        message = Message(USER, script, thread, f"key of {run}", run_id=run, acknowledged=self.now, attempts=1)
        self.history.messages.append(message)
        return message

    def change(self, run: str, who: str = "a.1", xid: int | None = None, **values: Any) -> None:
        """Change columns of a run."""
        self._runs[run] = self._runs[run] | values
        self._write(who, "runs", self._runs[run], xid or self.transaction())

    def end(
        self, run: str, status: str = "completed", reason: str | None = None, who: str = "a.1", **values: Any
    ) -> None:
        """End a run."""
        ended = {"status": status, "stop_reason": reason, "ended_at": "now", "checkpoint": None}
        self.change(run, who, **ended, **values)

    def item(
        self, run: str, item: dict[str, Any], who: str = "a.1", *, xid: int | None = None, gone: bool = False
    ) -> None:
        """Store an item of a run, or delete it."""
        self._seqs += 1
        thread = self._runs[run]["thread_id"]
        row = {"id": item["id"], "thread_id": thread, "seq": self._seqs, "run_id": run, "hidden": False}
        row |= {"type": item["type"], "data": json.dumps(item)}
        self._write(who, "items", row, xid or self.transaction(), gone)

    def delete(self, run: str) -> None:
        """Delete a run's row, as its thread's deletion does."""
        self._write("b.1", "runs", self._runs[run], self.transaction(), True)

    def transaction(self) -> int:
        """The next transaction's id."""
        self._xids += 1
        return self._xids

    def _write(self, who: str, what: str, row: dict[str, Any], xid: int, gone: bool = False) -> None:
        self.now += 1
        self._rows.append((len(self._rows), self.now, xid, 1, who, what, json.dumps(row), gone))

    # --- the clients --------------------------------------------------------------------------------------------------

    def read(self, run: str = "run_1", *events: tuple[str, dict[str, Any]], thread: str = "thr_1") -> Reading:
        """A reader that got these events: pairs of an offset and an event."""
        reading = Reading(USER, "bare", run, thread, connections=1)
        for offset, event in events:
            reading.take(offset, event)
        self.history.readings.append(reading)
        return reading

    def fault(self, kind: str, target: str, since: float, until: float) -> None:
        """Something was done."""
        self.history.faults.append(Fault(kind, target, since, until))


def message_item(script: Script) -> dict[str, Any]:
    """The user's message."""
    return {
        "id": f"msg_{script.nonce}",
        "type": "user_message",
        "content": [{"type": "input_text", "text": str(script)}],
    }


def answer_item(script: Script, tokens: int, at: int = 0) -> dict[str, Any]:
    """An assistant's message with the first tokens of a part."""
    text = "".join(script.token(at, index) for index in range(tokens))
    content = [{"type": "output_text", "text": text}]
    return {"id": f"msg_{script.nonce}_answer", "type": "assistant_message", "content": content}


def events_of(
    script: Script, tokens: int, status: str = "completed", reason: str | None = None
) -> list[tuple[str, dict[str, Any]]]:
    """What a reader gets of a run that says so much of its first part, with the offsets."""
    answer = answer_item(script, 0)
    update = {"type": "assistant_message.content_part.text_delta", "content_index": 0}
    deltas = [{**update, "delta": script.token(0, index)} for index in range(tokens)]
    events = [
        {"type": "run.started"},
        {"type": "thread.item.done", "item": message_item(script)},
        {"type": "thread.item.added", "item": answer},
        *({"type": "thread.item.updated", "item_id": answer["id"], "update": delta} for delta in deltas),
        {"type": "thread.item.done", "item": answer_item(script, tokens)},
        {"type": "run.ended", "status": status, "stop_reason": reason},
    ]
    return [(f"1-{seq}", event) for seq, event in enumerate(events, 1)]
