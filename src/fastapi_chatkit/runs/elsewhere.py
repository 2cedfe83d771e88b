"""Runs of other processes, which stop when they read in the database that they should, and are told to look."""

from __future__ import annotations

from contextlib import suppress

from ..errors import NotFound, Overloaded
from ..eventlog.base import Doorbell
from ..identity import Owner
from ..store.base import Store
from .run import StopReason


class Elsewhere:
    """Asks whichever process drives a run."""

    def __init__(self, store: Store, doorbell: Doorbell) -> None:
        self._store = store
        self._doorbell = doorbell

    async def stop(self, owner: Owner, run_id: str, reason: StopReason) -> None:
        """Ask for a run to be stopped."""
        replica = await self._store.request_stop(owner, run_id, reason)
        if replica is not None:
            self._doorbell.ring(f"replica:{replica}")

    async def stop_thread(self, owner: Owner, thread_id: str, reason: StopReason, *, but: str | None = None) -> None:
        """Ask for the run that goes on in a thread to be stopped, unless it is the one of id ``but``.

        As well as can be: each process also looks for such requests by itself.
        """
        with suppress(NotFound, Overloaded):
            run = await self._store.current_run(owner, thread_id)
            if run.ended_at is None and run.id != but:
                await self.stop(owner, run.id, reason)
