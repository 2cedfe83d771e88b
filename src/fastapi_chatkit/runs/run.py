"""A run: one answer to one streaming operation. It belongs to the engine, not to a connection."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Literal

from ..identity import Owner

logger = logging.getLogger(__name__)

Status = Literal["running", "completed", "failed", "cancelled", "interrupted"]

Phase = Literal["admitted", "answering", "ending", "abandoned"]
"""Where the run is: only an answering one may be cancelled; an abandoned one has ended without its agent."""

StopReason = Literal["cancelled", "disconnected", "thread_deleted", "shutdown"]
"""Why a run was stopped from outside."""


@dataclass(eq=False, slots=True)
class Run:
    """A live run. ``resumable`` where whoever began it said that they can come back; ``followers`` have come to it."""

    id: str
    owner: Owner
    thread_id: str
    request_id: str
    created_at: str
    resumable: bool = False
    readers: int = 0
    followers: int = 0
    status: Status = "running"
    phase: Phase = "admitted"
    stopping: StopReason | None = None
    stop_reason: str | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def fields(self) -> dict[str, str | None]:
        """What every log line about the run carries."""
        return {
            "run_id": self.id,
            "thread_id": self.thread_id,
            "user_id": self.owner.user_id,
            "request_id": self.request_id,
            "status": self.status,
            "stop_reason": self.stop_reason,
        }

    def report(self) -> None:
        """One line per transition."""
        logger.info("run %s", self.status, extra=self.fields)
