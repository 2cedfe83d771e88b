"""Widget actions as typed handlers, which run only for what the stored widget offers.

::

    actions = Actions()

    @actions.on("task.complete", TaskRef)
    async def complete(turn: Turn, task: TaskRef) -> ActionOutcome:
        ...
        return ActionOutcome(widget=card(...), text="Done.")

They are given to ``ChatKit(app, actions=...)`` or, with an agent, are its ``actions``.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from chatkit import types as sdk
from chatkit.errors import BaseStreamError, CustomStreamError
from chatkit.store import NotFoundError
from pydantic import BaseModel

from ..errors import FieldError, InvalidParams, InvalidRequest, NotEnabled, Overloaded
from ..events import AgentEvent, public_dict
from ..item_locks import item_locks
from ..operations import CustomAction, StreamingOperation
from .action_outcome import ActionOutcome
from .base import Turn
from .offers import offers
from .payloads import Payload
from .text_message import TextMessage
from .tool_log import hidden_item, keep_unknown
from .tool_result import ToolFailure
from .widgets import changed_item

__all__ = ["GONE", "ActionOutcome", "Actions", "Handler"]

P = TypeVar("P", bound=BaseModel)

GONE = "This button is no longer there"


Handler = Callable[[Turn, P], Awaitable[ActionOutcome]]


@dataclass(frozen=True, slots=True)
class _Entry:
    payload: Payload[Any]
    handler: Handler[Any]


@dataclass(frozen=True, slots=True)
class _Call:
    """An action that was checked as far as it can be without its widget."""

    handler: Handler[Any]
    payload: BaseModel
    item_id: str


class Actions:
    """A registry of handlers by the action's type.

    Actions on one item come one after the other within this process, whichever registry has their handlers, each with
    the widget as it is stored by then in ``turn.sender``. Streaming ones do across processes, too; those without a
    stream (``streaming: false``) do not. Where several processes serve, what their handlers call must bear to be called
    twice: idempotent, or guarded by a request id that both calls have.

    A handler may raise :class:`ToolFailure`: its sentence is shown and the widget stays. One that is broken off by a
    stop, or by an error of another kind, may have done its work: later turns are told so.
    """

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def on(self, action_type: str, payload: type[P]) -> Callable[[Handler[P]], Handler[P]]:
        """Decorate the coroutine function ``(turn, payload) -> ActionOutcome`` that handles an action.

        :raises TypeError: it is no coroutine function.
        :raises ValueError: the type has a handler already.
        """

        def register(handler: Handler[P]) -> Handler[P]:
            if not inspect.iscoroutinefunction(handler):
                raise TypeError(
                    "an action's handler must be `async def handler(turn, payload): return ActionOutcome(...)`"
                )
            if action_type in self._entries:
                raise ValueError(f"the action {action_type} has a handler already")
            self._entries[action_type] = _Entry(Payload(payload), handler)
            return handler

        return register

    def handles(self, action_type: str) -> bool:
        """Whether the type has a handler."""
        return action_type in self._entries

    def check(self, operation: StreamingOperation) -> None:
        """Refuse an action that can be known to be wrong before its widget is read.

        :raises NotEnabled: nobody handles it.
        :raises InvalidParams: its payload is wrong, or it comes from no widget.
        """
        if isinstance(operation, CustomAction):
            self._call(operation.action.type, operation.action.payload, operation.item_id)

    async def act(self, turn: Turn) -> AsyncIterator[AgentEvent]:
        """Handle ``turn.action``: what is kept of it, the widget in its place, the text, the events.

        :raises InvalidRequest: the widget does not offer it.
        :raises CustomStreamError: a tool failed.
        """
        call = self._call_of(turn)
        async with item_locks().hold(turn.thread.id, call.item_id):
            sender = await _offering(turn, call.item_id)
            try:
                outcome = await _outcome(turn, call)
            except ToolFailure as failure:
                # No retry is offered: that would take back what came after the user's last message.
                raise CustomStreamError(failure.message, allow_retry=False) from failure
            if outcome.history:
                yield sdk.ThreadItemDoneEvent(item=hidden_item(turn, outcome.history))
            if outcome.widget is not None:
                yield sdk.ThreadItemReplacedEvent(item=changed_item(sender, outcome.widget))
        for event in _aside(outcome):
            yield event

    async def sync_act(self, turn: Turn) -> sdk.SyncCustomActionResponse:
        """Handle ``turn.action`` and answer with the changed item. The caller holds its lock until it is stored.

        :raises InvalidRequest: the widget does not offer it, or it could not be done.
        :raises Overloaded: a tool is out of reach.
        """
        call = self._call_of(turn)
        sender = await _offering(turn, call.item_id)
        try:
            outcome = await _outcome(turn, call)
        except ToolFailure as failure:
            _refuse(failure)
        if outcome.history:
            await turn.store.add_thread_item(turn.thread.id, hidden_item(turn, outcome.history), turn.context)
        if outcome.widget is None and outcome.failed:
            raise InvalidRequest(outcome.text or "This could not be done")
        changed = changed_item(sender, outcome.widget) if outcome.widget is not None else None
        return sdk.SyncCustomActionResponse(updated_item=changed)

    def _call_of(self, turn: Turn) -> _Call:
        if turn.action is None:
            raise NotEnabled("This turn is no action")
        return self._call(turn.action.type, turn.action.payload, turn.sender.id if turn.sender is not None else None)

    def _call(self, action_type: str, payload: Any, item_id: str | None) -> _Call:
        entry = self._entries.get(action_type)
        if entry is None:
            raise NotEnabled("This server does not handle this widget action")
        if item_id is None:
            missing = FieldError("params.item_id", "Field required")
            raise InvalidParams("This action has to come from a widget", errors=(missing,))
        return _Call(entry.handler, entry.payload.read(payload), item_id)


async def _outcome(turn: Turn, call: _Call) -> ActionOutcome:
    """What the handler has come to; where nobody knows, later turns are told so."""
    try:
        return await call.handler(turn, call.payload)
    except (ToolFailure, BaseStreamError, InvalidRequest):  # the handler has said itself what came of it
        raise
    except BaseException:
        if turn.action is not None:
            await keep_unknown(turn, turn.action.type, turn.action.payload)
        raise


async def _offering(turn: Turn, item_id: str) -> sdk.WidgetItem:
    """The sender as it is stored now, also in the turn, if it offers the action.

    :raises InvalidRequest: it does not, or is gone.
    """
    try:
        item = await turn.store.load_item(turn.thread.id, item_id, turn.context)
    except NotFoundError:
        raise InvalidRequest(GONE) from None
    if turn.action is None or not isinstance(item, sdk.WidgetItem):
        raise InvalidRequest(GONE)
    if offers(public_dict(item)["widget"], turn.action.type, turn.action.payload) is None:
        raise InvalidRequest(GONE)
    turn.sender = item
    return item


def _refuse(failure: ToolFailure) -> NoReturn:
    if failure.reason in ("unavailable", "timeout"):
        raise Overloaded(failure.message) from failure
    raise InvalidRequest(failure.message) from failure


def _aside(outcome: ActionOutcome) -> Sequence[AgentEvent]:
    """What is said, then the events."""
    if not outcome.text:
        return outcome.events
    message = TextMessage()
    return [message.begin(), message.delta(outcome.text), message.end(), *outcome.events]
