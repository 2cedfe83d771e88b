"""Runs in this process's memory, for stores that have no place for them: one at a time in a thread, others in line."""

from __future__ import annotations

from collections import OrderedDict

from ..errors import IdempotencyMismatch, QueueFull, RunActive, RunNotFound
from ..identity import Owner
from .base import RunEnd, RunLost, RunRow, RunStart

KEPT = 1000
"""How many runs that have ended are remembered."""

Place = tuple[Owner, str]


class RunTable:
    """What the ``runs`` table of a database does, for one process."""

    def __init__(self) -> None:
        self._runs: dict[tuple[Owner, str], RunRow] = {}
        self._lines: dict[Place, list[str]] = {}
        self._ended: OrderedDict[tuple[Owner, str], None] = OrderedDict()
        self._keys: dict[tuple[Owner, str], tuple[str, str]] = {}
        self._key_of: dict[tuple[Owner, str], str] = {}
        self._messages: dict[tuple[Owner, str], str] = {}

    def repeated(self, owner: Owner, start: RunStart) -> RunRow | None:
        """The run that the key has begun already, while it is remembered. :raises IdempotencyMismatch:"""
        if start.key is None or (owner, start.key.value) not in self._keys:
            return None
        run_id, digest = self._keys[owner, start.key.value]
        row = self._runs.get((owner, run_id))
        if row is None or row.created_at < start.key.since:
            return None
        if digest != start.key.digest:
            raise IdempotencyMismatch
        return row

    def check(self, owner: Owner, thread_id: str, start: RunStart) -> None:
        """:raises RunActive, QueueFull: there is no place for another run."""
        line = self._lines.get((owner, thread_id), [])
        if line and start.max_waiting == 0:
            raise RunActive
        if len(line) > start.max_waiting:
            raise QueueFull

    def add(self, owner: Owner, thread_id: str, start: RunStart, message_id: str | None = None) -> bool:
        """Put the run, and the message that it answers, in the thread's line; whether it has to wait."""
        line = self._lines.setdefault((owner, thread_id), [])
        status = "queued" if line else "running"
        line.append(start.run_id)
        self._runs[owner, start.run_id] = RunRow(start.run_id, thread_id, status, 1, start.created_at, None, None)
        if message_id is not None:
            self._messages[owner, start.run_id] = message_id
        if start.key is not None:
            self._keys[owner, start.key.value] = start.run_id, start.key.digest
            self._key_of[owner, start.run_id] = start.key.value
        return status == "queued"

    def is_active(self, owner: Owner, thread_id: str, run_id: str) -> bool:
        """Whether the run is the one that goes on in the thread."""
        line = self._lines.get((owner, thread_id), [])
        return line[:1] == [run_id] and self._runs[owner, run_id].status == "running"

    def waits(self, owner: Owner, thread_id: str, run_id: str) -> bool:
        """Whether the run is in the thread's line and has not started."""
        return run_id in self._lines.get((owner, thread_id), []) and self._runs[owner, run_id].status == "queued"

    def is_done(self, owner: Owner, end: RunEnd) -> bool:
        """Whether the run has ended as this says."""
        row = self._runs.get((owner, end.run_id))
        return row is not None and (row.status, row.ended_at) == (end.status, end.ended_at)

    def waiting_messages(self, owner: Owner, thread_id: str) -> set[str]:
        """The ids of the messages in the thread that have not been answered yet."""
        line = self._lines.get((owner, thread_id), [])
        waiting = {self._messages.get((owner, run_id)) for run_id in line if self.waits(owner, thread_id, run_id)}
        return {message_id for message_id in waiting if message_id is not None}

    def is_next(self, owner: Owner, thread_id: str, run_id: str) -> bool:
        """Whether nothing comes before a run. :raises RunLost: it does not wait."""
        line = self._lines.get((owner, thread_id), [])
        if run_id not in line:
            raise RunLost
        return line[0] == run_id

    def start(self, owner: Owner, run_id: str) -> None:
        """Its turn has come. :raises RunLost: it has ended, or gone with its thread, while that was looked at."""
        row = self._runs.get((owner, run_id))
        if row is None or row.ended_at is not None:
            raise RunLost
        self._runs[owner, run_id] = row._replace(status="running")

    def end(self, owner: Owner, end: RunEnd) -> None:
        """Take a run out of its line; one that has ended stays as it is."""
        row = self._runs.get((owner, end.run_id))
        if row is None or row.ended_at is not None:
            return
        self._runs[owner, row.id] = row._replace(status=end.status, stop_reason=end.stop_reason, ended_at=end.ended_at)
        self._leave(owner, row)
        self._ended[owner, row.id] = None
        while len(self._ended) > KEPT:
            (of, run_id), _ = self._ended.popitem(last=False)
            self._drop(of, run_id)

    def forget(self, owner: Owner, run_id: str) -> None:
        """As if the run had never been."""
        row = self._runs.get((owner, run_id))
        if row is None:
            return
        if row.ended_at is None:
            self._leave(owner, row)
        self._ended.pop((owner, run_id), None)
        self._drop(owner, run_id)

    def forget_thread(self, owner: Owner, thread_id: str) -> None:
        """All runs of a thread that is deleted."""
        for of, run_id in [key for key, row in self._runs.items() if key[0] == owner and row.thread_id == thread_id]:
            self.forget(of, run_id)

    def _leave(self, owner: Owner, row: RunRow) -> None:
        line = self._lines[owner, row.thread_id]
        line.remove(row.id)
        if not line:
            del self._lines[owner, row.thread_id]
        self._messages.pop((owner, row.id), None)

    def _drop(self, owner: Owner, run_id: str) -> None:
        del self._runs[owner, run_id]
        key = self._key_of.pop((owner, run_id), None)
        if key is not None and self._keys.get((owner, key), ("",))[0] == run_id:
            del self._keys[owner, key]

    def active(self) -> dict[str, str | None]:
        """Those that have not ended, whom nobody can ask to stop but this process."""
        return {run_id: None for line in self._lines.values() for run_id in line}

    def get(self, owner: Owner, run_id: str) -> RunRow:
        """:raises RunNotFound: it is not known any more, or never was."""
        row = self._runs.get((owner, run_id))
        if row is None:
            raise RunNotFound
        return row

    def current(self, owner: Owner, thread_id: str) -> RunRow:
        """The thread's run that goes on, or that came last. :raises RunNotFound:"""
        line = self._lines.get((owner, thread_id))
        if line:
            return self._runs[owner, line[0]]
        for (other, run_id), row in reversed(self._runs.items()):
            if other == owner and row.thread_id == thread_id:
                return self._runs[owner, run_id]
        raise RunNotFound
