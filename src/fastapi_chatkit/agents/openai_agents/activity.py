"""What the user sees of the work between messages: thoughts and tool calls as tasks of one workflow.

The workflow is the context's open one (a tool may have started it), or a new one: ``reasoning`` when the model thinks,
``custom`` when it goes straight to a tool. It ends with the next visible item.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Literal

from chatkit import types as sdk

from ...events import well_formed
from ...ids import new_id
from .context import TurnContext

THOUGHT_SECONDS = 0.1
"""How often a growing thought is sent: the protocol has no delta for it, each update repeats the whole text."""


class _Entry:
    """A task and the workflow that it is in."""

    __slots__ = ("began", "chunks", "next_update", "task", "workflow")

    def __init__(self, task: sdk.Task, workflow: sdk.WorkflowItem, began: float) -> None:
        self.task = task
        self.workflow = workflow
        self.began = began
        self.chunks: list[str] = []
        self.next_update = 0.0


class Activity:
    """The tasks of one turn, by keys of the caller's choice."""

    def __init__(self, context: TurnContext, clock: Callable[[], float] = time.monotonic) -> None:
        self._context = context
        self._clock = clock
        self._entries: dict[Hashable, _Entry] = {}
        self._cut_short: set[Hashable] = set()

    # --- thoughts -------------------------------------------------------------------------------------------------

    def begin_thinking(self) -> None:
        """The model thinks; what it thinks may follow."""
        self._workflow("reasoning")

    def think(self, key: Hashable, text: str) -> None:
        """More of a thought."""
        entry = self._entries.get(key)
        if entry is None:
            entry = self._add(key, sdk.ThoughtTask(content=well_formed(text)), "reasoning")
            entry.next_update = self._clock() + THOUGHT_SECONDS
        entry.chunks.append(text)
        if self._clock() >= entry.next_update:
            entry.next_update = self._clock() + THOUGHT_SECONDS
            self._set_thought(entry, "".join(entry.chunks))

    def thought(self, key: Hashable, text: str) -> None:
        """A thought is complete; ``text`` is all of it."""
        entry = self._entries.pop(key, None)
        if key in self._cut_short:
            text = ""  # some of it is in an earlier task
        if entry is not None:
            self._set_thought(entry, text or "".join(entry.chunks))
        elif text:
            self._add(key, sdk.ThoughtTask(content=well_formed(text)), "reasoning")
            del self._entries[key]

    def end_thoughts(self) -> None:
        """Something else begins: show all of what was thought so far."""
        for key in [key for key, entry in self._entries.items() if isinstance(entry.task, sdk.ThoughtTask)]:
            self.thought(key, "")
            self._cut_short.add(key)

    def _set_thought(self, entry: _Entry, text: str) -> None:
        if isinstance(entry.task, sdk.ThoughtTask):
            entry.task.content = well_formed(text)
            self._update(entry, entry.task)

    # --- tool calls -----------------------------------------------------------------------------------------------

    def start(self, key: Hashable, task: sdk.Task) -> None:
        """A tool is called."""
        task.status_indicator = "loading"
        self._add(key, task, "custom")

    def finish(self, key: Hashable, task: sdk.Task | None = None, failure: str | None = None) -> None:
        """A tool has answered; ``task`` says more than the one that was started, ``failure`` why it did not do it."""
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        shown = task or entry.task
        shown.status_indicator = "complete"
        if isinstance(shown, sdk.CustomTask) and shown.content is None:
            took = readable_duration(self._clock() - entry.began)
            shown.content = f"{well_formed(failure)} ({took})" if failure else took
        self._update(entry, shown)

    def settle(self) -> None:
        """Complete what was left open, for the end of a turn."""
        self.end_thoughts()
        for key in list(self._entries):
            self.finish(key)

    # --- the workflow ---------------------------------------------------------------------------------------------

    def _workflow(self, kind: Literal["custom", "reasoning"]) -> sdk.WorkflowItem:
        item = self._context.workflow_item
        if item is None:
            item = sdk.WorkflowItem(
                id=new_id("workflow"),
                thread_id=self._context.thread.id,
                created_at=datetime.now(),  # naive local time, as in the SDK's models
                workflow=sdk.Workflow(type=kind, tasks=[]),
            )
            self._context.emit(sdk.ThreadItemAddedEvent(item=item))
        return item

    def _add(self, key: Hashable, task: sdk.Task, kind: Literal["custom", "reasoning"]) -> _Entry:
        item = self._workflow(kind)
        item.workflow.tasks.append(task)
        added = sdk.WorkflowTaskAdded(task=task, task_index=len(item.workflow.tasks) - 1)
        self._context.emit(sdk.ThreadItemUpdatedEvent(item_id=item.id, update=added))
        entry = self._entries[key] = _Entry(task, item, self._clock())
        return entry

    def _update(self, entry: _Entry, task: sdk.Task) -> None:
        tasks = entry.workflow.workflow.tasks
        index = next((index for index, other in enumerate(tasks) if other is entry.task), None)
        if index is None:  # a tool has put another task in its place
            return
        tasks[index] = entry.task = task
        updated = sdk.WorkflowTaskUpdated(task=task, task_index=index)
        self._context.emit(sdk.ThreadItemUpdatedEvent(item_id=entry.workflow.id, update=updated))


def readable_duration(seconds: float) -> str:
    """``0.03 s``, ``1.2 s``, ``2 min 5 s``."""
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
