"""All that there is to judge by when it is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from tests.chaos.audit import Audit
from tests.chaos.history import Fault, History, Reading
from tests.chaos.logs import Line
from tests.chaos.replica import Life
from tests.chaos.script import Script
from tests.chaos.streams import Stream

HARD = frozenset({"kill", "kill-two", "freeze", "term", "cut-postgres"})
"""What may end the runs of the replica that it is done to."""

DATABASE = frozenset({"postgres-restart", "postgres-crash", "postgres-freeze", "postgres-clients"})
"""What may end anybody's, or keep everybody waiting."""


class Violation(NamedTuple):
    """Something that must not be, and whom it is about."""

    rule: str
    what: str
    run_id: str = ""


@dataclass
class Evidence:
    """``lives`` by their name in the audit; ``began`` and ``quiet``: when it began, and when no more was done."""

    history: History
    audit: Audit
    lives: dict[str, Life] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    began: float = 0.0
    quiet: float = 0.0

    @cached_property
    def asked(self) -> dict[str, Script]:
        """What each run was to say: by what its user knows, or by the message that was stored with it."""
        found: dict[str, Script] = {}
        for changes in self.audit.items.values():
            for row in (change.new for change in changes):
                if row is not None and row["type"] == "user_message":
                    found.setdefault(row["run_id"], Script.parse(text_of(row["data"])))
        told = {message.run_id: message.script for message in self.history.messages if message.run_id is not None}
        return {**found, **told}

    @cached_property
    def _readings(self) -> dict[str, list[Reading]]:
        found: dict[str, list[Reading]] = {}
        for reading in self.history.readings:
            found.setdefault(reading.run_id, []).append(reading)
        return found

    def readings_of(self, run_id: str) -> list[Reading]:
        """Who read a run."""
        return self._readings.get(run_id, [])

    def faults(self, who: str, since: float, until: float, kinds: frozenset[str] | None = None) -> Iterator[Fault]:
        """What was done in that time to a process (by its name in the audit), its servers, or the others' servers."""
        place = who.partition(".")[0]
        for fault in self.history.faults:
            concerns = fault.target in (place, "postgres", "redis", "nginx") and (kinds is None or fault.kind in kinds)
            if concerns and fault.lasted(since, until):
                yield fault


def text_of(data: str) -> str:
    """The text of a user's message, from its item's JSON."""
    return "".join(part.get("text", "") for part in json.loads(data)["content"])
