"""The context that tools receive: the official SDK's ``AgentContext``, with its events in the order of the run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chatkit import types as sdk
from chatkit.agents import AgentContext
from chatkit.server import stream_widget
from chatkit.store import StoreItemType
from chatkit.widgets import WidgetRoot
from pydantic import PrivateAttr

from ...events import HIDDEN_TYPES
from ...identity import RequestContext
from ...ids import new_id
from ..base import Turn
from ..tool_log import ToolRecord, hidden_item
from .calls import Calls
from .outbox import Outbox

_NOT_VISIBLE = HIDDEN_TYPES | {"client_tool_call", "end_of_turn"}
"""Items after which an open workflow goes on: the user does not see them."""


class TurnContext(AgentContext[RequestContext]):
    """What ``ctx.context`` is in a tool: thread, store, request context, and ways to show things at once.

    All of the SDK's calls work as in the SDK: ``stream``, ``stream_widget``, ``start_workflow``,
    ``add_workflow_task``, ``update_workflow_task``, ``end_workflow``, and ``client_tool_call = ClientToolCall(...)`` in
    a tool that is listed in ``StopAtTools``. What they send is recorded in the order of the calls.
    """

    client_call_id: str | None = None
    """The model's id of the tool call that set ``client_tool_call``."""

    _turn: Turn = PrivateAttr()
    _outbox: Outbox = PrivateAttr(default_factory=Outbox)
    _produced: dict[str, None] = PrivateAttr(default_factory=dict[str, None])
    _calls: Calls = PrivateAttr(default_factory=Calls)
    _kept: list[sdk.ThreadItem] = PrivateAttr(default_factory=list[sdk.ThreadItem])
    _late: list[sdk.ThreadItem] = PrivateAttr(default_factory=list[sdk.ThreadItem])
    _held: list[sdk.ThreadItemDoneEvent] = PrivateAttr(default_factory=list[sdk.ThreadItemDoneEvent])

    if TYPE_CHECKING:  # pydantic makes this; spelled out because the SDK's fields are not all typed

        def __init__(self, *, thread: sdk.ThreadMetadata, store: object, request_context: RequestContext) -> None: ...

    @classmethod
    def of(cls, turn: Turn) -> TurnContext:
        """The context of a turn."""
        context = cls(thread=turn.thread, store=turn.store, request_context=turn.context)
        context._turn = turn
        return context

    @property
    def turn(self) -> Turn:
        """The turn that is answered."""
        return self._turn

    @property
    def calls(self) -> Calls:
        """What is known of this turn's calls."""
        return self._calls

    @property
    def outbox(self) -> Outbox:
        """Where this turn's events go."""
        return self._outbox

    @property
    def produced(self) -> list[str]:
        """The ids of the items that this turn has begun, in order."""
        return list(self._produced)

    def emit(self, event: sdk.ThreadStreamEvent) -> None:
        """Send an event, as it is now: models that grow afterwards do not change what was sent."""
        if isinstance(event, sdk.ThreadItemAddedEvent | sdk.ThreadItemDoneEvent):
            if self._held and event.item.type == "assistant_message":
                self.show_held()
            self._follow(event)
        self._outbox.put(event.model_copy(deep=True))

    def keep(self, record: ToolRecord) -> None:
        """Keep a call that was answered for later turns. It stays when a guardrail removes the answer: it was done."""
        item = hidden_item(self.turn, [record])
        self._kept.append(item)
        if self._outbox.closed:
            self._late.append(item)
        self.put(sdk.ThreadItemDoneEvent(item=item))

    @property
    def kept(self) -> Sequence[sdk.ThreadItem]:
        """What :meth:`keep` has kept, in order."""
        return self._kept

    @property
    def unsent(self) -> list[sdk.ThreadItem]:
        """What :meth:`keep` has kept and nobody has taken from the outbox: the answer was stopped before."""
        kept = {item.id for item in self._kept}
        waiting = [event.item for event in self._outbox.events if isinstance(event, sdk.ThreadItemDoneEvent)]
        return [*(item for item in waiting if item.id in kept), *self._late]

    def put(self, event: sdk.ThreadStreamEvent) -> None:
        """Send an event as it is, and take no account of it: a guardrail leaves it alone."""
        self._outbox.put(event)

    # --- widgets that wait ----------------------------------------------------------------------------------------

    def hold(self, event: sdk.ThreadItemDoneEvent) -> None:
        """Show an item with the next words: unless :meth:`drop_held` comes first, when it was but a step on the way."""
        self._held.append(event)

    def show_held(self) -> None:
        """What waits is shown now."""
        held, self._held = self._held, []
        for event in held:
            self.emit(event)

    def drop_held(self) -> None:
        """What waits is not shown."""
        self._held.clear()

    # --- order ----------------------------------------------------------------------------------------------------

    def _follow(self, event: sdk.ThreadItemAddedEvent | sdk.ThreadItemDoneEvent) -> None:
        """Keep track of the open workflow, which ends with the next visible item, and of what is produced."""
        item = event.item
        workflow = self.workflow_item
        if workflow is not None and workflow.id != item.id and item.type not in _NOT_VISIBLE:
            self.close_workflow()
        if event.type == "thread.item.added":
            self._produced[item.id] = None
            if item.type == "workflow":
                self.workflow_item = item
        elif workflow is None or workflow.id != item.id:
            self._produced[item.id] = None

    def close_workflow(self, summary: sdk.WorkflowSummary | None = None, *, expanded: bool = False) -> None:
        """End the open workflow, if there is one; its summary is by default how long it took."""
        item = self.workflow_item
        if item is None:
            return
        workflow = item.workflow
        workflow.summary = summary or workflow.summary or sdk.DurationSummary(duration=_seconds_since(item.created_at))
        workflow.expanded = expanded
        self.emit(sdk.ThreadItemDoneEvent(item=item))
        self.workflow_item = None

    # --- the SDK's calls ------------------------------------------------------------------------------------------

    def generate_id(self, type: StoreItemType, thread: sdk.ThreadMetadata | None = None) -> str:
        """A fresh id for an item."""
        return new_id(type)

    async def stream(self, event: sdk.ThreadStreamEvent) -> None:
        """Show something now; any event of the SDK."""
        self.emit(event)

    async def stream_widget(
        self, widget: WidgetRoot | AsyncGenerator[WidgetRoot, None], copy_text: str | None = None
    ) -> None:
        """Show a widget, or the states of one that grows."""
        async for event in stream_widget(self.thread, widget, copy_text, new_id):
            self.emit(event)

    async def start_workflow(self, workflow: sdk.Workflow) -> None:
        """Begin a workflow; the one that is open ends."""
        self.close_workflow()
        await super().start_workflow(workflow)

    async def end_workflow(self, summary: sdk.WorkflowSummary | None = None, expanded: bool = False) -> None:
        """End the open workflow."""
        self.close_workflow(summary, expanded=expanded)


def _seconds_since(moment: datetime) -> int:
    now = datetime.now()  # naive local time, as in the SDK's models
    return max(0, int((now - moment).total_seconds()))
