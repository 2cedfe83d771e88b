"""From an agent's events to stored items and log rows, in that order: what a reader sees is stored already.

Persistence is the SDK's: ``done`` and ``replaced`` store an item, ``removed`` deletes it, updates of a growing item are
kept in memory until it is done. Beyond the SDK, updates of an item that was stored before are saved too, and hidden
items are never sent, whichever event carries them.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator, Sequence
from typing import Any, assert_never

import orjson
from chatkit import types as sdk

from ..errors import ItemNotFound, ThreadNotFound
from ..eventlog.base import RunLog
from ..events import (
    HIDDEN_TYPES,
    AgentEvent,
    EventType,
    MessageBegin,
    MessageEnd,
    Offset,
    TextDelta,
    dumps,
    event_dict,
    item_dict,
    now,
    public_dict,
)
from ..identity import Owner
from ..items import Item
from ..rows import ItemRow, ThreadRow, item_row, model_row, thread_row
from ..store.base import RunLost, RunRow, Store, ThreadChanges
from .coalesce import Coalescer
from .item_ids import ItemIds
from .patience import PatientStore
from .pending import PendingItem
from .snapshot import snapshot_json
from .updates import MAX_PARTS, close_workflow, new_part, part_at

logger = logging.getLogger(__name__)

FinishingEvent = sdk.ThreadItemDoneEvent | sdk.ThreadItemReplacedEvent


class Recorder:
    """Records one attempt of one run. ``window`` is the merging window of text deltas, in seconds."""

    def __init__(
        self,
        *,
        store: Store,
        log: RunLog,
        owner: Owner,
        thread: sdk.ThreadMetadata,
        stored: ThreadRow,
        run_id: str,
        window: float,
    ) -> None:
        self._store = PatientStore(store, run_id)
        self._log = log
        self._owner = owner
        self._thread = thread
        self._saved_row = stored
        self._saved = _snapshot(thread)
        self._run_id = run_id
        self._ids = ItemIds(self._store, owner, thread.id, run_id)
        self._pending: dict[str, PendingItem] = {}
        self._coalescer = Coalescer(window, log.append_text)
        self._last: ItemRow | None = None
        self._checkpointed: tuple[int, int] | None = None
        self._grows = False

    def resume(self, thread: sdk.ThreadMetadata, stored: ThreadRow) -> None:
        """Go on with the thread as it is now, after the run has waited for its turn."""
        self._thread = thread
        self._saved_row = stored
        self._saved = _snapshot(thread)

    # --- what agents yield ----------------------------------------------------------------------------------------

    @property
    def holding(self) -> bool:
        """Whether the last item waits for the run's end: then :meth:`text` would overtake it."""
        return self._last is not None

    def text(self, delta: TextDelta) -> None:
        """Record streamed text: the hot path, without a coroutine, a model or a store call."""
        item_id = self._ids.current(delta.item_id)
        if not 0 <= delta.content_index < MAX_PARTS:
            raise ValueError(f"content_index is {delta.content_index}, and must be 0 to {MAX_PARTS - 1}")
        pending = self._pending.get(item_id)
        if pending is not None and pending.takes_text:
            pending.add_text(delta.content_index, delta.delta)
            self._grows = True
        self._coalescer.add(item_id, delta.content_index, delta.delta)

    async def record(self, event: AgentEvent) -> None:
        """Record any event: store what it asks for, then log it, then save what the agent changed on the thread."""
        self._grows = True
        if self._last is not None:
            await self._publish("thread.item.done", self._last)
            self._last = None
        match event:
            case TextDelta():
                self.text(event)
                return
            case sdk.ThreadItemUpdatedEvent(update=sdk.AssistantMessageContentPartTextDelta() as update):
                self.text(TextDelta(event.item_id, update.content_index, update.delta))
                return
            case _:
                self._coalescer.flush()
        match event:
            case MessageBegin():
                self._begin_message(event.item_id)
            case MessageEnd():
                await self._end_message(event)
            case _:
                await self._record_other(event)
        await self.save_thread()

    def _begin_message(self, item_id: str) -> None:
        item: Item = {
            "id": item_id,
            "thread_id": self._thread.id,
            "created_at": now(),
            "type": "assistant_message",
            "content": [],
        }
        self.log("thread.item.added", {"item": item})
        part = {"type": "assistant_message.content_part.added", "content_index": 0, "content": new_part()}
        self.log("thread.item.updated", {"item_id": item_id, "update": part})
        self._pending[item_id] = PendingItem(item)

    async def _end_message(self, event: MessageEnd) -> None:
        item = self._pending[event.item_id].item
        part = {"type": "assistant_message.content_part.done", "content_index": 0, "content": part_at(item, 0)}
        self.log("thread.item.updated", {"item_id": event.item_id, "update": part})
        row = item_row(item)
        if event.last:
            self._last = row
        else:
            await self._publish("thread.item.done", row)
        del self._pending[event.item_id]

    async def _record_other(self, event: sdk.ThreadStreamEvent) -> None:
        match event:
            case sdk.ThreadItemAddedEvent():
                await self._begin(event)
            case sdk.ThreadItemDoneEvent() | sdk.ThreadItemReplacedEvent():
                await self._finish(event)
            case sdk.ThreadItemUpdatedEvent():
                await self._update(event)
            case sdk.ThreadItemRemovedEvent():
                for item_id in self._ids.all(event.item_id):
                    self._pending.pop(item_id, None)
                    await self._store.remove_item(self._owner, self._thread.id, item_id)
                    self.log(event.type, {"item_id": item_id})
            case (
                sdk.ThreadCreatedEvent()
                | sdk.ThreadUpdatedEvent()
                | sdk.StreamOptionsEvent()
                | sdk.ProgressUpdateEvent()
                | sdk.ClientEffectEvent()
                | sdk.ErrorEvent()
                | sdk.NoticeEvent()
            ):
                self._append(event.type, event_dict(event))
            case _:
                assert_never(event)

    async def _begin(self, event: sdk.ThreadItemAddedEvent) -> None:
        item = {**item_dict(event.item), "thread_id": self._thread.id}
        item["id"] = await self._ids.begin(event.item.id, event.item.type)
        self._pending[item["id"]] = PendingItem(item)
        if item["type"] not in HIDDEN_TYPES:
            self.log(event.type, {"item": item})

    async def _finish(self, event: FinishingEvent) -> None:
        row = model_row(await self._with_stored_id(event))
        await self._publish(event.type, row)
        self._pending.pop(row.id, None)
        self._ids.finish(event.item.id)

    async def _publish(self, kind: EventType, row: ItemRow) -> None:
        await self._store.put_item(self._owner, self._thread.id, row)
        if not row.hidden:
            self.log_item(kind, row)

    async def _with_stored_id(self, event: FinishingEvent) -> sdk.ThreadItem:
        item_id = self._ids.current(event.item.id)
        if event.type == "thread.item.done" and item_id not in self._pending:
            item_id = await self._ids.begin(event.item.id, event.item.type)
        place = {"id": item_id, "thread_id": self._thread.id}
        if (event.item.id, event.item.thread_id) == (item_id, self._thread.id):
            return event.item
        return event.item.model_copy(update=place)

    async def _update(self, event: sdk.ThreadItemUpdatedEvent) -> None:
        item_id = self._ids.current(event.item_id)
        update = public_dict(event.update)
        pending = self._pending.get(item_id) or await self._adopt(item_id)
        if pending is not None:
            pending.update(update)
            if pending.item["type"] in HIDDEN_TYPES:
                return
        self.log(event.type, {"item_id": item_id, "update": update})

    async def _adopt(self, item_id: str) -> PendingItem | None:
        """A stored item that the agent changes: saved with the run's end."""
        try:
            row = await self._store.get_item(self._owner, self._thread.id, item_id)
        except ItemNotFound:
            return None
        pending = self._pending[item_id] = PendingItem(orjson.loads(row.data), stored=True)
        return pending

    async def save_thread(self) -> None:
        """Store and announce what the agent changed on the thread, and nothing else of it.

        What cannot be stored is logged: a title must not cost the answer.
        """
        try:
            await self._save_thread()
        except (ThreadNotFound, RunLost):
            raise
        except Exception as error:
            logger.error("the thread of run %s was not saved", self._run_id, exc_info=error)

    async def _save_thread(self) -> None:
        current = _snapshot(self._thread)
        if current == self._saved:
            return
        row, before = thread_row(self._thread), self._saved_row._asdict()
        changed = {name: value for name, value in row._asdict().items() if value != before[name]}
        # Where there was no title, somebody else may have given one meanwhile: theirs stays, and is announced.
        changes = ThreadChanges(changed, untitled=self._saved_row.title is None)
        stored = await self._store.change_thread(self._owner, self._thread.id, changes)
        self._saved, self._saved_row = current, row
        self.log_json("thread.updated", '"thread":' + stored.public())

    # --- what a crash would lose ----------------------------------------------------------------------------------

    def checkpoint(self) -> tuple[str, int] | None:
        """The items that were begun and are not stored, as they would be kept, as JSON, and the newest event in the log
        by then; ``None`` where nothing changed.

        Changes to items that are stored already are not among them: nobody would know which of the two is newer.
        """
        if not self._grows or not self._coalescer.flush_whole():
            return None
        self._grows = False
        seq = self._log.last.seq
        begun = [pending.item for pending in self._kept(completed=False) if not pending.stored]
        if self._last is not None:
            begun.insert(0, orjson.loads(self._last.data))
        if any(item["type"] == "workflow" for item in begun):
            begun = copy.deepcopy(begun)
            for item in begun:
                if item["type"] == "workflow":
                    close_workflow(item)
        checkpoint = dumps(begun).decode()
        if (hash(checkpoint), seq) == self._checkpointed:  # to keep the text for this would be its third copy
            return None
        self._checkpointed = hash(checkpoint), seq
        return checkpoint, seq

    def checkpoint_again(self) -> None:
        """The last one was not stored: make another, also where nothing is new."""
        self._checkpointed = None
        self._grows = True

    # --- the end --------------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Log the text that is held back."""
        self._coalescer.flush()

    def unfinished(self) -> list[PendingItem]:
        """What was begun and not done, with content."""
        return [pending for pending in self._pending.values() if pending.has_content()]

    def settle(self, *, completed: bool, keep: bool = True) -> list[ItemRow]:
        """The rows to store with the run's end; :meth:`announce` logs them once they are stored.

        What is finished and not published yet is always among them. With ``keep``, so is what is unfinished: all of it
        after a completed run; after any other text, workflows and changes to stored items, but no half-built widget.
        """
        if not completed:
            for pending in self._pending.values():
                if pending.item["type"] == "workflow":
                    close_workflow(pending.item)
        unfinished = [item_row(pending.item) for pending in self._kept(completed)] if keep else []
        return [self._last, *unfinished] if self._last is not None else unfinished

    def announce(self, *, completed: bool) -> None:
        """Tell readers how the unfinished items ended."""
        if self._last is not None:
            self.log_item("thread.item.done", self._last)
        kept = set(map(id, self._kept(completed)))
        for item_id, pending in self._pending.items():
            item_type = pending.item["type"]
            if pending.stored or item_type in HIDDEN_TYPES:
                if item_type == "workflow" and not completed:
                    self.log_item("thread.item.replaced", item_row(pending.item))  # its tasks no longer load
                continue
            if id(pending) not in kept:
                self.log("thread.item.removed", {"item_id": item_id})
            elif item_type != "workflow" or not completed:  # one that is left open goes on in the next turn
                self.log_item("thread.item.done", item_row(pending.item))

    def _kept(self, completed: bool) -> Iterator[PendingItem]:
        for pending in self.unfinished():
            if completed or pending.stored or pending.item["type"] in ("assistant_message", "workflow"):
                yield pending

    # --- the log --------------------------------------------------------------------------------------------------

    def log_item(self, kind: EventType, row: ItemRow) -> None:
        """Log an event about a stored item."""
        self.log_json(kind, '"item":' + row.public)

    def log_snapshot(self, row: RunRow, items: Sequence[ItemRow]) -> None:
        """Log the run's items as they are stored, which may be other than what was logged: it goes on after this."""
        attempt, seq = self._log.last
        self._log.append("run.snapshot", snapshot_json(row, items, Offset(attempt, seq + 1)))

    def log_json(self, kind: EventType, fields: str) -> None:
        """Log an event from the JSON of its other fields."""
        self._log.append(kind, f'{{"type":"{kind}",{fields}}}'.encode())

    def log(self, kind: EventType, fields: dict[str, Any]) -> None:
        """Log an event from its other fields."""
        self._append(kind, {"type": kind, **fields})

    def _append(self, kind: EventType, data: dict[str, Any]) -> None:
        self._log.append(kind, dumps(data))


def _snapshot(thread: sdk.ThreadMetadata) -> tuple[Any, ...]:
    """What an agent may change, to compare with later; far cheaper than a deep copy of the model."""
    metadata = copy.deepcopy(thread.metadata) if thread.metadata else {}
    domains = thread.allowed_image_domains
    return thread.title, thread.status.type, _reason(thread.status), domains and tuple(domains), metadata


def _reason(status: sdk.ThreadStatus) -> str | None:
    return None if isinstance(status, sdk.ActiveStatus) else status.reason
