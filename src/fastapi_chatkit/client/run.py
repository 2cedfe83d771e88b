"""A run: one answer to one streaming operation, which the server keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from pydantic import BaseModel

RunStatus = Literal["queued", "running", "completed", "failed", "cancelled", "interrupted"]


class Run(BaseModel):
    """A run's state. ``last_event_id`` is the offset of its newest event, None where its log is no longer kept."""

    id: str
    thread_id: str
    status: RunStatus
    attempt: int
    created_at: datetime
    ended_at: datetime | None = None
    stop_reason: str | None = None
    last_event_id: str | None = None

    @property
    def active(self) -> bool:
        """Whether more is to come."""
        return self.status in ("queued", "running")


class RunReply(BaseModel):
    """What ``runs.get`` and ``runs.cancel`` answer."""

    run: Run


class Outcome(NamedTuple):
    """How an answer ended: ``run.ended``'s words. Of a server without runs, what the stream has shown."""

    status: RunStatus
    stop_reason: str | None = None
