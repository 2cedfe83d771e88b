"""What serves one event loop: an engine, and the operations that do not stream, over one store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from chatkit.store import AttachmentStore
from chatkit.store import Store as ModelStore

from ..agents.base import Agent
from ..errors import NotInitialized, ThreadNotFound
from ..eventlog.memory import MemoryEventLog
from ..identity import RequestContext
from ..runs.engine import RunEngine
from ..store.base import Store, StoreError
from ..store.generated_ids import StoreIds
from ..store.relational import RelationalStore
from ..store.sdk_store import SDKStore
from ..threads import Threads
from .contexts import context_of, with_given_context

logger = logging.getLogger(__name__)


LATE_SECONDS = 60.0
"""How long a stream that nobody has read yet is kept after its end; one that was left cannot be come back to."""


class Serving:
    """Serves over the stores that a server has at the moment. ``answering`` makes what answers, given what stops the
    run of an id.
    """

    def __init__(
        self,
        answering: Callable[[Callable[[str], None]], Agent],
        models: ModelStore[Any],
        attachment_store: AttachmentStore[Any] | None,
    ) -> None:
        self._given = models, attachment_store
        self._is_ours = isinstance(models, RelationalStore)
        self._store: Store = models if isinstance(models, RelationalStore) else SDKStore(with_given_context(models))
        agent = answering(self._cancel)
        log = MemoryEventLog(retain_seconds=LATE_SECONDS)
        self.engine = RunEngine(store=self._store, log=log, agent=agent, ids=StoreIds(models, self._store))
        self.threads = Threads(
            store=self._store, agent=agent, attachment_store=attachment_store, stop_runs=self._stop_runs
        )
        self._opened_here = False

    def serves(self, models: ModelStore[Any], attachment_store: AttachmentStore[Any] | None) -> bool:
        """Whether it works with these very stores."""
        return self._given[0] is models and self._given[1] is attachment_store

    def context_of(self, given: Any) -> RequestContext:
        """The context of a request. :raises TypeError: the store is ours and ``given`` has no ``user_id``."""
        return context_of(given, needs_owner=self._is_ours)

    async def open(self) -> None:
        """Open the store, where nobody has. :raises NotInitialized: it cannot be opened; the log says why."""
        if self._store.is_open:
            return
        try:
            await self._store.open()
        except StoreError as error:
            logger.error("the store could not be opened: %s", error)
            raise NotInitialized from error
        self._opened_here = True

    async def close(self) -> None:
        """Stop the runs, keeping their text, then close the store if it was opened here."""
        await self.engine.close()
        if self._opened_here:
            await self._store.close()

    def _cancel(self, run_id: str) -> None:
        self.engine.cancel(run_id)

    async def _stop_runs(self, context: RequestContext, thread_id: str) -> None:
        """Before a thread is deleted. In a store that is not ours, the store alone knows whose thread it is."""
        if not self._is_ours:
            try:
                await self._store.get_thread(context.owner, thread_id)
            except ThreadNotFound:
                return
        await self.engine.stop_thread(context, thread_id, "thread_deleted")
