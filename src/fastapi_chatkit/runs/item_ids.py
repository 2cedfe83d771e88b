"""Item ids that no provider can make collide.

Chat Completions and LiteLLM give every message one constant id (``__fake_id__``), and the SDK passes it on: messages
then overwrite each other in the UI and in the store. An id that a run reuses, or that another run has stored, is
replaced by a fresh one for this run.
"""

from __future__ import annotations

from typing import Final

from ..identity import Owner
from ..ids import IdKind, is_ours, new_id
from .patience import PatientStore

KINDS: Final[dict[str, IdKind]] = {
    "assistant_message": "message",
    "client_tool_call": "tool_call",
    "structured_input": "message",
}
"""The item types whose ids come from model providers, or that hold an answer which the same id must not overwrite."""


class ItemIds:
    """The ids of one run, as the agent says them and as they are stored."""

    def __init__(self, store: PatientStore, owner: Owner, thread_id: str, run_id: str) -> None:
        self._store = store
        self._owner = owner
        self._thread_id = thread_id
        self._run_id = run_id
        self._names: dict[str, list[str]] = {}
        self._finished: set[str] = set()

    def current(self, item_id: str) -> str:
        """The stored id of the item that the agent now calls ``item_id``."""
        names = self._names.get(item_id)
        return names[-1] if names else item_id

    def all(self, item_id: str) -> list[str]:
        """The stored ids of every item of this run that the agent has called ``item_id``."""
        return self._names.get(item_id) or [item_id]

    async def begin(self, item_id: str, item_type: str) -> str:
        """The id to store a new item under."""
        kind = KINDS.get(item_type)
        if kind is None or is_ours(item_id):
            return item_id
        if item_id in self._finished or await self._belongs_to_another_run(item_id):
            stored_id = new_id(kind)
        else:
            stored_id = item_id
        self._names.setdefault(item_id, []).append(stored_id)
        return stored_id

    def finish(self, item_id: str) -> None:
        """The item is done: the next one that begins under this id is another."""
        self._finished.add(item_id)

    async def _belongs_to_another_run(self, item_id: str) -> bool:
        exists, run_id = await self._store.item_run(self._owner, self._thread_id, item_id)
        return exists and run_id != self._run_id
