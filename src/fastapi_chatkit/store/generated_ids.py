"""Ids from the store's generators, where somebody wrote some."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chatkit import store as sdk_store
from chatkit.types import ThreadMetadata

from ..identity import RequestContext, given_context
from ..ids import new_id
from ..rows import thread_model
from .base import Store
from .models import ModelStore

_DEFAULTS = frozenset(
    {
        sdk_store.Store.generate_thread_id,  # 32 bits: they would collide
        sdk_store.Store.generate_item_id,
        ModelStore.generate_thread_id,
        ModelStore.generate_item_id,
    }
)


class StoreIds:
    """Asks ``models``, the store as the caller wrote it; UUIDv7 where its generators are the SDK's or ours."""

    def __init__(self, models: sdk_store.Store[Any], store: Store) -> None:
        self._models = models
        self._store = store

    async def thread(self, context: RequestContext) -> str:
        """As ``generate_thread_id`` says."""
        generate = self._models.generate_thread_id
        return new_id("thread") if _is_default(generate) else generate(given_context(context))

    async def message(self, thread_id: str, context: RequestContext, *, new_thread: bool) -> str:
        """As ``generate_item_id`` says, which is shown the thread.

        :raises ThreadNotFound: there is none.
        """
        generate = self._models.generate_item_id
        if _is_default(generate):
            return new_id("message")
        if new_thread:
            thread = ThreadMetadata(id=thread_id, created_at=datetime.now())
        else:
            thread = thread_model(await self._store.get_thread(context.owner, thread_id))
        return generate("message", thread, given_context(context))


def _is_default(method: Callable[..., str]) -> bool:
    return getattr(method, "__func__", None) in _DEFAULTS
