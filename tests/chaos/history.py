"""What the users did and saw, and what was done to the servers: what the checks look at afterwards.

Times are seconds since 1970: the database of the suite is on the same machine and has the same clock.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.screen import Screen
from tests.chaos.script import Script


@dataclass(eq=False)
class Message:
    """What one user said once, or had answered again (``retry_of`` an item). ``acknowledged``: when it was."""

    user: str
    script: Script
    thread_id: str | None
    key: str | None = None
    retry_of: str | None = None
    run_id: str | None = None
    acknowledged: float | None = None
    refused: str | None = None
    attempts: int = 0
    reading: Reading | None = field(default=None, repr=False)
    begun: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    """Set when it is acknowledged or refused; ``heard`` is called then."""
    heard: Callable[[Message], None] = field(default=lambda _: None, repr=False)

    def begin(self, how: str, run_id: str, thread_id: str) -> Reading:
        """The server has answered with a run, which is read from now on."""
        self.run_id, self.thread_id, self.acknowledged = run_id, thread_id, time.time()
        self.reading = Reading(self.user, how, run_id, thread_id, connections=1)
        self._hear()
        return self.reading

    def refuse(self, why: str) -> None:
        """It was not taken, as far as its user knows."""
        self.refused = why
        self._hear()

    def try_again(self) -> None:
        """Another attempt to send it, or to read the answer."""
        if self.reading is None:
            self.attempts += 1
        else:
            self.reading.connect()

    def _hear(self) -> None:
        self.begun.set()
        self.heard(self)


@dataclass(eq=False)
class Reading:
    """What one reader saw of one run, over all of its connections. ``outcome`` is what ``run.ended`` said.

    ``wrong`` is what it must not have seen; ``lengths`` how much text it had, and when.
    """

    user: str
    how: str
    run_id: str
    thread_id: str
    screen: Screen = field(default_factory=Screen, repr=False)
    offset: str = ""
    events: int = 0
    snapshots: int = 0
    connections: int = 0
    outcome: tuple[str, str | None] | None = None
    ended: float | None = None
    left: bool = False
    gone: float | None = None
    wrong: list[str] = field(default_factory=list)
    lengths: list[tuple[float, int]] = field(default_factory=list, repr=False)
    trail: deque[str] = field(default_factory=lambda: deque(maxlen=8), repr=False)
    """The last events, to understand by what is wrong with the next one."""
    _after_snapshot: bool = False

    def connect(self) -> None:
        """Another connection."""
        self.connections += 1
        self.trail.append("another connection")

    def take(self, event_id: str, event: dict[str, Any]) -> bool:
        """The next event; whether it is one of the log's, and not what the database knows instead."""
        self.events += 1
        of_log = self._check_offset(event_id, event)
        self.offset = event_id
        kind = event["type"]
        self.trail.append(f"{kind} at {event_id}")
        if self.outcome is not None:
            self.wrong.append(f"{kind} at {event_id} after the end")
        try:
            self.screen.apply(event)
        except (KeyError, IndexError) as error:
            self.wrong.append(f"{kind} at {event_id} of what never came: {error}")
        if kind == "run.snapshot":
            self.snapshots += 1
        elif kind == "run.ended":
            self.outcome, self.ended = (event["status"], event["stop_reason"]), time.time()
        self._measure()
        return of_log

    def _check_offset(self, event_id: str, event: dict[str, Any]) -> bool:
        """Offsets follow without gaps; a snapshot stands for what is missing, and tells where it goes on."""
        kind = event["type"]
        attempt, _, _ = event_id.partition("-")
        after = self._after_snapshot
        self._after_snapshot = kind == "run.snapshot" or (after and kind == "error")
        if kind == "run.snapshot":
            if event["last_event_id"] != event_id:
                self.wrong.append(f"a snapshot at {event_id} that says {event['last_event_id']}")
            return False
        if after and kind in ("error", "run.ended"):
            return False  # how it ended, by what the database knows
        expected = "1-1" if not self.offset else f"{attempt}-{int(self.offset.partition('-')[2]) + 1}"
        if event_id != expected or (self.offset and self.offset.partition("-")[0] != attempt):
            self.wrong.append(f"{kind} at {event_id} after {', '.join(self.trail) or 'nothing'}")
        return True

    def _measure(self) -> None:
        length = len(self.screen.text)
        if not self.lengths or self.lengths[-1][1] != length:
            self.lengths.append((time.time(), length))

    def lose(self, why: str) -> None:
        """The server says that there is no such run."""
        self.gone = time.time()
        self.outcome = self.outcome or ("gone", why)


class Said:
    """The events of all logs by a hash of their bytes: whoever reads a run reads the very same."""

    def __init__(self) -> None:
        self._hashes: dict[tuple[str, str], int] = {}

    def same(self, run_id: str, event_id: str, data: bytes) -> bool:
        """Whether nobody was sent other bytes at this offset."""
        return self._hashes.setdefault((run_id, event_id), hash(data)) == hash(data)


@dataclass
class Cancel:
    """A stop that was asked for; ``answered`` when the server had heard of it."""

    user: str
    run_id: str
    answered: float | None = None


@dataclass
class Fault:
    """What was done to a server: ``kind`` and ``target``, from when to when; ``note`` tells what it met."""

    kind: str
    target: str
    began: float
    ended: float | None = None
    note: str = ""

    def lasted(self, since: float, until: float) -> bool:
        """Whether some of it was between two moments."""
        return self.began <= until and (self.ended or until) >= since


@dataclass
class History:
    """Everything, in the order in which it happened."""

    say: Callable[[str], None] = print
    messages: list[Message] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    cancels: list[Cancel] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    deleted: dict[str, float] = field(default_factory=dict)
    """When the deletion of a thread was asked for."""
    left_out: int = 0
    """How much of the plan could not be done."""
    said: Said = field(default_factory=Said, repr=False)
    wrong: list[str] = field(default_factory=list)
    """What a user was told and must not have been, and what the suite saw."""
